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
    "plasma": EffectSpec(
        "Threads of light in a deep glow, each octave bent by the one before.",
        {
            "travel": P(0.0, -1e6, 1e6, "how far the plasma has moved (integrate a speed)", "radians"),
            "scale": P(1.5, 0.2, 6.0, "how much of it is seen"),
            "stir": P(0.9, 0.0, 2.0, "how wild the threads run"),
            "gain": P(1.0, 0.0, 8.0, "brightness", LIGHT),
            "low": P(0.8, 0.0, 8.0, "light of the broad threads"),
            "high": P(0.5, 0.0, 8.0, "light of the fine threads"),
            "glow": P(0.8, 0.0, 8.0, "light of the clouds between them"),
        },
    ),
    "caustics": EffectSpec(
        "Sunlight on the floor of a pool; drops fall on the beats.",
        {
            "travel": P(0.0, -1e6, 1e6, "how far the waves have moved (integrate a speed)", "radians"),
            "depth": P(0.6, 0.0, 3.0, "how deep the water is: deeper water draws bolder lines"),
            "scale": P(1.5, 0.2, 6.0, "how much of the floor is seen"),
            "gain": P(1.0, 0.0, 8.0, "brightness", LIGHT),
            "drop": P(2.0, 0.0, 8.0, "how hard the drops of the beats fall"),
            "tiles": P(0.6, 0.0, 1.0, "how much of the mosaic shows"),
            "shafts": P(0.5, 0.0, 4.0, "light of the shafts in the water"),
        },
        reads=("beats",),
    ),
    "voronoi": EffectSpec(
        "Stained glass: panes that their bands light, the bass in the middle; beats run outwards.",
        {
            "travel": P(0.0, -1e6, 1e6, "how far the panes have moved (integrate a speed)", "turns"),
            "count": P(3.0, 0.5, 16.0, "panes across half of the shorter side"),
            "lead": P(0.03, 0.0, 0.2, "half width of the lead between panes", "panes"),
            "gain": P(1.0, 0.0, 8.0, "brightness", LIGHT),
            "lit": P(2.0, 0.0, 8.0, "light of a full band"),
            "wave": P(0.8, 0.0, 8.0, "light that a beat sends outwards"),
            "sun": P(0.0, -1e6, 1e6, "where the sun stands behind the glass", "radians"),
        },
        reads=("bands", "beats"),
    ),
    "truchet": EffectSpec(
        "Three nets of tubes, one behind the other; lights run along them.",
        {
            "travel": P(0.0, -1e6, 1e6, "how far the nets have drifted (integrate a speed)", "tiles"),
            "run": P(0.0, -1e6, 1e6, "how far the lights have run (integrate a speed)", "lights"),
            "tiles": P(2.2, 0.5, 16.0, "tiles across half of the shorter side"),
            "width": P(0.15, 0.02, 0.3, "half width of a tube", "tiles"),
            "gain": P(1.0, 0.0, 8.0, "brightness", LIGHT),
            "lights": P(1.0, 0.0, 8.0, "brightness of the lights"),
            "turn": P(0.0, -1e6, 1e6, "how far the nets are turned", "radians"),
        },
        reads=("bands",),
    ),
}
