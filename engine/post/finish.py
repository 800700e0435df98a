"""The end of the post chain, in the drawing pass: bloom, exposure, saturation, vignette, display curve, dither."""

from collections.abc import Callable
from typing import Any

import taichi as ti

from engine.effects.base import Slots
from engine.kernels import color as colour
from engine.kernels import ieee


def make_finish(slots: Slots) -> Callable[..., Any]:
    """A ti.func (color, bloom, u, v, x, y, salt, row) -> packed RGBA8 from linear light."""
    STRENGTH, EXPOSURE, SATURATION, DARK, RADIUS, DITHER = slots.params(
        "bloom.strength",
        "tonemap.exposure",
        "tonemap.saturation",
        "vignette.strength",
        "vignette.radius",
        "dither.strength",
    )

    @ti.func
    def finish(color, bloom, u, v, x, y, salt, row: ti.template()):
        far = ieee.high(u * u + v * v - row[RADIUS] * row[RADIUS], 0.0)
        shade = ieee.high(1.0 - row[DARK] * 0.45 * far, 0.0) * row[EXPOSURE]
        light = (color + bloom * row[STRENGTH]) * shade
        grey = colour.luminance(light)
        keep = row[SATURATION]
        light = ti.Vector([ieee.high(grey + (light[c] - grey) * keep, 0.0) for c in ti.static(range(3))])
        shown = ti.Vector([colour.display(light[0]), colour.display(light[1]), colour.display(light[2])])
        return colour.pack(shown, x, y, salt, row[DITHER])

    return finish
