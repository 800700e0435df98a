"""Sleeve: the cover art itself, sharp, and the spectrum as bars that stand on its border."""

import taichi as ti

from engine.effects.base import Program, Slots
from engine.effects.spectrum import band_at
from engine.kernels import ieee, raster, sdf
from engine.kernels.color import luminance

BROAD = (0, 1, 2, 7, 8, 13)
"""Of engine.art.PAIRS, the waves (0, 0), (0, 1), (0, 2), (1, 0), (1, 1) and (2, 0): what colours the bars."""


@ti.func
def _broad(tables: ti.template(), x, y):
    """The picture's colour about a place in 0..1, of its broadest waves."""
    a = ieee.cos(ieee.PI * x)
    b = ieee.cos(ieee.PI * y)
    waves = ti.Vector([1.0, b, 2.0 * b * b - 1.0, a, a * b, 2.0 * a * a - 1.0])
    color = ti.Vector([0.0, 0.0, 0.0])
    for n in ti.static(range(6)):
        for k in ti.static(range(3)):
            color[k] += tables[raster.ART_ROW, 1 + 3 * BROAD[n] + k] * waves[n]
    return ti.Vector([ieee.high(color[0], 0.0), ieee.high(color[1], 0.0), ieee.high(color[2], 0.0)])


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    SIZE, ROUND, AXIS, SHOWN, COUNT, FILL, GAP, HEIGHT, GAIN, TINT, LINE = slots.params(
        "size", "round", "axis", "shown", "count", "fill", "gap", "height", "gain", "tint", "line"
    )
    ramp = slots.ramp

    @ti.func
    def octant(row: ti.template()):
        """Length of an eighth of the path that the bars stand on."""
        return row[SIZE] * (1.0 - row[ROUND]) + (row[SIZE] * row[ROUND] + row[GAP]) * (0.25 * ieee.PI)

    @ti.func
    def half_bar(row: ti.template()):
        return 2.0 * octant(row) / ti.floor(row[COUNT]) * row[FILL]

    @ti.func
    def texel(tables: ti.template(), x, y, side):
        """The picture between its pixels."""
        fx = ieee.low(ieee.high(x * side - 0.5, 0.0), side - 1.001)
        fy = ieee.low(ieee.high(y * side - 0.5, 0.0), side - 1.001)
        left, low = ti.cast(fx, ti.i32), ti.cast(fy, ti.i32)
        sx, sy = fx - ti.cast(left, ti.f32), fy - ti.cast(low, ti.f32)
        line = raster.ART_ROW + 1 + low
        color = ti.Vector([0.0, 0.0, 0.0])
        for k in ti.static(range(3)):
            at = left + k * ti.cast(side, ti.i32)
            a = ieee.mix(tables[line, at], tables[line, at + 1], sx)
            b = ieee.mix(tables[line + 1, at], tables[line + 1, at + 1], sx)
            color[k] = ieee.mix(a, b, sy)
        return color

    @ti.func
    def pixel(u, v, px, row: ti.template(), tables: ti.template(), col: ti.template(), tex: ti.template()):
        y = v - row[AXIS] * row[raster.EXTENT_V]
        size = row[SIZE]
        corner = size * row[ROUND]
        core = size - corner
        sharp = 1.0 / px
        d = sdf.box(u, y, size, size, corner)
        inside = sdf.coverage(d, sharp)
        scale = 0.5 / size
        art = texel(tables, 0.5 + u * scale, 0.5 + y * scale, tables[raster.ART_ROW, 0])
        glint = ieee.clamp01(1.0 + d * (0.35 * sharp)) * (0.5 + 0.5 * y / size)
        color = (art + 0.05 * glint) * (inside * row[SHOWN])
        # How far along the path a place is: folded to an eighth, from the middle of a side to a corner.
        ax, ay = ti.abs(u), ti.abs(y)
        big, small = ieee.high(ax, ay), ieee.low(ax, ay)
        bent = small - core
        path = corner + row[GAP]
        far = ieee.angle(ieee.high(bent, 0.0), ieee.high(big - core, 1e-4))
        along = ieee.low(small, core) + path * far
        eighth = octant(row)
        pole = ti.select(ay > ax, along, 2.0 * eighth - along)
        share = ti.select(y < 0.0, pole, 4.0 * eighth - pole) / (4.0 * eighth)
        count = ti.floor(row[COUNT])
        place = share * count
        bar = ieee.low(ti.floor(place), count - 1.0)
        middle = (bar + 0.5) / count
        level = band_at(tables, raster.BANDS_ROW, 0.02 + 0.93 * middle)
        fan = ti.select(bent > 0.0, (corner + ieee.high(d, 0.0)) / path, 1.0)
        across = ti.abs(place - bar - 0.5) * (4.0 * eighth / count) * fan
        half = half_bar(row)
        out = d - row[GAP] - half
        over = ieee.high(ieee.high(out - row[HEIGHT] * level * level, -out), 0.0)
        shape = sdf.coverage(ti.sqrt(across * across + over * over) - half, sharp)
        hair = ieee.clamp01(1.2 - ti.abs(d - 0.45 * row[GAP]) * sharp) * ieee.low(0.0024 * sharp, 1.0) * row[LINE]
        own = _broad(tables, 0.5 + 0.6 * u * scale, 0.5 + 0.6 * y * scale)
        own *= 0.42 / (luminance(own) + 0.02)
        bright = ramp(row, 0.62 + 0.36 * middle)
        tone = bright + (ieee.low(luminance(own), 1.0) * 0.15 + own * 0.85 - bright) * row[TINT]
        rise = 0.7 + 0.6 * ieee.clamp01(out / (row[HEIGHT] + 1e-3))
        return color + tone * ((shape * rise + hair) * row[GAIN] * (1.0 - inside))

    @ti.func
    def touches(u0, u1, v, row: ti.template(), most: ti.template(), place):
        corner = row[SIZE] * row[ROUND]
        reach = 1.4143 * (row[SIZE] - corner) + corner + row[GAP] + row[HEIGHT] + 2.0 * half_bar(row) + 0.01
        near = ieee.high(ieee.high(u0, -u1), 0.0)
        y = v - row[AXIS] * row[raster.EXTENT_V]
        return ti.cast(near * near + y * y < reach * reach, ti.i32)

    return Program(pixel, touches=touches)
