"""Bars: the log spectrum as rounded bars with held peaks, standing on a mirror."""

import taichi as ti

from engine.effects.base import Program, Slots
from engine.effects.spectrum import band_at
from engine.kernels import ieee, raster, sdf

COLUMNS = 4


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    COUNT, FILL, FLOOR, HEIGHT, MIRROR, GAIN, GLOW, WIDTH, CAP = slots.params(
        "count", "fill", "floor", "height", "mirror", "gain", "glow", "width", "cap"
    )
    ramp = slots.ramp
    OWN = slots.columns

    @ti.func
    def columns(u, x, row: ti.template(), tables: ti.template()):
        half = row[raster.EXTENT_U] * row[WIDTH]
        count = ti.floor(row[COUNT])
        place = (u / half * 0.5 + 0.5) * count
        bar = ti.floor(place)
        inside = ti.select((bar >= 0.0) & (bar < count), 1.0, 0.0)
        along = (bar + 0.5) / count
        level = band_at(tables, raster.BANDS_ROW, along) * inside
        peak = band_at(tables, raster.PEAKS_ROW, along) * inside
        beside = ti.select(inside > 0.5, (place - bar - 0.5) * 2.0 * half / count, 9.0)
        return ti.Vector([level, peak, beside, along])

    @ti.func
    def pixel(u, v, px, row: ti.template(), tables: ti.template(), col: ti.template(), tex: ti.template()):
        level = col[OWN] * row[HEIGHT]
        peak = col[OWN + 1] * row[HEIGHT]
        beside = col[OWN + 2]
        along = col[OWN + 3]
        floor = row[FLOOR] * row[raster.EXTENT_V]
        cell = row[raster.EXTENT_U] * row[WIDTH] / row[COUNT]
        half = cell * row[FILL]
        up = v - floor
        below = ti.select(up < 0.0, 1.0, 0.0)
        y = ti.abs(up) - px * 0.5
        fade = ieee.mix(1.0, row[MIRROR] * ieee.clamp01(1.0 - y * 2.2), below)
        radius = half * 0.9
        tall = ieee.high(level, 2.0 * half)
        # Round at the top only: the box reaches as far below the floor as above it.
        body = sdf.box(beside, y, half, tall, radius)
        shape = sdf.coverage(body, px)
        cap_at = ieee.high(peak, tall) + half * 1.3
        cap = sdf.coverage(sdf.box(beside, y - cap_at, half, half * 0.32, half * 0.3), px)
        share = ieee.clamp01(y / row[HEIGHT])
        tone = ramp(row, 0.42 + 0.45 * share + 0.13 * along)
        edge = 0.75 + 0.5 * ieee.clamp01(y / tall)
        halo = level * row[GLOW] / (1.0 + ieee.high(body, 0.0) * ieee.high(body, 0.0) * (9.0 / (half * half)))
        light = shape * edge + halo * (1.0 - shape) * 0.35
        white = row[CAP] * cap * (0.35 + 0.65 * peak / row[HEIGHT])
        return (tone * light + (0.35 + 0.65 * tone) * white) * (row[GAIN] * fade)

    return Program(pixel, columns=columns)
