"""What becomes of light: exposure, vignette, colours and display curve (`grade`), then dither and packing."""

from collections.abc import Callable
from typing import Any

import taichi as ti

from engine.effects.base import Slots
from engine.kernels import color as colour
from engine.kernels import ieee
from engine.post.catalog import Look
from engine.post.colours import make_colours
from engine.post.curves import make_curve


def make_grade(slots: Slots, look: Look) -> Callable[..., Any]:
    """A ti.func (red, green, blue, u, v, row) -> encoded channels 0..1 of linear light, bloom included.

    Channels apart, so that it takes numbers as well as vectors of cells.
    """
    EXPOSURE, SATURATION, DARK, RADIUS = slots.params(
        "tonemap.exposure", "tonemap.saturation", "vignette.strength", "vignette.radius"
    )

    curve = make_curve(look.curve)
    graded = "grade" in look.passes
    balance, toned = make_colours(slots) if graded else (None, None)

    @ti.func
    def grade(red, green, blue, u, v, row: ti.template()):
        far = ieee.high(u * u + (v * v - row[RADIUS] * row[RADIUS]), 0.0)
        shade = ieee.high(1.0 - far * (row[DARK] * 0.45), 0.0) * row[EXPOSURE]
        r, g, b = red * shade, green * shade, blue * shade
        if ti.static(graded):
            r, g, b = balance(r, g, b, row)
        grey = colour.LUMA[0] * r + colour.LUMA[1] * g + colour.LUMA[2] * b
        keep = row[SATURATION]
        r, g, b = curve(
            ieee.high(grey + (r - grey) * keep, 0.0),
            ieee.high(grey + (g - grey) * keep, 0.0),
            ieee.high(grey + (b - grey) * keep, 0.0),
        )
        if ti.static(graded):
            r, g, b = toned(r, g, b, row)
        return r, g, b

    return grade


def make_finish(slots: Slots, look: Look) -> Callable[..., Any]:
    """A ti.func (color, u, v, x, y, salt, row) -> packed RGBA8 from linear light, bloom included."""
    DITHER = slots.places["dither.strength"]
    grade = make_grade(slots, look)

    @ti.func
    def finish(color, u, v, x, y, salt, row: ti.template()):
        r, g, b = grade(color[0], color[1], color[2], u, v, row)
        return colour.pack(ti.Vector([r, g, b]), x, y, salt, row[DITHER])

    return finish
