"""A stack of layers compiled to kernels: shared by every canvas, seed, palette and value it is drawn with."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache

from engine.effects.base import Drawer, Program, Slots
from engine.effects.catalog import EFFECTS
from engine.effects.plugins import check_origin
from engine.effects.registry import builder
from engine.kernels import raster
from engine.kernels.blend import BLENDS
from engine.kernels.calm import compile_calm
from engine.kernels.coarse import compile_coarse, compile_columns
from engine.kernels.compose import compile_compose
from engine.kernels.fine import compile_draw
from engine.kernels.planes import compile_lay, compile_reduce
from engine.layers import Function, Part, calm_layers, compose, light_image, touched_by, with_masks
from engine.post.catalog import Look, look_of
from engine.post.finish import make_finish, make_grade
from engine.rows import Layout
from engine.scene import QUALITY, Scene

Columns = dict[int, list[tuple[Function, int, int]]]
"""By scale: what is computed once a column, how many numbers, and the place of the first."""


@dataclass(frozen=True, slots=True)
class Item:
    """What a layer is to the kernels. opaque: its opacity is 1 in every frame; masks: it limits another layer."""

    effect: str
    blend: str
    opaque: bool
    mask: int | None = None
    inverted: bool = False
    hidden: bool = False
    masks: bool = False


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

    by_rows: see engine.kernels.fine.
    """
    for one in scene.layers:
        if one.origin:
            check_origin(one.effect, one.origin)
    masks = {one.mask for one in scene.layers}
    items = (
        Item(one.effect, one.blend, one.opacity == 1.0, one.mask, one.inverted, one.hidden, k in masks)
        for k, one in enumerate(scene.layers)
    )
    return _compile(tuple(items), look_of(scene.post), quality, by_rows)


@cache
def _compile(items: tuple[Item, ...], look: Look, quality: str, by_rows: bool) -> Stack:  # noqa: FBT001 - cached by place
    stack = Stack(Layout.of_effects([one.effect for one in items], look.passes), QUALITY[quality].texture_scale)
    parts, functions = _place_layers(stack, items)
    composed, size, columns = compose(parts), stack.layout.size, stack.layout.extra_rows
    if not stack.images:
        stack.scale = raster.BLOOM_SCALE  # bloom alone has no finer detail
    stack.light = light_image(parts)
    light = stack.light if stack.light == stack.images else -1
    images = stack.images + (light >= 0)
    touched = touched_by(parts) if stack.scale > 1 else None
    post = stack.layout.post
    if touched is not None:
        calm = calm_layers(parts)
        stack.everywhere = len(calm) == len(parts)
        stack.grade = compile_compose(calm, light, make_grade(post, look), stack.scale)
        bounds = None if stack.everywhere else touched
        stack.calm = compile_calm(bounds, stack.scale, post.places["dither.strength"], by_rows=by_rows)
    stack.draw = compile_draw(
        composed, touched, make_finish(post, look), size, columns, stack.used, QUALITY[quality].samples, images,
        stack.scale, light, by_rows=by_rows,
    )  # fmt: skip
    if stack.everywhere:
        stack.simple = compile_compose(calm_layers(parts), -1, None, raster.BLOOM_SCALE)
    stack.preview = compile_coarse(composed, size, columns, stack.used, raster.BLOOM_SCALE, stack.images)
    for scale, wanted in functions.items():
        stack.fill[scale] = compile_columns(wanted, size)
    ratio = raster.BLOOM_SCALE // stack.scale
    stack.lay = compile_lay(ratio, alone=stack.light == stack.images)
    stack.reduce = compile_reduce(ratio) if stack.images and ratio > 1 else None
    return stack


def _place_layers(
    stack: Stack, items: tuple[Item, ...]
) -> tuple[list[Part], dict[int, list[tuple[Function, int, int]]]]:
    """Decide how each layer is drawn; returns the final pass' layers and, by scale, what is computed once a column."""
    functions: Columns = {}
    parts: list[Part] = []
    programs: list[Program] = []
    numbers: list[int] = []  # of each layer's part
    shareable = False
    for item, slots in zip(items, stack.layout.layers, strict=True):
        program = builder(item.effect)(slots)
        numbers.append(len(parts))
        if program.adds and item.blend == "add" and shareable and program.drawer is not None and _alone(item):
            stack.drawers.append((stack.images - 1, program.drawer))
            continue
        if program.adds:
            # Alone in its image it is drawn at full strength: the blend applies the opacity.
            program = builder(item.effect)(_at_full_strength(slots))
        count = EFFECTS[item.effect].columns
        used = range(slots.columns, slots.columns + count)
        pixel = _place(stack, program, used)
        if program.columns is not None:
            for scale in (stack.scale,) if pixel is None else (1, raster.BLOOM_SCALE):
                functions.setdefault(scale, []).append((program.columns, count, slots.columns))
        stack.used += used if pixel is not None else ()
        # Light added to an image is blended like the image: that is the same only where the blend keeps it.
        plain = item.opaque and item.blend in {"normal", "add"} and _alone(item)
        parts.append(
            Part(
                pixel, BLENDS[item.blend], slots.places["opacity"], _bounds(item, program, pixel),
                plain=plain, adds=item.blend == "add" or item.hidden, fine=pixel is not None and not program.even,
                covered=program.covered if pixel is not None else None, mask=item.mask, inverted=item.inverted,
                hidden=item.hidden,
            )
        )  # fmt: skip
        programs.append(program)
        shareable = pixel is None and plain
    return with_masks(parts, numbers, [one.touches if one.outside == 0.0 else None for one in programs]), functions


def _alone(item: Item) -> bool:
    """Whether its light is all that matters of it: no mask limits it, and it is none."""
    return item.mask is None and not item.masks


def _bounds(item: Item, program: Program, pixel: Function | None) -> Function | None:
    """Its bounds, where outside of them the blend leaves everything as it is."""
    neutral = 1.0 if item.blend == "multiply" else 0.0
    bounded = item.blend not in {"normal", "overlay"} and program.outside == neutral
    if item.blend == "alpha" and program.covered is not None:
        bounded = True
    return program.touches if pixel is not None and bounded else None


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
        stack.smooth.append((stack.images, compile_coarse(program.pixel, size, columns, used, stack.scale, 0)))
    else:
        return program.pixel
    stack.images += 1
    return None
