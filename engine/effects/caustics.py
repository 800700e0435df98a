"""Caustics: sunlight on the floor of a pool, and shafts of it in the water.

The surface is a sum of waves. Light that a surface of height h bends falls on the floor at x + depth * grad h, so its
brightness is 1 / |det (1 + depth * hessian h)|: bright lines where the map folds. The depth differs a little for red,
green and blue, as the refraction does.
"""

from math import cos, sin

import taichi as ti

from engine.effects.base import Program, Slots
from engine.kernels import ieee, noise, raster

WAVES = tuple(
    (k * cos(a), k * sin(a), 0.60 / k**1.6, (1.1 * k) ** 0.5, p)
    for k, a, p in (
        (1.7, 0.3, 0.0), (2.2, 1.9, 1.3), (2.9, 3.6, 2.9), (3.8, 5.1, 4.4), (4.9, 0.9, 0.7), (6.3, 2.8, 5.5),
    )
)  # fmt: skip
"""(wave vector, height, frequency, phase)."""
SWELLS = 3
"""So many of them bend the place where the others are looked up."""
DROPS = 2


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    TRAVEL, DEPTH, SCALE, GAIN, DROP, TILES, SHAFTS = slots.params(
        "travel", "depth", "scale", "gain", "drop", "tiles", "shafts"
    )
    ramp = slots.ramp

    @ti.func
    def pixel(u, v, px, row: ti.template(), tables: ti.template(), col: ti.template(), tex: ti.template()):
        travel = row[TRAVEL]
        shift = 9.0 * row[raster.SEED]
        # A floor that runs away from the viewer; its horizon lies above the picture.
        up = v / row[raster.EXTENT_V]
        far = 1.0 / (1.42 - up)
        x = u * far * row[SCALE] * 1.5 + shift
        y = far * row[SCALE] * 2.6 + 0.11 * travel
        fine = px * far * row[SCALE] * 2.4
        gx, gy = 0.0, 0.0
        for k in ti.static(range(SWELLS)):
            kx, ky, high, pace, phase = ti.static(WAVES[k])
            slope = high * ieee.cos(kx * x + ky * y + (pace * travel + phase))
            gx += kx * slope
            gy += ky * slope
        bend = 0.6 * row[DEPTH]
        x1 = x - bend * gx
        y1 = y - bend * gy
        xx, xy, yy = 0.0, 0.0, 0.0
        for k in ti.static(range(len(WAVES))):
            kx, ky, high, pace, phase = ti.static(WAVES[k])
            s = high * ieee.sin(kx * x1 + ky * y1 + (pace * travel + phase))
            xx -= kx * kx * s
            xy -= kx * ky * s
            yy -= ky * ky * s
        for k in ti.static(range(DROPS)):
            age = tables[raster.BEATS_ROW, k]
            number = ti.cast(tables[raster.BEATS_ROW + 2, k], ti.i32)
            dice = noise.hash32(number)
            cx = shift + (noise.unit(dice) - 0.5) * row[SCALE] * 3.0
            cy = row[SCALE] * (1.3 + 1.5 * noise.unit(noise.hash32(dice))) + 0.11 * travel
            dx, dy = x1 - cx, y1 - cy
            r2 = dx * dx + dy * dy + 1e-4
            r = ti.sqrt(r2)
            out = r - age * 1.6
            near = 1.0 / (1.0 + out * out * 14.0)
            s = (
                ieee.sin(out * 9.0)
                * near
                * near
                * row[DROP]
                * tables[raster.BEATS_ROW + 1, k]
                / (1.0 + 2.0 * age * age)
            )
            s = s / r2
            xx += dx * dx * s
            xy += dx * dy * s
            yy += dy * dy * s
        trace = xx + yy
        det = xx * yy - xy * xy
        soft = 0.09 + 1.4 * fine
        light = ti.Vector([0.0, 0.0, 0.0])
        for c in ti.static(range(3)):
            depth = row[DEPTH] * ti.static(0.94 + 0.06 * c)
            fold = ti.abs(1.0 + depth * (trace + depth * det))
            light[c] = ieee.low(0.30 / (soft + fold), 3.0)
        # The floor's mosaic, seen through the moving surface.
        tx = (x + 0.30 * gx) * 2.2
        ty = (y + 0.30 * gy) * 2.2
        ex = ti.abs(ieee.fract(tx) - 0.5)
        ey = ti.abs(ieee.fract(ty) - 0.5)
        wide = 2.2 * fine
        grout = ieee.clamp01((ieee.high(ex, ey) - 0.47 + wide) / (0.02 + 2.0 * wide)) / (1.0 + 14.0 * wide)
        dice = noise.unit(noise.quick2(ti.cast(ti.floor(tx), ti.i32), ti.cast(ti.floor(ty), ti.i32)))
        stone = 1.0 + row[TILES] * ((0.34 * dice - 0.17) / (1.0 + 6.0 * wide) - 0.5 * grout)
        clear = ieee.clamp01(1.22 - 0.62 * far)
        clear = clear * clear
        floor = ramp(row, 0.50) * (0.16 * stone)
        for c in ti.static(range(3)):
            floor[c] = floor[c] * (1.0 + 0.8 * light[c])
        shine = ramp(row, 0.86)
        for c in ti.static(range(3)):
            floor[c] = floor[c] + shine[c] * (stone * 0.34 * light[c] * light[c])
        lean = (u + 0.6) / (2.4 - up)
        rays = 0.5 + 0.5 * ieee.sin(lean * 19.0 + 0.31 * travel)
        rays = rays * (0.5 + 0.5 * ieee.sin(lean * 31.0 - 0.43 * travel + 2.0))
        rise = ieee.clamp01(0.5 + 0.5 * up)
        water = ramp(row, 0.12 + 0.26 * rise) * (0.25 + 0.75 * rise)
        beam = ramp(row, 0.72) * (row[SHAFTS] * rays * rise * rise * 0.55)
        return (floor * clear + water * (1.0 - clear) + beam) * row[GAIN]

    return Program(pixel, smooth=True)
