"""Backdrops and masks: what stands behind or before the rest."""

from __future__ import annotations

from collections.abc import Mapping

from engine.effects.units import LIGHT, SHORT
from engine.scene import EffectSpec
from engine.scene import ParamSpec as P

EFFECTS: Mapping[str, EffectSpec] = {
    "solid": EffectSpec(
        "A vertical gradient between two tones of the palette.",
        {
            "top": P(0.1, 0.0, 1.0, "palette position at the top edge"),
            "bottom": P(0.0, 0.0, 1.0, "palette position at the bottom edge"),
            "gain": P(1.0, 0.0, 8.0, "brightness", LIGHT),
        },
    ),
    "stars": EffectSpec(
        "A seeded field of twinkling points.",
        {
            "density": P(0.5, 0.0, 1.0, "share of the cells that hold a star"),
            "size": P(0.004, 0.0005, 0.02, "radius of a bright star", SHORT),
            "twinkle": P(0.4, 0.0, 1.0, "how much the light varies"),
            "gain": P(1.0, 0.0, 16.0, "brightness", LIGHT),
            "drift": P(0.0, -1e6, 1e6, "how far the sky has moved", SHORT),
        },
    ),
    "ridge": EffectSpec(
        "The silhouette of hills along the lower edge, a mask for the blend `multiply`.",
        {
            "level": P(0.35, -2.0, 4.0, "mean height above the lower edge", SHORT),
            "height": P(0.16, 0.0, 2.0, "height of the hills", SHORT),
            "roughness": P(0.5, 0.0, 0.9, "0: round, 0.9: jagged"),
        },
        columns=1,
    ),
    "shore": EffectSpec(
        "A night sky over far hills and still water, lit by the bursts of `fireworks`.",
        {
            "horizon": P(-0.55, -2.0, 1.0, "height of the water's far edge", "half heights"),
            "height": P(0.2, 0.0, 1.0, "height of the hills", SHORT),
            "glow": P(0.5, 0.0, 4.0, "light over the horizon", LIGHT),
            "light": P(0.6, 0.0, 4.0, "how much the bursts light haze and water"),
            "life": P(2.6, 0.2, 6.0, "how long a burst glows", "s"),
            "flow": P(0.0, -1e6, 1e6, "how far the waves have moved (integrate something)"),
            "stars": P(1.0, 0.0, 8.0, "light of the stars", LIGHT),
        },
        columns=23,
        reads=("beats",),
    ),
    "nebula": EffectSpec(
        "Clouds of gas that come slowly nearer, with dark lanes and a light in their midst.",
        {
            "travel": P(0.0, -1e6, 1e6, "how far the flight has come (integrate a speed)"),
            "turn": P(0.0, -1e6, 1e6, "rotation", "radians"),
            "sway": P(0.5, 0.0, 2.0, "how far the middle wanders"),
            "gain": P(1.0, 0.0, 8.0, "brightness", LIGHT),
            "density": P(0.6, 0.0, 1.0, "how dark the lanes are"),
            "core": P(0.5, 0.0, 8.0, "light in the middle"),
        },
    ),
}
