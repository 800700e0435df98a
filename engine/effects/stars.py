"""Stars: a seeded field of twinkling points, one at most in each cell of a grid."""

import taichi as ti

from engine.effects.base import Program, Slots
from engine.kernels import ieee, noise, raster


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    DENSITY, SIZE, TWINKLE, GAIN, DRIFT = slots.params("density", "size", "twinkle", "gain", "drift")

    @ti.func
    def pixel(u, v, px, row: ti.template(), tables: ti.template(), col: ti.template(), tex: ti.template()):
        gx = (u + row[DRIFT]) * 22.0
        gy = v * 22.0
        cx = ti.floor(gx)
        cy = ti.floor(gy)
        h = noise.quick2(ti.cast(cx, ti.i32) + 1024, ti.cast(cy, ti.i32) + 1024 + ti.cast(row[raster.SEED] * 65536.0, ti.i32))
        a = noise.unit(h)
        b = noise.unit(h << 8)
        c = noise.unit(h << 16)
        dx = gx - cx - 0.2 - 0.6 * a
        dy = gy - cy - 0.2 - 0.6 * b
        far = ti.sqrt(dx * dx + dy * dy) * (1.0 / 22.0)
        magnitude = c * c
        # A star smaller than a sample keeps its light: it is drawn one sample wide and dimmer.
        width = ieee.high(row[SIZE] * (0.5 + magnitude), px)
        share = row[SIZE] * (0.5 + magnitude) / width
        spot = ieee.clamp01(1.0 - far / width)
        wave = ieee.sin(row[raster.T] * (1.5 + 4.0 * a) + 40.0 * b)
        light = spot * spot * share * share * (0.25 + magnitude) * (1.0 + row[TWINKLE] * wave)
        light = ti.select(b < row[DENSITY], light * row[GAIN], 0.0)
        warm = 0.35 * (a - 0.5)
        return ti.Vector([light * (1.0 + warm), light, light * (1.0 - warm)])

    return Program(pixel)
