"""Fluid: bass, middle and treble pour three dyes into moving water; every beat is a jet (see stream.py)."""

from collections.abc import Callable
from functools import partial

import numpy as np
import taichi as ti
from numpy.typing import NDArray

from engine.effects.base import Program, Slots
from engine.effects.grids import Grid, Held, compile_lift, slopes, weights
from engine.effects.pressure import gather, press, settle, swirl
from engine.effects.stream import DYES, FINER, compile_carry, compile_push
from engine.kernels import ieee, raster
from engine.launch import Launch
from engine.loops import LOOPS
from engine.planes import Planes, aligned
from engine.scene import LANES

SHORT = {1: 128, 2: 112, 4: 80}
"""Cells of velocity along the canvas' shorter side, by the scale of the planes."""
ROUNDS = 10
"""Pairs of Jacobi rounds in a step."""
GROWTH = 160
"""Steps before the first: water that has been stirred."""
FOLLOW = 0.15
"""Share of the way that the inflow goes to the music in a step."""


def _compile_show(slots: Slots):
    GAIN, SHEEN, GROUND, TONE = slots.params("gain", "sheen", "ground", "tone")
    ramp = slots.ramp
    size = slots.size

    @ti.kernel
    def show(
        out: raster.FLAT, image: ti.i32, values: raster.VALUES, mid: raster.CELLS,
        height: ti.f32, width: ti.f32, scale: ti.f32, strips: ti.i32, rows: ti.i32, cell: ti.f32,
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
            first, second, third = ramp(row, 0.36 + row[TONE]), ramp(row, 0.60 + row[TONE]), ramp(row, 0.84 + row[TONE])
            dark, hot = ramp(row, 0.12), ramp(row, 1.0)
            for strip in range(strips):
                light = ti.Matrix([[0.0] * LANES] * 3)
                for i in range(LANES):
                    u = ((ti.cast(strip * LANES + i, ti.f32) + 0.5) * scale - 0.5 * width) * px
                    place = u / cell + center
                    whole = ti.floor(place)
                    w, d = weights(place - whole), slopes(place - whole)
                    at = ti.cast(whole, ti.i32) - 1
                    dye = ti.Vector([0.0, 0.0, 0.0])
                    slope = 0.0
                    for k in ti.static(range(4)):
                        x = ti.min(ti.max(at + k, 0), columns - 1)
                        total = 0.0
                        for c in ti.static(range(DYES)):
                            value = mid[c, y, x]
                            dye[c] += w[k] * value
                            total += value
                        slope += d[k] * total
                    thick = dye[0] + dye[1] + dye[2]
                    # Lit from the side: folds of dye have a bright and a dark flank.
                    steep = 9.0 * slope / (0.35 + thick)
                    flank = steep / ti.sqrt(1.0 + steep * steep)
                    body = 1.0 + 0.55 * flank
                    edge = ieee.high(flank, 0.0)
                    edge = edge * edge * thick / (0.3 + thick)
                    a = dye[0] * dye[0] / (0.10 + dye[0])
                    b = dye[1] * dye[1] / (0.10 + dye[1])
                    c3 = dye[2] * dye[2] / (0.10 + dye[2])
                    core = ieee.high(thick - 1.1, 0.0)
                    color = dark * (row[GROUND] * (0.35 + 0.65 / (1.0 + 0.8 * (u * u + v * v))) / (1.0 + thick))
                    color += (first * a + second * b + third * c3) * body
                    color += hot * (row[SHEEN] * (0.5 * edge + 0.35 * core / (1.0 + core)))
                    for c in ti.static(range(3)):
                        light[c, i] = color[c] * row[GAIN]
                for c in ti.static(range(3)):
                    line = ((3 * image + c) * rows + y) * strips + strip
                    found = raster.VEC([light[c, i] for i in ti.static(range(LANES))])
                    if ti.static(not LOOPS.partial):
                        found += 0.0 * out[line]
                    out[line] = found

    return show


class _Water:
    """See engine.effects.base.Drawer."""

    memory = True

    def __init__(
        self, kernels: tuple[Callable[..., None], ...], slots: Slots,
        width: int, height: int, scale: int, seed: int,
    ) -> None:  # fmt: skip
        self._push, self._carry, self._show = (Launch(one) for one in kernels)
        self._swirl, self._gather, self._press, self._settle = (Launch(one) for one in (swirl, gather, press, settle))
        self._lift = Launch(compile_lift(sloped=False))
        self._loud, self._vortex = slots.params("low", "middle", "high"), slots.params("vortex")[0]
        coarse = Grid.of(width, height, SHORT[scale])
        fine = Grid(coarse.rows * FINER, coarse.columns * FINER, coarse.short * FINER)
        rows, columns = raster.Raster(width, height).plane(scale)

        def planes(count: int, grid: Grid) -> NDArray[np.float32]:
            return aligned((count, grid.rows, grid.strips, LANES), np.float32)

        self._flow, self._other, self._curl = (planes(2, coarse) for _ in range(3))
        self._source, self._pressure, self._spare = (planes(1, coarse) for _ in range(3))
        self._dye, self._next = (planes(DYES, fine) for _ in range(2))
        self._mid = aligned((DYES, rows, fine.strips, LANES), np.float32)
        self._place = fine.place(width, height, scale)
        self._size = (float(height), float(width), float(scale), columns // LANES, rows, fine.cell)
        self._cell = coarse.cell
        self._salt = seed & 0xFFFF
        self._held = Held()
        self.reset()

    def reset(self) -> None:
        """Clear, still water; the first step stirs it."""
        for one in (self._flow, self._pressure, self._dye):
            one[:] = 0.0
        self._stirred = False
        self._held.forget()
        self._levels = [0.5, 0.5, 0.5]

    def step(self, row: NDArray[np.float32], tables: NDArray[np.float32], index: int) -> None:
        """Push, settle, carry the dyes along."""
        self._held.take(row, tables, index)
        for k, place in enumerate(self._loud):
            self._levels[k] += FOLLOW * (float(self._held.row[place]) - self._levels[k])
        if not self._stirred:
            self._stirred = True
            moment = self._held.row[raster.T]
            for n in range(GROWTH):
                self._held.row[raster.T] = moment - np.float32((GROWTH - n) / 60.0)
                self._advance(0.0)
            self._held.row[raster.T] = moment
        self._advance(1.0)

    def _advance(self, jet: float) -> None:
        held, spray = self._held, (self._salt, jet, *self._levels)
        self._push(_cells(self._flow), self._other, held.row, held.tables, self._cell, *spray)
        self._swirl(self._other, self._curl, self._flow, float(held.row[self._vortex]))
        self._gather(self._flow, self._source)
        for _ in range(ROUNDS):
            self._press(self._pressure, self._spare, self._source)
        self._settle(self._flow, self._pressure)
        self._carry(
            _cells(self._dye), self._next, _cells(self._flow), held.row, held.tables, self._cell / FINER, *spray
        )
        self._dye, self._next = self._next, self._dye

    def draw(self, row: NDArray[np.float32], tables: NDArray[np.float32], planes: Planes, first: int) -> None:
        """Blow the dyes up and light them."""
        self._lift(self._dye, self._mid, *self._place)
        self._show(planes.flat, first, row, _cells(self._mid), *self._size)


def _cells(strips: NDArray[np.float32]) -> NDArray[np.float32]:
    return strips.reshape(strips.shape[0], strips.shape[1], -1)


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    # Once for all tasks: Taichi never forgets a kernel.
    kernels = (
        compile_push(slots, raster.BEATS_ROW),
        compile_carry(slots, raster.BEATS_ROW),
        _compile_show(slots),
    )
    return Program(drawer=partial(_Water, kernels, slots))
