"""Bars: the log spectrum as rounded bars with held peaks, standing on a mirror."""

import taichi as ti

from engine.effects.base import Program, Slots
from engine.effects.spectrum import band_at
from engine.kernels import ieee, raster, sdf


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    COUNT, FILL, FLOOR, HEIGHT, MIRROR, GAIN, WIDTH, CAP = slots.params(
        "count", "fill", "floor", "height", "mirror", "gain", "width", "cap"
    )
    ramp = slots.ramp
    OWN = slots.columns

    @ti.func
    def columns(u, x, row: ti.template(), tables: ti.template()):
        span = row[raster.EXTENT_U] * row[WIDTH]
        count = ti.floor(row[COUNT])
        place = (u / span * 0.5 + 0.5) * count
        bar = ti.floor(place)
        inside = ti.select((bar >= 0.0) & (bar < count), 1.0, 0.0)
        along = (bar + 0.5) / count
        level = band_at(tables, raster.BANDS_ROW, along) * inside
        peak = band_at(tables, raster.PEAKS_ROW, along) * inside
        beside = ti.select(inside > 0.5, (place - bar - 0.5) * 2.0 * span / count, 9.0)
        half = row[FILL] * row[raster.EXTENT_U] * row[WIDTH] / count
        tall = ieee.high(level * row[HEIGHT], 2.0 * half)
        cap = ieee.high(peak * row[HEIGHT], tall) + half * 1.3
        return ti.Vector([ti.abs(beside), tall, cap, along, row[CAP] * (0.35 + 0.65 * peak) * inside])

    @ti.func
    def covered(u, v, px, row: ti.template(), tables: ti.template(), col: ti.template(), tex: ti.template()):
        beside, tall, cap_at = col[OWN], col[OWN + 1], col[OWN + 2]
        sharp = 1.0 / px
        half = row[FILL] * row[raster.EXTENT_U] * row[WIDTH] / ti.floor(row[COUNT])
        radius = 0.9 * half
        up = v - row[FLOOR] * row[raster.EXTENT_V]
        y = ti.abs(up) - 0.5 * px
        fade = ti.select(up < 0.0, row[MIRROR] * ieee.high(1.0 - y * 2.2, 0.0), 1.0)
        # Round at the top only: a rounded box that reaches as far below the floor as above it.
        ox = ieee.high(beside - half + radius, 0.0)
        oy = ieee.high(y - tall + radius, 0.0)
        shape = sdf.coverage(ti.sqrt(ox * ox + oy * oy) - radius, sharp)
        cap = sdf.coverage(beside - half, sharp) * sdf.coverage(ti.abs(y - cap_at) - 0.32 * half, sharp)
        share = y * (1.0 / row[HEIGHT])
        tone = ramp(row, 0.30 + 0.58 * share + 0.12 * col[OWN + 3])
        white = cap * col[OWN + 4]
        light = (shape * (0.7 + 0.6 * share) + white * 0.65) * row[GAIN] * fade
        color = tone * light + white * (0.35 * row[GAIN]) * fade
        return ti.Vector([color[0], color[1], color[2], ieee.low(shape + cap * col[OWN + 4], 1.0) * fade])

    @ti.func
    def pixel(u, v, px, row: ti.template(), tables: ti.template(), col: ti.template(), tex: ti.template()):
        found = covered(u, v, px, row, tables, col, tex)
        return ti.Vector([found[0], found[1], found[2]])

    @ti.func
    def touches(u0, u1, v, row: ti.template(), most: ti.template(), place):
        up = v - row[FLOOR] * row[raster.EXTENT_V]
        half = row[FILL] * row[raster.EXTENT_U] * row[WIDTH] / ti.floor(row[COUNT])
        top = ieee.high(most[OWN + 1, place], most[OWN + 2, place] + 0.32 * half) + 2.0 * row[raster.PX]
        return ti.cast((up > -0.5) & (ti.abs(up) < top), ti.i32)

    return Program(pixel, columns=columns, touches=touches, covered=covered)
