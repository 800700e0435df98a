"""Worlds with a state of their own, stepped sixty times a second."""

from __future__ import annotations

from collections.abc import Mapping

from engine.effects.units import LIGHT
from engine.scene import EffectSpec
from engine.scene import ParamSpec as P

EFFECTS: Mapping[str, EffectSpec] = {
    "ripples": EffectSpec(
        "A pond that mirrors the moon: beats and onsets are drops that fall into it.",
        {
            "travel": P(0.0, -1e6, 1e6, "how far the swell and the clouds have moved (integrate a speed)", "radians"),
            "gain": P(1.0, 0.0, 8.0, "brightness of the sky in the water", LIGHT),
            "drop": P(0.5, 0.0, 4.0, "how hard the drops of the beats fall"),
            "rain": P(0.4, 0.0, 4.0, "how hard the drops of the onsets fall"),
            "life": P(3.2, 0.2, 8.0, "how long a ring runs", "s"),
            "swell": P(0.3, 0.0, 2.0, "height of the long waves"),
            "glitter": P(0.5, 0.0, 4.0, "height of the small waves"),
            "glow": P(0.6, 0.0, 8.0, "light of the rings themselves", LIGHT),
            "moon": P(1.0, 0.0, 8.0, "light of the moon", LIGHT),
        },
        reads=("beats", "onsets"),
    ),
}
