"""The post passes as data, in the order in which they run, without importing Taichi."""

from __future__ import annotations

from collections.abc import Mapping

from engine.scene import EffectSpec, ParamSpec

PASSES: Mapping[str, EffectSpec] = {
    "bloom": EffectSpec(
        "Light that spreads around bright parts (multi-scale blur of the linear image).",
        {
            "strength": ParamSpec(0.4, 0.0, 4.0, "how much of the blurred light is added"),
            "spread": ParamSpec(0.6, 0.0, 1.0, "0: tight glow, 1: wide haze"),
        },
    ),
    "tonemap": EffectSpec(
        "Exposure, then a filmic curve from linear light to display range.",
        {
            "exposure": ParamSpec(1.0, 0.0, 16.0, "linear gain before the curve"),
            "saturation": ParamSpec(1.0, 0.0, 2.0, "1 keeps the colours, 0 is grey"),
        },
    ),
    "vignette": EffectSpec(
        "Darkens the corners.",
        {
            "strength": ParamSpec(0.3, 0.0, 1.0, "0: none, 1: black corners"),
            "radius": ParamSpec(0.9, 0.1, 2.0, "distance from the centre where it starts", "half heights"),
        },
    ),
    "dither": EffectSpec(
        "Seeded noise of one output level, against banding.",
        {"strength": ParamSpec(1.0, 0.0, 4.0, "amplitude", "output levels")},
    ),
}
