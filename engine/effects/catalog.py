"""The effects as data: what a preset file may name, without importing Taichi.

Each entry's parameters are in the order of the effect's own `Params`; engine.effects.registry has the drawing code.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.scene import EffectSpec, ParamSpec

BLENDS = ("normal", "add", "screen", "multiply")

EFFECTS: Mapping[str, EffectSpec] = {
    "solid": EffectSpec(
        "A vertical gradient between two tones of the palette.",
        {
            "top": ParamSpec(0.1, 0.0, 1.0, "palette position at the top edge"),
            "bottom": ParamSpec(0.0, 0.0, 1.0, "palette position at the bottom edge"),
            "gain": ParamSpec(1.0, 0.0, 8.0, "linear brightness"),
        },
    ),
}
