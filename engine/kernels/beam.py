"""A beam that runs along points and leaves light in one plane: slow strokes are bright, fast ones faint.

The light of a stroke is its beam's profile (1 - d^2)^2 integrated over the way, so that strokes that follow each other
join without beads, as in m1el's "woscope" with a polynomial in place of the Gaussian.
"""

import taichi as ti

from engine.kernels import ieee
from engine.kernels.planes import in_vectors
from engine.kernels.raster import CELLS, PLANES, TABLES
from engine.loops import LOOPS

BAND = 16


@ti.func
def _passed(x):
    """The share of the profile's light below x in -1..1."""
    t = ieee.low(ieee.high(x, -1.0), 1.0)
    q = t * t
    return 0.5 + t * (0.9375 + q * (-0.625 + q * 0.1875))


@in_vectors
@ti.kernel
def dim(plane: PLANES, keep: ti.f32):
    """Multiply a plane by `keep`."""
    ti.loop_config(serialize=LOOPS.serial)
    for y in range(plane.shape[1]):
        for strip in range(plane.shape[2]):
            plane[0, y, strip] = plane[0, y, strip] * keep


@ti.kernel
def stroke(points: TABLES, plane: CELLS, count: ti.i32, radius: ti.f32, light: ti.f32):
    """Add what the beam leaves between `count` points to a plane [1, rows, columns].

    points: x and y in cells and the beam's strength, one a row, all the same time apart; strength 0 at a point
    that no stroke leaves. light: what a stroke of strength 1 leaves, summed over all cells.
    """
    # A band of rows belongs to one thread, which adds the strokes in their order: float sums then never differ.
    ti.loop_config(serialize=LOOPS.serial)
    for band in range((plane.shape[1] + BAND - 1) // BAND):
        top = band * BAND
        bottom = ti.min(top + BAND, plane.shape[1])
        for n in range(count - 1):
            xa, ya = points[n, 0], points[n, 1]
            dx, dy = points[n + 1, 0] - xa, points[n + 1, 1] - ya
            first = ti.min(ya, ya + dy) - radius
            last = ti.max(ya, ya + dy) + radius
            if (last > ti.cast(top, ti.f32)) & (first < ti.cast(bottom, ti.f32)):
                length = ti.max(ti.sqrt(dx * dx + dy * dy), 0.05 * radius)
                cx, cy = dx / length, dy / length
                share = light * points[n, 2] * 0.9375 / (length * radius)
                # Where a row crosses the strip of all points that are nearer to the line than the radius.
                steep = ti.abs(dy) > 1e-3
                slope = ti.select(steep, dx / ti.select(steep, dy, 1.0), 0.0)
                half = ti.select(steep, radius * length / ti.select(steep, ti.abs(dy), 1.0), 1e9)
                left = ti.min(xa, xa + dx) - radius
                right = ti.max(xa, xa + dx) + radius
                y0 = ti.max(ti.cast(ti.floor(first), ti.i32), top)
                y1 = ti.min(ti.cast(ti.floor(last), ti.i32) + 1, bottom)
                inverse = 1.0 / radius
                for y in range(y0, y1):
                    py = ti.cast(y, ti.f32) + 0.5 - ya
                    middle = xa + py * slope
                    x0 = ti.max(ti.cast(ti.floor(ti.max(left, middle - half)), ti.i32), 0)
                    x1 = ti.min(ti.cast(ti.floor(ti.min(right, middle + half)), ti.i32) + 1, plane.shape[2])
                    for x in range(x0, x1):
                        px = ti.cast(x, ti.f32) + 0.5 - xa
                        d = (px * cy - py * cx) * inverse
                        s = (px * cx + py * cy) * inverse
                        w = ti.max(1.0 - d * d, 0.0)
                        found = w * w * (_passed(s) - _passed(s - length * inverse)) * share
                        plane[0, y, x] = plane[0, y, x] + found
