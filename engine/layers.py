"""How the layers of a stack go together: which of them need the canvas' own size, and where the bloom comes in."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import taichi as ti

from engine.kernels.blend import alpha, brightness, cover_of
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
    covered: Function | None = None
    """See engine.effects.base.Program; it goes with the blend alpha."""
    mask: int | None = None
    """The part whose brightness, or darkness if `inverted`, its opacity is multiplied by."""
    inverted: bool = False
    hidden: bool = False
    """It masks others, and shows nothing itself."""


def compose(parts: list[Part]) -> Function:
    """One ti.func from the layers, bottom first."""
    count = len(parts)
    blends = [part.blend for part in parts]
    places = [part.opacity for part in parts]
    shown = [not part.hidden for part in parts]
    covering = [part.blend is alpha for part in parts]
    lights = [_light(parts, k) for k in range(count)]
    overs = [_over(part, light) if part.blend is alpha else None for part, light in zip(parts, lights, strict=True)]
    masked = [part.mask is not None for part in parts]
    limits = [_limit(parts, lights, k) if masked[k] else None for k in range(count)]

    @ti.func
    def pixel(u, v, px, row: ti.template(), tables: ti.template(), col: ti.template(), tex: ti.template()):
        color = ti.Vector([0.0, 0.0, 0.0])
        for k in ti.static(range(count)):
            if ti.static(shown[k]):
                amount = row[places[k]]
                if ti.static(masked[k]):
                    amount *= limits[k](u, v, px, row, tables, col, tex)
                if ti.static(covering[k]):
                    over = overs[k](u, v, px, row, tables, col, tex)
                    color = blends[k](color, ti.Vector([over[0], over[1], over[2]]), amount, over[3])
                else:
                    color = blends[k](color, lights[k](u, v, px, row, tables, col, tex), amount)
        return color

    return pixel


def _light(parts: list[Part], k: int) -> Function:
    """A layer's light as a ti.func, drawn here or read from its image."""
    image = sum(1 for earlier in parts[:k] if earlier.pixel is None) * 3

    @ti.func
    def read(u, v, px, row: ti.template(), tables: ti.template(), col: ti.template(), tex: ti.template()):
        return ti.Vector([tex[image], tex[image + 1], tex[image + 2]])

    return parts[k].pixel or read


def _over(part: Part, light: Function) -> Function:
    """A layer's light and what it covers."""

    @ti.func
    def by_light(u, v, px, row: ti.template(), tables: ti.template(), col: ti.template(), tex: ti.template()):
        found = light(u, v, px, row, tables, col, tex)
        return ti.Vector([found[0], found[1], found[2], cover_of(found[0], found[1], found[2])])

    return part.covered or by_light


def _limit(parts: list[Part], lights: list[Function], k: int) -> Function:
    """What a layer's mask leaves of it, as a ti.func; a mask that is masked itself lets through only what is seen."""
    mask = parts[k].mask
    if mask is None:
        raise ValueError(k)
    light, inverted, deeper = lights[mask], parts[k].inverted, parts[mask].mask is not None
    limit = _limit(parts, lights, mask) if deeper else None

    @ti.func
    def left(u, v, px, row: ti.template(), tables: ti.template(), col: ti.template(), tex: ti.template()):
        seen = brightness(light(u, v, px, row, tables, col, tex))
        if ti.static(deeper):
            seen *= limit(u, v, px, row, tables, col, tex)
        if ti.static(inverted):
            seen = 1.0 - seen
        return seen

    return left


def with_masks(parts: list[Part], numbers: list[int], bounds: list[Function | None]) -> list[Part]:
    """The parts with the masks' numbers those of parts: numbers[k] is the part of layer k.

    bounds: of each part, what it touches if it is dark elsewhere. What is masked has fine detail, and it reaches no
    farther than its mask.
    """
    found = []
    for part in parts:
        if part.mask is not None:
            mask = numbers[part.mask]
            reach = None if part.inverted else bounds[mask]
            touches = part.touches or (reach if parts[mask].pixel is not None else None)
            found.append(replace(part, mask=mask, fine=True, touches=touches))
        else:
            found.append(part)
    return found


def calm_layers(parts: list[Part]) -> list[Layer]:
    """The layers without fine detail, as engine.kernels.compose wants them."""
    found: list[Layer] = []
    image = 0
    for part in parts:
        if not (part.fine or part.hidden):
            found.append((part.pixel, part.blend, part.opacity, image))
        image += part.pixel is None
    return found


def touched_by(parts: list[Part]) -> Function | None:
    """A ti.func (see engine.kernels.fine) -> whether fine detail reaches a block; None if it may be anywhere."""
    fine = [part for part in parts if part.fine and not part.hidden]
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
