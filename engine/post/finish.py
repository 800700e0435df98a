"""The end of the post chain: exposure, saturation, vignette and display curve (`grade`), then dither and packing."""

from collections.abc import Callable
from typing import Any

import taichi as ti

from engine.effects.base import Slots
from engine.kernels import color as colour
from engine.kernels import ieee


def make_grade(slots: Slots) -> Callable[..., Any]:
    """A ti.func (red, green, blue, u, v, row) -> encoded channels 0..1 of linear light, bloom included.

    Channels apart, so that it takes numbers as well as vectors of cells.
    """
    EXPOSURE, SATURATION, DARK, RADIUS = slots.params(
        "tonemap.exposure", "tonemap.saturation", "vignette.strength", "vignette.radius"
    )

    @ti.func
    def grade(red, green, blue, u, v, row: ti.template()):
        far = ieee.high(u * u + (v * v - row[RADIUS] * row[RADIUS]), 0.0)
        shade = ieee.high(1.0 - far * (row[DARK] * 0.45), 0.0) * row[EXPOSURE]
        r, g, b = red * shade, green * shade, blue * shade
        grey = colour.LUMA[0] * r + colour.LUMA[1] * g + colour.LUMA[2] * b
        keep = row[SATURATION]
        return (
            colour.display(ieee.high(grey + (r - grey) * keep, 0.0)),
            colour.display(ieee.high(grey + (g - grey) * keep, 0.0)),
            colour.display(ieee.high(grey + (b - grey) * keep, 0.0)),
        )

    return grade


def make_finish(slots: Slots) -> Callable[..., Any]:
    """A ti.func (color, u, v, x, y, salt, row) -> packed RGBA8 from linear light, bloom included."""
    DITHER = slots.places["dither.strength"]
    grade = make_grade(slots)

    @ti.func
    def finish(color, u, v, x, y, salt, row: ti.template()):
        r, g, b = grade(color[0], color[1], color[2], u, v, row)
        return colour.pack(ti.Vector([r, g, b]), x, y, salt, row[DITHER])

    return finish
