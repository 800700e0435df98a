"""A scene on one canvas: its stack's kernels, the buffers between them, and the order in which a frame is made."""

from typing import Any

import numpy as np
import taichi as ti
from numpy.typing import NDArray

from engine.device import Device
from engine.effects.base import Drawer
from engine.kernels import raster
from engine.planes import Planes, aligned, flat
from engine.post.bloom import Bloom
from engine.scene import LANES, Canvas, Scene
from engine.stack import compile_stack
from engine.tables import Tables


class SceneProgram:
    """The kernels and buffers of one scene on one canvas. Frames are drawn into arrays of `shape`."""

    def __init__(self, scene: Scene, canvas: Canvas, quality: str, seed: int, device: Device) -> None:
        self._stack = compile_stack(scene, quality, by_rows=device.backend == "cpu")
        self.layout = self._stack.layout
        self.sizes = raster.Raster(canvas.width, canvas.height)
        self.extent = (float(canvas.height), float(canvas.width))
        self._drawers: list[tuple[int, Drawer]] = [
            (image, make(canvas.width, canvas.height, self._stack.scale, seed)) for image, make in self._stack.drawers
        ]
        self._allocate()

    def _allocate(self) -> None:
        """Every buffer between the passes; planes that already have the canvas' columns are not widened."""
        stack, across = self._stack, self.sizes.stride
        images = max(stack.images, 1)
        count = max(self.layout.extra_rows, 1)
        scales = sorted({1, raster.BLOOM_SCALE} | ({stack.scale} if stack.smooth else set()))
        widths = {scale: self.sizes.plane(scale)[1] for scale in scales}
        self._cols = {scale: aligned((count, width // LANES, LANES), np.float32) for scale, width in widths.items()}
        self.planes = Planes(images, *(self.sizes.plane(stack.scale) if stack.images else (1, LANES)))
        same = not stack.images or (stack.scale == 1 and self.planes.columns == across)
        self._lines = self.planes if same else Planes(images, self.planes.rows, across)
        self.bloom = Bloom(*self.sizes.plane(raster.BLOOM_SCALE))
        self._bloom_lines = Planes(1, self.bloom.first.rows, across)
        self._reduced = Planes(images, *self.sizes.plane(raster.BLOOM_SCALE))

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
        stack = self._stack
        for scale, fill in stack.fill.items():
            fill(row, tables.array, self._cols[scale], scale, self.extent[1])
        for image in stack.cleared:
            self.planes.cells[3 * image : 3 * image + 3] = 0.0
        for image, kernel in stack.smooth:
            self._draw_coarse(kernel, self.planes, image, self.planes, row, tables)
        for image, drawer in self._drawers:
            drawer.draw(row, tables.array, self.planes, image)
        if self._lines is not self.planes:
            stack.widen(self.planes.strips, self._lines.strips)
        self._spread_light(row, tables)
        cols, lines, bloom = (flat(one) for one in (self._cols[1], self._lines.strips, self._bloom_lines.strips))
        stack.draw(flat(out), row, tables.array, cols, lines, bloom, salt, *self.extent, out.shape[1])

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
        if self._stack.reduce is not None:
            self._stack.reduce(self.planes.strips, self._reduced.strips)
        elif self._stack.images:
            source = self.planes
        self._draw_coarse(self._stack.preview, self.bloom.first, 0, source, row, tables)
        self.bloom.blur(row[places["bloom.spread"]])
        self._stack.widen_bloom(self.bloom.first.strips, self._bloom_lines.strips)


@ti.kernel
def mix_frames(out: raster.PIXELS, other: raster.PIXELS, share: ti.i32):
    """out = out * share + other * (256 - share), in 1/256, per channel of packed RGBA8 (a crossfade as shown)."""
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
