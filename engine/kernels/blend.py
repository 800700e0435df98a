"""How a layer is put over those below it: ti.funcs (under, over, opacity) -> linear light."""

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


BLENDS: Mapping[str, Callable[..., Any]] = {"normal": normal, "add": add, "screen": screen, "multiply": multiply}
