"""A scene on one canvas: its stack's kernels, the buffers between them, and the order in which a frame is made."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.device import Device
from engine.effects.base import Drawer
from engine.kernels import raster
from engine.kernels.planes import compile_lay
from engine.launch import Launch
from engine.planes import Planes, aligned, flat
from engine.post.bloom import Bloom
from engine.post.catalog import look_of
from engine.post.packed import Packed
from engine.post.streaks import Streaks
from engine.scene import LANES, QUALITY, Canvas, Scene
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
        passes, samples = look_of(scene.post).passes, QUALITY[quality].blur_samples
        self.packed = Packed(passes, self.layout.post, canvas.width, canvas.height, seed, samples)
        """The passes after `draw`."""
        self._row = np.zeros(self.layout.size, np.float32)
        self._allocate()
        short = min(canvas.width, canvas.height)
        self._streaks = Streaks(self.bloom.first, self.layout.post, short) if "streaks" in passes else None
        self._prepare()

    def _allocate(self) -> None:
        """Every buffer between the passes."""
        stack = self._stack
        count = max(self.layout.extra_rows, 1)
        scales = sorted({1, raster.BLOOM_SCALE, stack.scale})
        widths = {scale: self.sizes.plane(scale)[1] for scale in scales}
        self._cols = {scale: aligned((count, width // LANES, LANES), np.float32) for scale, width in widths.items()}
        self._flat_cols = {scale: flat(cols) for scale, cols in self._cols.items()}
        self._most = np.zeros((count, widths[1] // (stack.scale * LANES)), np.float32)
        self.planes = Planes(max(stack.images, stack.light + 1), *self.sizes.plane(stack.scale))
        self.bloom = Bloom(*self.sizes.plane(raster.BLOOM_SCALE))
        self._reduced = Planes(max(stack.images, 1), *self.sizes.plane(raster.BLOOM_SCALE))
        self._graded = Planes(1, *self.sizes.plane(stack.scale))

    def _prepare(self) -> None:
        """A Launch for every kernel: the arrays it is given stay the same from frame to frame."""
        stack = self._stack

        def ready(kernel: Callable[..., None] | None) -> Launch | None:
            return None if kernel is None else Launch(kernel)

        self._fill = {scale: Launch(kernel) for scale, kernel in stack.fill.items()}
        self._smooth = [(image, Launch(kernel)) for image, kernel in stack.smooth]
        self._lay, self._preview, self._draw = Launch(stack.lay), Launch(stack.preview), Launch(stack.draw)
        self._grade, self._calm = ready(stack.grade), ready(stack.calm)
        self._simple, self._reduce = ready(stack.simple), ready(stack.reduce)
        self._add = ready(compile_lay(raster.BLOOM_SCALE // stack.scale, alone=False) if self._streaks else None)

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
        self._row[:] = row
        for _, drawer in self._drawers:
            drawer.step(self._row, tables.array, index)

    def draw(self, out: NDArray[np.int32], row: NDArray[np.float32], tables: Tables, salt: int) -> None:
        """Draw one frame into out, int32 `shape`, packed RGBA8 (R in the lowest byte)."""
        self._row[:] = row
        for scale, fill in self._fill.items():
            fill(self._row, tables.array, self._cols[scale], scale, self.extent[1])
        for image in self._stack.cleared:
            self.planes.cells[3 * image : 3 * image + 3] = 0.0
        for image, kernel in self._smooth:
            self._draw_coarse(kernel, self.planes, image, self.planes, tables)
        for image, drawer in self._drawers:
            drawer.draw(self._row, tables.array, self.planes, image)
        self._spread_light(tables)
        self._finish(flat(out), out.shape[1], tables, salt)

    def _finish(self, out: NDArray[np.int32], strips: int, tables: Tables, salt: int) -> None:
        """The passes at the canvas' size: first what has no fine detail, then the blocks that have."""
        cols = self._cols[1]
        # Columns fill whole cells of the coarsest plane, so that blocks divide them.
        cols.reshape(*self._most.shape, -1).max(axis=2, out=self._most)
        shape = (*self.extent, strips, self.planes.columns // LANES, self.planes.rows)
        if self._grade is not None and self._calm is not None:
            self._compose(self._grade, self._graded, self.planes, tables)
            self._calm(out, self._row, self._graded.flat, self._most, salt, *shape)
        if not self._stack.everywhere:
            arrays = (tables.array, self._flat_cols[1], self.planes.flat, self._most)
            self._draw(out, self._row, *arrays, salt, *shape)

    def _compose(self, kernel: Launch, out: Planes, source: Planes, tables: Tables) -> None:
        kernel(out.flat, self._row, tables.array, source.flat, *self.extent, out.columns // LANES, out.rows)

    def _draw_coarse(self, kernel: Launch, out: Planes, image: int, source: Planes, tables: Tables) -> None:
        cols = self._flat_cols[self.sizes.plane(1)[0] // out.rows]
        shape = (*self.extent, out.columns // LANES, out.rows)
        kernel(out.flat, image, self._row, tables.array, cols, source.flat, *shape)

    def _spread_light(self, tables: Tables) -> None:
        """Bloom and streaks: the light at a quarter of the size, blurred, and laid into the image that carries it."""
        stack, places = self._stack, self.layout.post.places
        strength = float(self._row[places["bloom.strength"]])
        streaks = self._streaks.strength(self._row) if self._streaks is not None else 0.0
        if strength <= 0.0 and stack.light == stack.images:
            self.planes.cells[3 * stack.light :] = 0.0
        if strength <= 0.0 and streaks <= 0.0:
            return
        source = self._reduced
        if self._reduce is not None:
            self._reduce(self.planes.strips, self._reduced.strips)
        elif stack.images:
            source = self.planes
        if self._simple is not None:
            self._compose(self._simple, self.bloom.first, source, tables)
        else:
            self._draw_coarse(self._preview, self.bloom.first, 0, source, tables)
        if self._streaks is not None and streaks > 0.0:
            self._streaks.draw(self.bloom.first, self._row)
        if strength > 0.0:
            self.bloom.blur(float(self._row[places["bloom.spread"]]))
            self._lay(self.bloom.first.strips, self.planes.strips, 3 * stack.light, strength)
        if self._streaks is not None and self._add is not None and streaks > 0.0:
            self._add(self._streaks.planes.strips, self.planes.strips, 3 * stack.light, streaks)
