"""How a layer is put over those below it: ti.funcs (under, over, opacity) -> linear light; `alpha` wants more.

They work on a channel, on three of them, and on vectors of pixels alike.
"""

from collections.abc import Callable, Mapping
from typing import Any

import taichi as ti


@ti.func
def normal(under, over, opacity):
    """Over instead of under."""
    return under + (over - under) * opacity


@ti.func
def add(under, over, opacity):
    """The light of both."""
    return under + over * opacity


@ti.func
def screen(under, over, opacity):
    """Added where it is dark below; light below 1 never passes 1 by light below 1."""
    return under + over * opacity * (1.0 - ti.min(under, 1.0))


@ti.func
def multiply(under, over, opacity):
    """Over as a mask: 0 takes the light away, 1 keeps it."""
    return under * (1.0 + (over - 1.0) * opacity)


MIDDLE = 0.25
"""The light that looks half as bright as white: what `overlay` leaves as it is."""


@ti.func
def overlay(under, over, opacity):
    """Dark over makes darker, bright over brighter; black and white stay, light of MIDDLE changes nothing."""
    lit = ti.min(over, 1.0)
    dark = under * lit * (1.0 / MIDDLE)
    bright = 1.0 - (1.0 - ti.min(1.0, under)) * (1.0 - lit) * (1.0 / (1.0 - MIDDLE)) + ti.max(under - 1.0, 0.0)
    return under + (ti.select(under < MIDDLE, dark, bright) - under) * opacity


@ti.func
def alpha(under, over, opacity, cover):
    """Over in front of under, `cover` (0..1) of which it hides; over is the light of what covers, no more."""
    return under * (1.0 - cover * opacity) + over * opacity


@ti.func
def cover_of(red, green, blue):
    """How much light by itself covers: what is dark is transparent."""
    return ti.min(ti.max(red, ti.max(green, blue)), 1.0)


@ti.func
def brightness(color):
    """What a mask lets through: luminance of BT.709, 0..1."""
    return ti.min(ti.max(0.2126 * color[0] + 0.7152 * color[1] + 0.0722 * color[2], 0.0), 1.0)


BLENDS: Mapping[str, Callable[..., Any]] = {
    "normal": normal,
    "alpha": alpha,
    "add": add,
    "screen": screen,
    "overlay": overlay,
    "multiply": multiply,
}
