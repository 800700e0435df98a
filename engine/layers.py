"""How the layers of a stack go together: which of them need the canvas' own size, and where the bloom comes in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import taichi as ti

from engine.kernels.compose import Layer

Function = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Part:
    """A layer as the final pass sees it; pixel is None for one that reads its image, opacity a place of the row."""

    pixel: Function | None
    blend: Function
    opacity: int
    touches: Function | None
    plain: bool
    """Light in its image reaches the picture as it is."""
    fine: bool
    """It has detail of the size of a pixel."""
    adds: bool
    """It leaves the light below it as it is."""


def compose(parts: list[Part]) -> Function:
    """One ti.func from the layers, bottom first."""
    count = len(parts)
    pixels = [part.pixel for part in parts]
    blends = [part.blend for part in parts]
    places = [part.opacity for part in parts]
    drawn = [one is not None for one in pixels]
    texture = [sum(1 for earlier in pixels[:k] if earlier is None) * 3 for k in range(count)]

    @ti.func
    def pixel(u, v, px, row: ti.template(), tables: ti.template(), col: ti.template(), tex: ti.template()):
        color = ti.Vector([0.0, 0.0, 0.0])
        for k in ti.static(range(count)):
            if ti.static(drawn[k]):
                color = blends[k](color, pixels[k](u, v, px, row, tables, col, tex), row[places[k]])
            else:
                over = ti.Vector([tex[texture[k]], tex[texture[k] + 1], tex[texture[k] + 2]])
                color = blends[k](color, over, row[places[k]])
        return color

    return pixel


def calm_layers(parts: list[Part]) -> list[Layer]:
    """The layers without fine detail, as engine.kernels.compose wants them."""
    found: list[Layer] = []
    image = 0
    for part in parts:
        if not part.fine:
            found.append((part.pixel, part.blend, part.opacity, image))
        image += part.pixel is None
    return found


def touched_by(parts: list[Part]) -> Function | None:
    """A ti.func (see engine.kernels.fine) -> whether fine detail reaches a block; None if it may be anywhere."""
    fine = [part for part in parts if part.fine]
    bounds = [part.touches for part in fine if part.touches is not None]
    count = len(bounds)
    if count < len(fine):
        return None

    @ti.func
    def touched(u0, u1, v, row: ti.template(), most: ti.template(), place):
        found = 0
        for k in ti.static(range(count)):
            found |= bounds[k](u0, u1, v, row, most, place)
        return found

    return touched


def light_image(parts: list[Part]) -> int:
    """The image that the bloom can be added to without a difference: whole itself, and only added to from above."""
    images = sum(part.pixel is None for part in parts)
    for part in reversed(parts):
        if part.pixel is None and part.plain:
            return images - 1
        images -= part.pixel is None
        if not part.adds:
            break
    return sum(part.pixel is None for part in parts)
