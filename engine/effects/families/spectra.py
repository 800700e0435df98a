"""The spectrum along a line or over time."""

from __future__ import annotations

from collections.abc import Mapping

from engine.effects.units import LIGHT, SHORT
from engine.scene import EffectSpec
from engine.scene import ParamSpec as P

EFFECTS: Mapping[str, EffectSpec] = {
    "bars": EffectSpec(
        "The log spectrum as rounded bars with held peaks, standing on a mirror.",
        {
            "count": P(64.0, 4.0, 128.0, "number of bars"),
            "fill": P(0.66, 0.1, 1.0, "width of a bar within its place"),
            "floor": P(-0.3, -1.0, 1.0, "height of the floor", "half heights"),
            "height": P(1.0, 0.05, 3.0, "height of a full bar", SHORT),
            "mirror": P(0.3, 0.0, 1.0, "light of the reflection"),
            "gain": P(1.0, 0.0, 16.0, "brightness", LIGHT),
            "width": P(0.9, 0.1, 1.0, "share of the canvas' width"),
            "cap": P(0.8, 0.0, 4.0, "light of the held peaks"),
        },
        columns=5,
        reads=("bands", "peaks"),
    ),
}
