"""A scene compiled to kernels for one canvas: layers, blending, bloom and the display curve in one pass over the pixels."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import taichi as ti
from numpy.typing import NDArray

from engine.device import Device
from engine.effects.base import Drawer, Program
from engine.effects.catalog import EFFECTS
from engine.effects.registry import BUILDERS
from engine.kernels import raster
from engine.kernels.planes import compile_reduce, compile_widen
from engine.planes import Planes, aligned, flat
from engine.post.bloom import Bloom
from engine.post.finish import make_finish
from engine.rows import Layout
from engine.scene import LANES, Canvas, Scene
from engine.tables import Tables

SAMPLES = {"fast": 1, "balanced": 1, "high": 2, "ultra": 4}
TEXTURE_SCALE = {"fast": 4, "balanced": 2, "high": 1, "ultra": 1}
"""Planes of smooth layers, particles and feedback are drawn at 1/scale of the canvas."""


@ti.func
def _normal(under, over, opacity):
    return under + (over - under) * opacity


@ti.func
def _add(under, over, opacity):
    return under + over * opacity


@ti.func
def _screen(under, over, opacity):
    return under + over * opacity * (1.0 - ti.min(under, 1.0))


@ti.func
def _multiply(under, over, opacity):
    return under * (1.0 + (over - 1.0) * opacity)


BLEND_FUNCTIONS: dict[str, Callable[..., Any]] = {"normal": _normal, "add": _add, "screen": _screen, "multiply": _multiply}


@ti.func
def _everywhere(u0, u1, v, row: ti.template()):
    return 1


@dataclass(frozen=True)
class _Part:
    """One layer as the final pass sees it; pixel is None for a layer that reads its image."""

    pixel: Callable[..., Any] | None
    blend: Callable[..., Any]
    opacity: int
    touches: Callable[..., Any] | None


def _compose(parts: Sequence[_Part]) -> Callable[..., Any]:
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


def _touched(parts: Sequence[_Part]) -> Callable[..., Any]:
    """A ti.func (u0, u1, v, row) -> whether any of the bounded layers reaches a strip; always, if there are none."""
    bounds = [part.touches for part in parts if part.touches is not None]
    count = len(bounds)
    if not count:
        return _everywhere

    @ti.func
    def touched(u0, u1, v, row: ti.template()):
        found = 0
        for k in ti.static(range(count)):
            found |= bounds[k](u0, u1, v, row)
        return found

    return touched


class SceneProgram:
    """The kernels and buffers of one scene on one canvas. Frames are drawn into arrays of `shape`."""

    def __init__(self, scene: Scene, canvas: Canvas, quality: str, seed: int, device: Device) -> None:
        self.layout = Layout.of(scene)
        self.sizes = raster.Raster(canvas.width, canvas.height)
        self.extent = (float(canvas.height), float(canvas.width))
        self.scale = TEXTURE_SCALE[quality]
        self._drawers: list[tuple[int, Drawer]] = []
        self._smooth: list[tuple[int, Any]] = []
        self._cleared: list[int] = []
        self._used: list[int] = []
        self._images = 0
        functions: list[tuple[Callable[..., Any], int, int]] = []
        parts: list[_Part] = []
        for layer, slots in zip(scene.layers, self.layout.layers, strict=True):
            program = BUILDERS[layer.effect](slots)
            used = range(slots.columns, slots.columns + EFFECTS[layer.effect].columns)
            if program.adds and layer.blend == "add" and parts and parts[-1].pixel is None:
                self._drawers.append((self._images - 1, self._drawer(program, canvas, seed)))
                continue
            if program.columns is not None:
                functions.append((program.columns, EFFECTS[layer.effect].columns, slots.columns))
            pixel = self._place(program, canvas, seed, used)
            self._used += used if pixel is not None else ()
            touches = program.touches if pixel is not None and layer.blend == "add" else None
            parts.append(_Part(pixel, BLEND_FUNCTIONS[layer.blend], slots.places["opacity"], touches))
        self._prepare_columns(functions)
        self._compile(parts, quality, device)

    def _prepare_columns(self, functions: list[tuple[Callable[..., Any], int, int]]) -> None:
        """The numbers that effects compute once a column: one array for each scale at which they are read."""
        count = max(self.layout.extra_rows, 1)
        scales = sorted({1, raster.BLOOM_SCALE} | ({self.scale} if self._smooth else set()))
        widths = {scale: self.sizes.plane(scale)[1] for scale in scales}
        self._cols = {scale: aligned((count, width // LANES, LANES), np.float32) for scale, width in widths.items()}
        fill = raster.compile_columns(functions, self.layout.size) if functions else None
        self._fill_columns = [(fill, scale, array) for scale, array in self._cols.items()] if fill else []

    def _drawer(self, program: Program, canvas: Canvas, seed: int) -> Drawer:
        assert program.drawer is not None
        return program.drawer(canvas.width, canvas.height, self.scale, seed)

    def _place(self, program: Program, canvas: Canvas, seed: int, used: range) -> Callable[..., Any] | None:
        """Decide how a layer is drawn; returns its pixel function if it is drawn in the final pass."""
        if program.drawer is not None:
            if program.adds:
                self._cleared.append(self._images)
            self._drawers.append((self._images, self._drawer(program, canvas, seed)))
        elif program.smooth and self.scale > 1:
            size, columns = self.layout.size, self.layout.extra_rows
            kernel = raster.compile_coarse(program.pixel, size, columns, used, self.scale, 0)
            self._smooth.append((self._images, kernel))
        else:
            return program.pixel
        self._images += 1
        return None

    def _compile(self, parts: Sequence[_Part], quality: str, device: Device) -> None:
        composed = _compose(parts)
        size, columns, textures = self.layout.size, self.layout.extra_rows, self._images
        images = max(textures, 1)
        self._draw = raster.compile_draw(
            composed,
            _compose([part for part in parts if part.touches is None]),
            _touched(parts),
            make_finish(self.layout.post),
            size,
            columns,
            self._used,
            SAMPLES[quality],
            textures,
            self.scale,
            by_rows=device.backend == "cpu",
        )
        self._preview = raster.compile_coarse(composed, size, columns, self._used, raster.BLOOM_SCALE, textures)
        across = self.sizes.stride
        self.planes = Planes(images, *(self.sizes.plane(self.scale) if textures else (1, LANES)))
        same = not textures or (self.scale == 1 and self.planes.columns == across)
        self._lines = self.planes if same else Planes(images, self.planes.rows, across)
        self._widen = None if same else compile_widen(self.scale)
        self.bloom = Bloom(*self.sizes.plane(raster.BLOOM_SCALE))
        self._bloom_lines = Planes(1, self.bloom.first.rows, across)
        self._widen_bloom = compile_widen(raster.BLOOM_SCALE)
        self._reduced = Planes(images, *self.sizes.plane(raster.BLOOM_SCALE))
        ratio = raster.BLOOM_SCALE // self.scale
        self._reduce = compile_reduce(ratio) if textures and ratio > 1 else None

    @property
    def shape(self) -> tuple[int, int, int]:
        """Rows, strips and LANES of the arrays that `draw` fills."""
        return (self.sizes.height, self.sizes.stride // LANES, LANES)

    @property
    def has_memory(self) -> bool:
        """Whether frames depend on earlier ones."""
        return any(drawer.memory for _, drawer in self._drawers)

    def reset(self) -> None:
        """Forget earlier frames."""
        for _, drawer in self._drawers:
            drawer.reset()

    def step(self, row: NDArray[np.float32], tables: Tables, index: int) -> None:
        """Advance the effects with memory by one step of 1 / STEP_RATE seconds."""
        for _, drawer in self._drawers:
            drawer.step(row, tables.array, index)

    def draw(self, out: NDArray[np.int32], row: NDArray[np.float32], tables: Tables, salt: int) -> None:
        """Draw one frame into out, int32 `shape`, packed RGBA8 (R in the lowest byte)."""
        for fill, scale, cells in self._fill_columns:
            fill(row, tables.array, cells, scale, self.extent[1])
        for image in self._cleared:
            self.planes.cells[3 * image : 3 * image + 3] = 0.0
        for image, kernel in self._smooth:
            self._draw_coarse(kernel, self.planes, image, self.planes, row, tables)
        for image, drawer in self._drawers:
            drawer.draw(row, tables.array, self.planes, image)
        if self._widen is not None:
            self._widen(self.planes.strips, self._lines.strips)
        self._spread_light(row, tables)
        cols, lines, bloom = (flat(one) for one in (self._cols[1], self._lines.strips, self._bloom_lines.strips))
        self._draw(flat(out), row, tables.array, cols, lines, bloom, salt, *self.extent, out.shape[1])

    def _draw_coarse(
        self, kernel: Any, out: Planes, image: int, source: Planes, row: NDArray[np.float32], tables: Tables
    ) -> None:
        cols = self._cols[self.sizes.plane(1)[0] // out.rows]
        kernel(
            flat(out.strips),
            image,
            row,
            tables.array,
            flat(cols),
            flat(source.strips),
            *self.extent,
            out.columns // LANES,
            out.rows,
        )

    def _spread_light(self, row: NDArray[np.float32], tables: Tables) -> None:
        """Bloom: the scene's light at a quarter of the size, blurred and widened again."""
        places = self.layout.post.places
        if row[places["bloom.strength"]] <= 0.0:
            return
        source = self._reduced
        if self._reduce is not None:
            self._reduce(self.planes.strips, self._reduced.strips)
        elif self._images:
            source = self.planes
        self._draw_coarse(self._preview, self.bloom.first, 0, source, row, tables)
        self.bloom.blur(row[places["bloom.spread"]])
        self._widen_bloom(self.bloom.first.strips, self._bloom_lines.strips)


@ti.kernel
def mix_frames(out: raster.PIXELS, other: raster.PIXELS, share: ti.i32):
    """out = out * share + other * (256 - share), in 1/256, per channel of packed RGBA8 (a crossfade of what is shown)."""
    for y, x in ti.ndrange(out.shape[0], out.shape[1]):
        mixed = ti.Vector([0] * LANES, dt=ti.i32)
        mine, theirs = out[y, x], other[y, x]
        for i in ti.static(range(LANES)):
            a = ti.cast(mine[i], ti.u32)
            b = ti.cast(theirs[i], ti.u32)
            s = ti.cast(share, ti.u32)
            low = ((a & ti.u32(0xFF00FF)) * s + (b & ti.u32(0xFF00FF)) * (256 - s) + ti.u32(0x800080)) >> 8
            high = ((a >> 8) & ti.u32(0xFF00FF)) * s + ((b >> 8) & ti.u32(0xFF00FF)) * (256 - s) + ti.u32(0x800080)
            mixed[i] = ti.cast((low & ti.u32(0xFF00FF)) | (high & ti.u32(0xFF00FF00)), ti.i32)
        out[y, x] = mixed
