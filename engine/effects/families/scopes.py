"""The waveform, and what it says of left and right."""

from __future__ import annotations

from collections.abc import Mapping

from engine.effects.units import LIGHT, SHORT
from engine.scene import EffectSpec
from engine.scene import ParamSpec as P

EFFECTS: Mapping[str, EffectSpec] = {
    "scope": EffectSpec(
        "The waveform as an electron beam, left and right.",
        {
            "height": P(0.6, 0.0, 2.0, "height of a full-scale wave", SHORT),
            "width": P(0.006, 0.001, 0.1, "half width of the beam", SHORT),
            "apart": P(0.0, 0.0, 1.0, "distance of left and right from the middle", "half heights"),
            "gain": P(1.0, 0.0, 16.0, "brightness", LIGHT),
            "grid": P(0.1, 0.0, 2.0, "light of the graticule", LIGHT),
            "halo": P(0.2, 0.0, 2.0, "light around the beam"),
        },
        columns=4,
        reads=("waves",),
    ),
}
