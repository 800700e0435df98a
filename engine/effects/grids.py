"""Simulations run on a grid of their own, of a size that the quality fixes, and are blown up smoothly to the canvas.

The grid covers the canvas with square cells: cell (x, y) is centred at u = (x + 0.5 - columns / 2) * cell and at
v = (rows / 2 - y - 0.5) * cell. Blowing up is by cubic B-splines, first along columns (`compile_lift`, whole vectors),
then along rows (`weights`, in an effect's own drawing kernel): what is cut out of that has crisp edges.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import taichi as ti
from numpy.typing import NDArray

from engine.kernels import raster
from engine.kernels.planes import in_vectors
from engine.loops import LOOPS
from engine.scene import LANES


@dataclass(frozen=True, slots=True)
class Grid:
    """Sizes of a grid: rows, columns (whole strips), cells along the canvas' shorter side."""

    rows: int
    columns: int
    short: int

    @classmethod
    def of(cls, width: int, height: int, wanted: int) -> "Grid":
        """The grid of a canvas; a canvas of less than `wanted` pixels has no more cells than pixels."""
        side = min(width, height)
        short = max(min(wanted, side), 16)
        columns = -(-width * short // side)
        return cls(-(-height * short // side), -(-columns // LANES) * LANES, short)

    @property
    def strips(self) -> int:
        """Strips in a row."""
        return self.columns // LANES

    @property
    def cell(self) -> float:
        """Side of a cell, in half lengths of the canvas' shorter side."""
        return 2.0 / self.short

    def place(self, width: int, height: int, scale: int) -> tuple[float, float]:
        """Where a picture's rows lie (see `compile_lift`): the place of the first, and how far they are apart."""
        ratio = scale * self.short / min(width, height)
        return 0.5 * ratio - 0.5 + 0.5 * (self.rows - height * self.short / min(width, height)), ratio


class Held:
    """What steps read, as it was at the last even step.

    At 30 fps an odd step lies between two frames, at 60 fps on one: worlds that make much of small differences would
    come apart.
    """

    def __init__(self) -> None:
        self.row, self.tables = np.zeros(0, np.float32), np.zeros((0, 0), np.float32)
        self._fresh = True

    def take(self, row: NDArray[np.float32], tables: NDArray[np.float32], index: int) -> None:
        """Keep a step's numbers, if it is an even one or the first."""
        if not self.row.size:
            self.row, self.tables = row.copy(), tables.copy()
        elif index % 2 == 0 or self._fresh:
            self.row[:], self.tables[:] = row, tables
        self._fresh = False

    def forget(self) -> None:
        """The next step is the first."""
        self._fresh = True


@ti.func
def weights(t):
    """The four weights of the cubic B-spline at a share t of the way from the second to the third."""
    s = 1.0 - t
    a = s * s * s * (1.0 / 6.0)
    d = t * t * t * (1.0 / 6.0)
    b = (4.0 - t * t * (6.0 - 3.0 * t)) * (1.0 / 6.0)
    return ti.Vector([a, b, 1.0 - a - b - d, d])


@ti.func
def slopes(t):
    """The four weights of the spline's derivative, a cell."""
    s = 1.0 - t
    a = -0.5 * s * s
    d = 0.5 * t * t
    b = t * (1.5 * t - 2.0)
    return ti.Vector([a, b, -(a + b + d), d])


@cache
def compile_lift(*, sloped: bool):
    """The kernel lift(source, mid, middle, ratio) from planes [n, rows, strips] to [n, rows of the picture, strips].

    Row y of the picture lies at row middle + ratio * y of the source. sloped: mid has 2 n planes, the second half for
    the derivative downwards, a cell.
    """

    @in_vectors
    @ti.kernel
    def lift(source: raster.PLANES, mid: raster.PLANES, middle: ti.f32, ratio: ti.f32):
        ti.loop_config(serialize=LOOPS.serial)
        for y in range(mid.shape[1]):
            place = middle + ratio * ti.cast(y, ti.f32)
            at = ti.cast(ti.floor(place), ti.i32)
            t = place - ti.cast(at, ti.f32)
            w = weights(t)
            d = slopes(t)
            last = source.shape[1] - 1
            for c in range(source.shape[0]):
                for strip in range(source.shape[2]):
                    total = raster.VEC(0.0)
                    slope = raster.VEC(0.0)
                    for k in ti.static(range(4)):
                        line = source[c, ti.min(ti.max(at + k - 1, 0), last), strip]
                        total += w[k] * line
                        if ti.static(sloped):
                            slope += d[k] * line
                    mid[c, y, strip] = total
                    if ti.static(sloped):
                        mid[source.shape[0] + c, y, strip] = slope

    return lift
