"""Shader fields: a colour for every place, moved by the music."""

from __future__ import annotations

from collections.abc import Mapping

from engine.effects.units import LIGHT, SHORT
from engine.scene import EffectSpec
from engine.scene import ParamSpec as P

EFFECTS: Mapping[str, EffectSpec] = {
    "aurora": EffectSpec(
        "Curtains of light, folded by slow waves.",
        {
            "flow": P(0.0, -1e6, 1e6, "how far the folds have moved (integrate something)", "radians"),
            "lift": P(0.0, 0.0, 2.0, "raises and stretches the curtains"),
            "detail": P(0.8, 0.0, 1.0, "contrast of the rays"),
            "gain": P(1.0, 0.0, 8.0, "brightness", LIGHT),
            "height": P(0.55, 0.05, 3.0, "height of the curtains", SHORT),
            "sky": P(1.0, 0.0, 4.0, "light at the horizon", LIGHT),
        },
        columns=9,
    ),
    "flow": EffectSpec(
        "Silk in slow water: a cloth that sines fold, and that is lit from above.",
        {
            "travel": P(0.0, -1e6, 1e6, "how far the water has moved (integrate a speed)", "radians"),
            "fold": P(0.9, 0.0, 2.0, "how far the cloth is folded"),
            "scale": P(0.8, 0.1, 4.0, "how much of the cloth is seen"),
            "gain": P(1.0, 0.0, 8.0, "brightness", LIGHT),
            "sheen": P(0.6, 0.0, 8.0, "light that the folds throw back"),
            "threads": P(0.4, 0.0, 1.0, "how much the threads show"),
            "tone": P(0.0, -1e6, 1e6, "where in the palette the cloth's colours lie", "radians"),
        },
    ),
}
