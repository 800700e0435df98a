"""A stack of layers compiled to kernels: shared by every canvas, seed, palette and value it is drawn with."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import taichi as ti

from engine.effects.base import Drawer, Program, Slots
from engine.effects.catalog import EFFECTS
from engine.effects.registry import BUILDERS
from engine.kernels import raster
from engine.kernels.blend import BLENDS
from engine.kernels.calm import compile_calm
from engine.kernels.compose import Layer, compile_compose
from engine.kernels.planes import compile_lay, compile_reduce
from engine.post.finish import make_finish, make_grade
from engine.rows import Layout
from engine.scene import Scene

SAMPLES = {"fast": 1, "balanced": 1, "high": 2, "ultra": 4}
TEXTURE_SCALE = {"fast": 4, "balanced": 2, "high": 1, "ultra": 1}
"""Planes of smooth layers, particles and feedback are drawn at 1/scale of the canvas."""

Function = Callable[..., Any]
Columns = dict[int, list[tuple[Function, int, int]]]
"""By scale: what is computed once a column, how many numbers, and the place of the first."""


@dataclass(frozen=True, slots=True)
class _Part:
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


@dataclass(frozen=True, slots=True)
class Item:
    """What a layer is to the kernels. opaque: its opacity is 1 in every frame."""

    effect: str
    blend: str
    opaque: bool


@dataclass(slots=True)
class Stack:
    """The kernels of a stack; `images` planes-drawn pictures, each shared by one or more layers.

    drawers: (image, factory of a Drawer); smooth: (image, coarse kernel); cleared: images that drawers add light to.
    light: the image that the bloom is added to; `images` itself where it has one of its own, after the others.
    used: places of the column numbers that the final pass reads; fill: scale -> kernel of what is read there.
    grade, calm: the drawing of what has no fine detail (see engine.kernels.calm), None where all has; everywhere: there
    is nothing else to draw. A kernel that the stack has no use for is None.
    """

    layout: Layout
    scale: int
    drawers: list[tuple[int, Callable[[int, int, int, int], Drawer]]] = field(default_factory=list)
    smooth: list[tuple[int, Function]] = field(default_factory=list)
    cleared: list[int] = field(default_factory=list)
    used: list[int] = field(default_factory=list)
    images: int = 0
    light: int = 0
    fill: dict[int, Function] = field(default_factory=dict)
    draw: Function = field(init=False)
    preview: Function = field(init=False)
    lay: Function = field(init=False)
    grade: Function | None = None
    calm: Function | None = None
    everywhere: bool = False
    simple: Function | None = None
    reduce: Function | None = None


def compile_stack(scene: Scene, quality: str, *, by_rows: bool) -> Stack:
    """The stack of a scene's layers, compiled once in a process: a second canvas or seed costs nothing.

    by_rows: see engine.kernels.raster.compile_draw.
    """
    return _compile(tuple(Item(one.effect, one.blend, one.opacity == 1.0) for one in scene.layers), quality, by_rows)


@cache
def _compile(items: tuple[Item, ...], quality: str, by_rows: bool) -> Stack:
    stack = Stack(Layout.of_effects([one.effect for one in items]), TEXTURE_SCALE[quality])
    parts, functions = _place_layers(stack, items)
    composed, size, columns = _compose(parts), stack.layout.size, stack.layout.extra_rows
    if not stack.images:
        stack.scale = raster.BLOOM_SCALE  # bloom alone has no finer detail
    stack.light = _light_image(parts)
    light = stack.light if stack.light == stack.images else -1
    images = stack.images + (light >= 0)
    touched = _touched(parts) if stack.scale > 1 else None
    post = stack.layout.post
    if touched is not None:
        calm = _calm_layers(parts)
        stack.everywhere = len(calm) == len(parts)
        stack.grade = compile_compose(calm, light, make_grade(post), stack.scale)
        bounds = None if stack.everywhere else touched
        stack.calm = compile_calm(bounds, stack.scale, post.places["dither.strength"], by_rows=by_rows)
    stack.draw = raster.compile_draw(
        composed, touched, make_finish(post), size, columns, stack.used, SAMPLES[quality], images, stack.scale, light,
        by_rows=by_rows,
    )  # fmt: skip
    if stack.everywhere:
        stack.simple = compile_compose(_calm_layers(parts), -1, None, raster.BLOOM_SCALE)
    stack.preview = raster.compile_coarse(composed, size, columns, stack.used, raster.BLOOM_SCALE, stack.images)
    for scale, wanted in functions.items():
        stack.fill[scale] = raster.compile_columns(wanted, size)
    ratio = raster.BLOOM_SCALE // stack.scale
    stack.lay = compile_lay(ratio, alone=stack.light == stack.images)
    stack.reduce = compile_reduce(ratio) if stack.images and ratio > 1 else None
    return stack


def _place_layers(
    stack: Stack, items: tuple[Item, ...]
) -> tuple[list[_Part], dict[int, list[tuple[Function, int, int]]]]:
    """Decide how each layer is drawn; returns the final pass' layers and, by scale, what is computed once a column."""
    functions: Columns = {}
    parts: list[_Part] = []
    shareable = False
    for item, slots in zip(items, stack.layout.layers, strict=True):
        program = BUILDERS[item.effect](slots)
        if program.adds and item.blend == "add" and shareable and program.drawer is not None:
            stack.drawers.append((stack.images - 1, program.drawer))
            continue
        if program.adds:
            # Alone in its image it is drawn at full strength: the blend applies the opacity.
            program = BUILDERS[item.effect](_at_full_strength(slots))
        count = EFFECTS[item.effect].columns
        used = range(slots.columns, slots.columns + count)
        pixel = _place(stack, program, used)
        if program.columns is not None:
            for scale in (stack.scale,) if pixel is None else (1, raster.BLOOM_SCALE):
                functions.setdefault(scale, []).append((program.columns, count, slots.columns))
        stack.used += used if pixel is not None else ()
        neutral = 1.0 if item.blend == "multiply" else 0.0
        bounded = pixel is not None and item.blend != "normal" and program.outside == neutral
        touches = program.touches if bounded else None
        # Light added to an image is blended like the image: that is the same only where the blend keeps it.
        plain = item.opaque and item.blend in {"normal", "add"}
        parts.append(
            _Part(
                pixel, BLENDS[item.blend], slots.places["opacity"], touches,
                plain=plain, adds=item.blend == "add", fine=pixel is not None and not program.even,
            )
        )  # fmt: skip
        shareable = pixel is None and plain
    return parts, functions


def _light_image(parts: list[_Part]) -> int:
    """The image that the bloom can be added to without a difference: whole itself, and only added to from above."""
    images = sum(part.pixel is None for part in parts)
    for part in reversed(parts):
        if part.pixel is None and part.plain:
            return images - 1
        images -= part.pixel is None
        if not part.adds:
            break
    return sum(part.pixel is None for part in parts)


def _at_full_strength(slots: Slots) -> Slots:
    return replace(slots, places={**slots.places, "opacity": raster.ONE})


def _place(stack: Stack, program: Program, used: range) -> Function | None:
    """Give a layer an image if it needs one; returns its pixel function if it is drawn in the final pass."""
    if program.drawer is not None:
        if program.adds:
            stack.cleared.append(stack.images)
        stack.drawers.append((stack.images, program.drawer))
    elif program.smooth and stack.scale > 1:
        size, columns = stack.layout.size, stack.layout.extra_rows
        stack.smooth.append((stack.images, raster.compile_coarse(program.pixel, size, columns, used, stack.scale, 0)))
    else:
        return program.pixel
    stack.images += 1
    return None


def _compose(parts: list[_Part]) -> Function:
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


def _calm_layers(parts: list[_Part]) -> list[Layer]:
    """The layers without fine detail, as engine.kernels.compose wants them."""
    found: list[Layer] = []
    image = 0
    for part in parts:
        if not part.fine:
            found.append((part.pixel, part.blend, part.opacity, image))
        image += part.pixel is None
    return found


def _touched(parts: list[_Part]) -> Function | None:
    """A ti.func (see compile_draw) -> whether a layer with fine detail reaches a block; None if one may be anywhere."""
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
