"""Streaks of light added to an image: lines with round ends, brighter towards their head; one without length is a dot.

The same order whatever the number of threads, as in engine.kernels.splat.
"""

import numpy as np
import taichi as ti
from numpy.typing import NDArray

from engine.kernels.raster import CELLS, TABLES
from engine.launch import CPUS, Launch
from engine.loops import LOOPS
from engine.planes import Planes

FIELDS = 9
"""Numbers of a streak: x and y of its tail, x and y of its head, its radius, all in cells of the image; its linear
colour at the head; the share of that light at the tail."""
BAND = 16
PORTION = 100
"""Streaks a launch on a GPU: see engine.kernels.splat."""
LONGEST = 6000.0
"""A streak that spans more cells than this in x or y is not drawn."""


@ti.func
def thin(radius, reach, length):
    """The share of light that a streak keeps when it is drawn with the radius `reach` in place of a smaller one."""
    return radius * (length + radius) / (reach * (length + reach))


@ti.kernel
def _streak(lines: TABLES, planes: CELLS, image: ti.i32, bands: ti.i32):
    # A band of rows belongs to one thread, which adds the streaks in index order: float sums then never differ.
    ti.loop_config(serialize=LOOPS.serial)
    for band in range(bands):
        top = band * BAND
        bottom = ti.min(top + BAND, planes.shape[1])
        for n in range(lines.shape[0]):
            reach = lines[n, 4]
            ya = lines[n, 1]
            yb = lines[n, 3]
            first = ti.min(ya, yb) - reach
            last = ti.max(ya, yb) + reach
            if (reach > 0.0) & (last > ti.cast(top, ti.f32)) & (first < ti.cast(bottom, ti.f32)):
                xa = lines[n, 0]
                dx = lines[n, 2] - xa
                dy = yb - ya
                long = dx * dx + dy * dy
                share = 1.0 / ti.max(long, 1e-6)
                inverse = 1.0 / (reach * reach)
                # Where a row crosses the strip of all points that are nearer to the line than the radius.
                slope = ti.select(ti.abs(dy) > 1e-3, dx / dy, 0.0)
                half = ti.select(ti.abs(dy) > 1e-3, reach * ti.sqrt(long) / ti.max(ti.abs(dy), 1e-3), 1e9)
                left = ti.min(xa, xa + dx) - reach
                right = ti.max(xa, xa + dx) + reach
                y0 = ti.max(ti.cast(ti.floor(first), ti.i32), top)
                y1 = ti.min(ti.cast(ti.floor(last), ti.i32) + 1, bottom)
                if (ti.abs(dx) < LONGEST) & (ti.abs(dy) < LONGEST):
                    for y in range(y0, y1):
                        py = ti.cast(y, ti.f32) + 0.5 - ya
                        middle = xa + py * slope
                        start = ti.max(ti.max(left, middle - half), 0.0)
                        end = ti.min(ti.min(right, middle + half), ti.cast(planes.shape[2] - 1, ti.f32))
                        for x in range(ti.cast(start, ti.i32), ti.cast(end, ti.i32) + ti.cast(end > start, ti.i32)):
                            px = ti.cast(x, ti.f32) + 0.5 - xa
                            t = ti.min(ti.max((px * dx + py * dy) * share, 0.0), 1.0)
                            ex = px - t * dx
                            ey = py - t * dy
                            w = ti.max(1.0 - (ex * ex + ey * ey) * inverse, 0.0)
                            w = w * w * (lines[n, 8] + (1.0 - lines[n, 8]) * t)
                            for c in ti.static(range(3)):
                                # Read and stored apart: `+=` on an array would become an atomic.
                                value = planes[3 * image + c, y, x] + lines[n, 5 + c] * w
                                planes[3 * image + c, y, x] = value


class Streaks:
    """Adds streaks, float32 [n, FIELDS], to an image: light falls to 0 at the radius as (1 - d^2)^2. Radius 0: none."""

    def __init__(self) -> None:
        self._launch = Launch(_streak)

    def __call__(self, lines: NDArray[np.float32], planes: Planes, image: int) -> None:
        """Add them all."""
        bands = -(-planes.rows // BAND)
        if ti.lang.impl.current_cfg().arch in CPUS:
            self._launch(lines, planes.cells, image, bands)
            return
        for start in range(0, len(lines), PORTION):
            self._launch(lines[start : start + PORTION], planes.cells, image, bands)
