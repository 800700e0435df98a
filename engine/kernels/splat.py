"""Points of light added to an image, in an order that no number of threads changes."""

import numpy as np
import taichi as ti
from numpy.typing import NDArray

from engine.kernels.raster import CELLS, TABLES
from engine.launch import CPUS, Launch
from engine.loops import LOOPS
from engine.planes import Planes

FIELDS = 6
"""Numbers of a point: x, y and radius in cells of the image, then its linear colour."""
BAND = 16
PORTION = 500
"""Points a launch on a GPU: Mesa's lavapipe gives up a loop after 65535 iterations, those of inner loops counted."""
LARGEST = 9.0
"""Largest radius of a point, in cells."""


@ti.kernel
def _splat(points: TABLES, planes: CELLS, image: ti.i32, bands: ti.i32):
    # A band of lines belongs to one thread, which adds the points in index order: float sums then never differ.
    ti.loop_config(serialize=LOOPS.serial)
    for band in range(bands):
        top = band * BAND
        bottom = ti.min(top + BAND, planes.shape[1])
        for n in range(points.shape[0]):
            px = points[n, 0]
            py = points[n, 1]
            reach = points[n, 2]
            if (reach > 0.0) & (py + reach > ti.cast(top, ti.f32)) & (py - reach < ti.cast(bottom, ti.f32)):
                y0 = ti.max(ti.cast(ti.floor(py - reach), ti.i32), top)
                y1 = ti.min(ti.cast(ti.floor(py + reach), ti.i32) + 1, bottom)
                x0 = ti.max(ti.cast(ti.floor(px - reach), ti.i32), 0)
                x1 = ti.min(ti.cast(ti.floor(px + reach), ti.i32) + 1, planes.shape[2])
                inverse = 1.0 / (reach * reach)
                for y in range(y0, y1):
                    dy = ti.cast(y, ti.f32) + 0.5 - py
                    for x in range(x0, x1):
                        dx = ti.cast(x, ti.f32) + 0.5 - px
                        w = ti.max(1.0 - (dx * dx + dy * dy) * inverse, 0.0)
                        w = w * w
                        for c in ti.static(range(3)):
                            # Read and stored apart: `+=` on an array would become an atomic, which nothing needs here.
                            value = planes[3 * image + c, y, x] + points[n, 3 + c] * w
                            planes[3 * image + c, y, x] = value


class Splat:
    """Adds points, float32 [n, FIELDS], to an image: light falls to 0 at the radius as (1 - d^2)^2. Radius 0: none."""

    def __init__(self) -> None:
        self._launch = Launch(_splat)

    def __call__(self, points: NDArray[np.float32], planes: Planes, image: int) -> None:
        """Add them all."""
        bands = -(-planes.rows // BAND)
        if ti.lang.impl.current_cfg().arch in CPUS:
            self._launch(points, planes.cells, image, bands)
            return
        for start in range(0, len(points), PORTION):
            self._launch(points[start : start + PORTION], planes.cells, image, bands)
