"""Pictures made of layers, each of which has a few numbers a column; a pixel goes through them from last to first.

The layers are a loop that is compiled, not unrolled: ten or more of them unrolled in the drawing passes would take LLVM
minutes. The innermost loop is over the LANES pixels of a strip, so that it vectorises.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import taichi as ti
from numpy.typing import NDArray

from engine.effects.base import Memoryless, Program
from engine.kernels import raster
from engine.kernels.raster import CELLS, LANES, PLANES, PX, TABLES, VALUES, VEC
from engine.launch import Launch
from engine.loops import LOOPS
from engine.planes import Planes, aligned

Function = Callable[..., Any]
NOTHING, PART, ALL = 0, 1, 2


def layered(size: int, count: int, numbers: int, facts: int, functions: tuple[Function, ...]) -> Program:
    """A program that draws `count` layers of `numbers` numbers a column.

    size: of the row; facts: how many numbers a pixel knows. functions, all ti.funcs: curve(u, k, row, tables) -> the
    numbers of layer k; begin(u, v, row) -> the facts before any layer; layer(u, v, px, row, k, own, known) -> the facts
    with layer k in front; finish(u, v, px, row, known) -> linear RGB; hides(v, px, row, k, low, high, own) -> NOTHING,
    PART or ALL that layer k may hide of a strip whose first number lies between low and high: what hides nothing and
    what is hidden is left out. own: the numbers at the strip's left end.
    """
    kernels = _compile(size, count, numbers, facts, functions)
    return Program(drawer=partial(_Layers, kernels, count * numbers, numbers))


def _compile(size: int, count: int, numbers: int, facts: int, functions: tuple[Function, ...]):
    curve, begin, layer, finish, hides = functions

    @ti.kernel
    def fill(values: VALUES, tables: TABLES, cells: CELLS, scale: ti.f32, width: ti.f32):
        ti.loop_config(serialize=LOOPS.serial)
        for strip in range(cells.shape[1]):
            row = ti.Vector([0.0] * size)
            for k in ti.static(range(size)):
                row[k] = values[k]
            for i in range(LANES):
                u = ((ti.cast(strip * LANES + i, ti.f32) + 0.5) * scale - 0.5 * width) * row[PX]
                for k in range(count):
                    found = curve(u, k, row, tables)
                    for j in ti.static(range(numbers)):
                        cells[k * numbers + j, strip, i] = found[j]

    @ti.kernel
    def paint(
        values: VALUES,
        curves: PLANES,
        ends: CELLS,
        out: PLANES,
        first: ti.i32,
        height: ti.f32,
        width: ti.f32,
        scale: ti.f32,
    ):
        ti.loop_config(serialize=LOOPS.serial)
        for y in range(out.shape[1]):
            row = ti.Vector([0.0] * size)
            for k in ti.static(range(size)):
                row[k] = values[k]
            px = row[PX]
            v = (0.5 * height - (ti.cast(y, ti.f32) + 0.5) * scale) * px
            for strip in range(out.shape[2]):
                known = ti.Matrix([[0.0] * LANES] * facts)
                for i in range(LANES):
                    u = ((ti.cast(strip * LANES + i, ti.f32) + 0.5) * scale - 0.5 * width) * px
                    first_facts = begin(u, v, row)
                    for j in ti.static(range(facts)):
                        known[j, i] = first_facts[j]
                deepest = 0
                found_all = 0
                while (deepest < count - 1) & (found_all == 0):
                    low, high = ends[0, deepest, strip], ends[1, deepest, strip]
                    left = ti.Vector([curves[0, deepest * numbers + j, strip][0] for j in ti.static(range(numbers))])
                    if hides(v, px * scale, row, deepest, low, high, left) == ALL:
                        found_all = 1
                    else:
                        deepest += 1
                for n in range(deepest + 1):
                    k = deepest - n
                    low, high = ends[0, k, strip], ends[1, k, strip]
                    left = ti.Vector([curves[0, k * numbers + j, strip][0] for j in ti.static(range(numbers))])
                    if hides(v, px * scale, row, k, low, high, left) == NOTHING:
                        continue
                    own = ti.Matrix([[0.0] * LANES] * numbers)
                    for j in ti.static(range(numbers)):
                        loaded = curves[0, k * numbers + j, strip]
                        for i in ti.static(range(LANES)):
                            own[j, i] = loaded[i]
                    for i in range(LANES):
                        u = ((ti.cast(strip * LANES + i, ti.f32) + 0.5) * scale - 0.5 * width) * px
                        mine = ti.Vector([own[j, i] for j in ti.static(range(numbers))])
                        before = ti.Vector([known[j, i] for j in ti.static(range(facts))])
                        after = layer(u, v, px * scale, row, k, mine, before)
                        for j in ti.static(range(facts)):
                            known[j, i] = after[j]
                light = ti.Matrix([[0.0] * LANES] * 3)
                for i in range(LANES):
                    u = ((ti.cast(strip * LANES + i, ti.f32) + 0.5) * scale - 0.5 * width) * px
                    last = ti.Vector([known[j, i] for j in ti.static(range(facts))])
                    color = finish(u, v, px * scale, row, last)
                    for c in ti.static(range(3)):
                        light[c, i] = color[c]
                for c in ti.static(range(3)):
                    found = VEC([light[c, i] for i in ti.static(range(LANES))])
                    if ti.static(not LOOPS.partial):
                        found += 0.0 * out[3 * first + c, y, strip]
                    out[3 * first + c, y, strip] = found

    return fill, paint


class _Layers(Memoryless):
    """See engine.effects.base.Drawer."""

    def __init__(
        self, kernels: tuple[Function, ...], lines: int, numbers: int, width: int, height: int, scale: int, seed: int
    ) -> None:
        del seed  # the row has it
        self._fill, self._paint = (Launch(one) for one in kernels)
        columns = raster.Raster(width, height).plane(scale)[1]
        self._curves = aligned((1, lines, columns // LANES, LANES), np.float32)
        self._cells = self._curves.reshape(self._curves.shape[1:])
        self._firsts = self._curves[0, ::numbers]
        self._ends = np.zeros((2, *self._firsts.shape[:2]), np.float32)
        self._size = (float(height), float(width), float(scale))

    def draw(self, row: NDArray[np.float32], tables: NDArray[np.float32], planes: Planes, first: int) -> None:
        """The curves of this moment, then every pixel."""
        self._fill(row, tables, self._cells, self._size[2], self._size[1])
        self._firsts.min(axis=2, out=self._ends[0])
        self._firsts.max(axis=2, out=self._ends[1])
        self._paint(row, self._curves, self._ends, planes.strips, first, *self._size)
