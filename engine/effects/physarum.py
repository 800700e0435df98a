"""Physarum: slime mould of three kinds, for bass, middle and treble, whose trails glow (see engine.effects.mould)."""

from collections.abc import Callable
from functools import partial

import numpy as np
import taichi as ti
from numpy.typing import NDArray

from engine.effects.base import STEP_RATE, Program, Slots
from engine.effects.grids import Grid, Held, compile_lift, weights
from engine.effects.mould import FOLLOW, KINDS, compile_wander, scatter, spread
from engine.kernels import ieee, raster
from engine.launch import Launch
from engine.loops import LOOPS
from engine.planes import Planes, aligned
from engine.scene import LANES

SHORT = {1: 320, 2: 256, 4: 200}
"""Cells along the canvas' shorter side, by the scale of the planes."""
SHARE = 0.25
"""Agents a cell."""
GROWTH = 200
"""Steps before the first: nets that have grown."""


def _compile_show(slots: Slots):
    GAIN, GLOW, WAVE, TONE = slots.params("gain", "glow", "wave", "tone")
    ramp = slots.ramp
    size = slots.size

    @ti.kernel
    def show(
        out: raster.FLAT, image: ti.i32, values: raster.VALUES, tables: raster.TABLES, mid: raster.CELLS,
        height: ti.f32, width: ti.f32, scale: ti.f32, strips: ti.i32, rows: ti.i32, cell: ti.f32,
        low: ti.f32, middle: ti.f32, high: ti.f32,
    ):  # fmt: skip
        ti.loop_config(serialize=LOOPS.serial)
        for y in range(rows):
            row = ti.Vector([0.0] * size)
            for k in ti.static(range(size)):
                row[k] = values[k]
            px = row[raster.PX]
            v = (0.5 * height - (ti.cast(y, ti.f32) + 0.5) * scale) * px
            columns = mid.shape[2]
            center = 0.5 * ti.cast(columns, ti.f32) - 0.5
            age = tables[raster.BEATS_ROW, 0]
            wave = row[WAVE] * tables[raster.BEATS_ROW + 1, 0] / (1.0 + 2.0 * age * age)
            front = age * 1.5
            ground = ramp(row, 0.10)
            first, second, third = ramp(row, 0.40 + row[TONE]), ramp(row, 0.62 + row[TONE]), ramp(row, 0.84 + row[TONE])
            hot = ramp(row, 1.0)
            for strip in range(strips):
                light = ti.Matrix([[0.0] * LANES] * 3)
                for i in range(LANES):
                    u = ((ti.cast(strip * LANES + i, ti.f32) + 0.5) * scale - 0.5 * width) * px
                    place = u / cell + center
                    whole = ti.floor(place)
                    w = weights(place - whole)
                    at = ti.cast(whole, ti.i32) - 1
                    trail = ti.Vector([0.0, 0.0, 0.0])
                    for k in ti.static(range(4)):
                        x = ti.min(ti.max(at + k, 0), columns - 1)
                        for c in ti.static(range(KINDS)):
                            trail[c] += w[k] * mid[c, y, x]
                    r2 = u * u + v * v
                    off = ti.sqrt(r2) - front
                    pulse = 1.0 + wave / (1.0 + 40.0 * off * off)
                    a, b, c3 = trail[0] * 0.09, trail[1] * 0.09, trail[2] * 0.09
                    # Thin trails glow in their colour, thick ones burn in the palette's brightest.
                    a, b, c3 = a * a / (0.25 + a), b * b / (0.25 + b), c3 * c3 / (0.25 + c3)
                    total = a + b + c3
                    core = ieee.high(total - 1.0, 0.0)
                    color = ground * (0.5 + 0.5 / (1.0 + 1.5 * r2))
                    color += first * (a * (0.25 + low)) + second * (b * (0.25 + middle)) + third * (c3 * (0.25 + high))
                    color += hot * (row[GLOW] * core / (1.0 + 0.5 * core))
                    color = color * (row[GAIN] * pulse)
                    for c in ti.static(range(3)):
                        light[c, i] = color[c]
                for c in ti.static(range(3)):
                    line = ((3 * image + c) * rows + y) * strips + strip
                    found = raster.VEC([light[c, i] for i in ti.static(range(LANES))])
                    if ti.static(not LOOPS.partial):
                        found += 0.0 * out[line]
                    out[line] = found

    return show


class _Mould:
    """See engine.effects.base.Drawer."""

    memory = True

    def __init__(
        self, kernels: tuple[Callable[..., None], ...], slots: Slots,
        width: int, height: int, scale: int, seed: int,
    ) -> None:  # fmt: skip
        self._wander, self._show = (Launch(one) for one in kernels)
        self._spread, self._lift, self._scatter = Launch(spread), Launch(compile_lift(sloped=False)), Launch(scatter)
        self._fade, self._wide = slots.params("fade", "spread")
        self._loud = slots.params("low", "middle", "high")
        grid = Grid.of(width, height, SHORT[scale])
        rows, columns = raster.Raster(width, height).plane(scale)
        shape = (KINDS, grid.rows, grid.strips, LANES)
        self._old, self._new, self._left, self._scent = (aligned(shape, np.float32) for _ in range(4))
        self._counts = np.zeros((KINDS, grid.rows, grid.columns), np.int32)
        self._agents = np.zeros((int(grid.rows * grid.columns * SHARE), 4), np.float32)
        self._mid = aligned((KINDS, rows, grid.strips, LANES), np.float32)
        self._place = grid.place(width, height, scale)
        self._size = (float(height), float(width), float(scale), columns // LANES, rows, grid.cell)
        self._salt = seed & 0xFFFF
        self._held = Held()
        self.reset()

    def reset(self) -> None:
        """Nothing has grown yet; the first step lets it."""
        self._grown = False
        self._held.forget()
        self._pace = [0.3, 0.3, 0.3]

    def step(self, row: NDArray[np.float32], tables: NDArray[np.float32], index: int) -> None:
        """Smell, turn, go, leave; then the trails spread."""
        held = self._held
        held.take(row, tables, index)
        first, times = index, 1
        if not self._grown:
            self._old[:], self._scent[:] = 0.0, 0.0
            self._scatter(self._agents, *self._counts.shape[1:], self._salt)
            self._grown, first, times = True, index - GROWTH, GROWTH
        keep = 0.5 ** (1.0 / (STEP_RATE * max(float(held.row[self._fade]), 0.02)))
        for k, place in enumerate(self._loud):
            self._pace[k] += FOLLOW * (float(held.row[place]) - self._pace[k])
        for n in range(first, first + times):
            self._counts[:] = 0
            even = int(n % 2 == 0 and times == 1)
            self._wander(
                self._agents, _cells(self._scent), self._counts, held.row, held.tables, n & 0xFFFFF, self._salt, even,
                *self._pace,
            )  # fmt: skip
            _cells(self._left)[:] = self._counts
            self._spread(self._old, self._new, self._left, self._scent, keep, float(held.row[self._wide]))
            self._old, self._new = self._new, self._old

    def draw(self, row: NDArray[np.float32], tables: NDArray[np.float32], planes: Planes, first: int) -> None:
        """Blow the trails up and let them glow."""
        self._lift(self._old, self._mid, *self._place)
        self._show(planes.flat, first, row, tables, _cells(self._mid), *self._size, *self._pace)


def _cells(strips: NDArray[np.float32]) -> NDArray[np.float32]:
    return strips.reshape(strips.shape[0], strips.shape[1], -1)


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    # Once for all tasks: Taichi never forgets a kernel.
    kernels = compile_wander(slots, raster.BEATS_ROW), _compile_show(slots)
    return Program(drawer=partial(_Mould, kernels, slots))
