"""Pictures that repeat themselves at every size."""

from __future__ import annotations

from collections.abc import Mapping

from engine.effects.units import LIGHT, SHORT
from engine.scene import EffectSpec
from engine.scene import ParamSpec as P

EFFECTS: Mapping[str, EffectSpec] = {
    "julia": EffectSpec(
        "The Julia set of z^2 + c, while c walks along the edge of the Mandelbrot set.",
        {
            "walk": P(0.0, -1e6, 1e6, "where c stands on its way (integrate a speed)", "radians"),
            "push": P(0.04, -0.3, 1.0, "how far c is outside: 0 is whole, more bursts the set open"),
            "scale": P(1.15, 0.05, 4.0, "how much of the plane is seen"),
            "spin": P(0.0, -1e6, 1e6, "rotation", "radians"),
            "gain": P(1.0, 0.0, 8.0, "brightness", LIGHT),
            "rim": P(0.6, 0.0, 8.0, "light along the rim of the set"),
            "trap": P(0.5, 0.0, 8.0, "light of the threads"),
            "tone": P(0.0, -1e6, 1e6, "phase of the colours", "radians"),
        },
        reads=("beats",),
    ),
    "mandelbrot": EffectSpec(
        "A dive into the Mandelbrot set without an end, from one copy of it into the next.",
        {
            "dive": P(0.0, -1e6, 1e6, "how deep the dive is (integrate a speed)", "copies"),
            "spin": P(0.0, -1e6, 1e6, "rotation", "radians"),
            "gain": P(1.0, 0.0, 8.0, "brightness", LIGHT),
            "rim": P(0.5, 0.0, 8.0, "light along the rim of the set"),
            "tone": P(0.0, -1e6, 1e6, "phase of the colours", "radians"),
            "core": P(0.6, 0.0, 8.0, "light inside the set"),
            "bands": P(5.5, 0.0, 20.0, "how often the colours come back on the way to the rim"),
        },
        reads=("beats",),
    ),
    "kifs": EffectSpec(
        "A kaleidoscope that folds itself, in an endless dive; each fold glows with its band.",
        {
            "dive": P(0.0, -1e6, 1e6, "how deep the dive is (integrate a speed)"),
            "angle": P(0.9, -6.3, 6.3, "the turn at each fold", "radians"),
            "open": P(0.6, 0.05, 2.0, "how far apart the folds lie", SHORT),
            "arms": P(6.0, 2.0, 24.0, "arms of the kaleidoscope (whole numbers)"),
            "spin": P(0.0, -1e6, 1e6, "rotation", "radians"),
            "gain": P(1.0, 0.0, 8.0, "brightness", LIGHT),
            "line": P(0.012, 0.002, 0.1, "width of the lines", SHORT),
            "glass": P(0.6, 0.0, 8.0, "light of the facets between the lines"),
        },
        reads=("bands",),
    ),
}
