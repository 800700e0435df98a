"""Emblem: glass discs that circle each other slowly within a thin ring, and a quiet line of the spectrum below them."""

import taichi as ti

from engine.effects.base import Program, Slots
from engine.kernels import ieee, raster, sdf
from engine.past import HISTORY_RATE
from engine.timeline import BANDS

DISCS = ((1.0, 0.0, 0.16, 0.30, 0.62), (0.58, 0.95, -0.27, 0.52, 0.86), (0.27, 1.25, 0.43, 0.70, 1.0))
"""(radius, distance from the middle as a share of the first radius, its pace, palette where it is dark and bright)."""
LINES = 3
ECHO_S = 0.2
"""Seconds between the line and its echoes."""


@ti.func
def _curve(tables: ti.template(), which, place):
    """The spectrum at a place in 0..1 as a cubic B-spline: rounder than any band."""
    at = ieee.low(ieee.high(place * BANDS - 0.5, 1.0), BANDS - 3.001)
    k = ti.cast(at, ti.i32)
    t = at - ti.cast(k, ti.f32)
    s = 1.0 - t
    a, b, c, d = tables[which, k - 1], tables[which, k], tables[which, k + 1], tables[which, k + 2]
    middle = b * (4.0 - 6.0 * t * t + 3.0 * t * t * t) + c * (4.0 - 6.0 * s * s + 3.0 * s * s * s)
    return (a * s * s * s + middle + d * t * t * t) * (1.0 / 6.0)


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    SIZE, TURN, SPREAD, SWELL, GAIN, RING, RUN, LINE, HEIGHT, AXIS = slots.params(
        "size", "turn", "spread", "swell", "gain", "ring", "run", "line", "height", "axis"
    )
    ramp = slots.ramp
    OWN = slots.columns

    @ti.func
    def middle(row: ti.template()):
        """Right of the middle in wide pictures, above it in tall ones: the words have the rest."""
        return ti.Vector([0.62 * (row[raster.EXTENT_U] - 1.0), 0.12 + 0.36 * (row[raster.EXTENT_V] - 1.0)])

    @ti.func
    def height_at(u, row: ti.template(), tables: ti.template(), k: ti.template()):
        across = u / (0.88 * row[raster.EXTENT_U])
        inside = ieee.clamp01((1.0 - ti.abs(across)) * 4.0)
        which = raster.BANDS_ROW
        if ti.static(k > 0):
            which = raster.HISTORY_ROW + int(k * ECHO_S * HISTORY_RATE)
        value = _curve(tables, which, 0.02 + 0.9 * (0.5 + 0.5 * across))
        return row[HEIGHT] * value * value * inside * inside * (3.0 - 2.0 * inside) * (1.0 - 0.1 * k)

    @ti.func
    def columns(u, x, row: ti.template(), tables: ti.template()):
        found = ti.Vector([0.0] * (2 * LINES))
        step = row[raster.PX]
        for k in ti.static(range(LINES)):
            here = height_at(u, row, tables, k)
            rise = (height_at(u + step, row, tables, k) - here) / step
            found[2 * k] = here
            found[2 * k + 1] = 1.0 / ti.sqrt(1.0 + rise * rise)
        return found

    @ti.func
    def pixel(u, v, px, row: ti.template(), tables: ti.template(), col: ti.template(), tex: ti.template()):
        at = middle(row)
        x, y = u - at[0], v - at[1]
        sharp = 1.0 / px
        color = ti.Vector([0.0, 0.0, 0.0])
        shift = ieee.TAU * row[raster.SEED]
        for k in ti.static(range(len(DISCS))):
            share, far, pace, low, high = ti.static(DISCS[k])
            radius = row[SIZE] * share * (1.0 + row[SWELL] * (1.0 - 2.0 * (k % 2)))
            s, c = ieee.sincos(row[TURN] * pace + 2.1 * k + shift)
            away = row[SIZE] * far * row[SPREAD]
            dx, dy = x - away * c, y - away * s
            r = ti.sqrt(dx * dx + dy * dy)
            d = r - radius
            cover = sdf.coverage(d, sharp)
            # Lit from above at one side; the far side is clear, and each disc darkens what is behind its edge.
            ls, lc = ieee.sincos(0.9 + 0.5 * k + 0.3 * row[TURN] * pace)
            lit = ieee.clamp01(0.5 + 0.5 * (dx * lc + dy * ls) / radius)
            out = ieee.high(d, 0.0) * (6.0 / row[SIZE])
            color *= 1.0 - 0.45 * (1.0 - cover) / (1.0 + out * out)
            rim = ieee.clamp01(1.0 + d * (7.0 / radius))
            body = ramp(row, low + (high - low) * lit) * (0.06 + 0.94 * lit * lit)
            body += ramp(row, high) * (0.30 * rim * rim * rim * lit)
            color += (body * row[GAIN] - color * (0.25 + 0.75 * lit)) * cover
        r = ti.sqrt(x * x + y * y)
        circle = ti.abs(r - 1.22 * row[SIZE])
        hair = ieee.clamp01(1.25 - circle * (0.9 * sharp)) * ieee.low(0.0022 * sharp, 1.0)
        rs, rc = ieee.sincos(-row[RUN])
        bx, by = x - 1.22 * row[SIZE] * rc, y - 1.22 * row[SIZE] * rs
        bead = sdf.coverage(ti.sqrt(bx * bx + by * by) - 0.022, sharp)
        # The ring is brightest where the bead has just been.
        near = 0.5 + 0.5 * (x * rc + y * rs) / (r + 1e-4)
        color += ramp(row, 0.95) * (row[RING] * (hair * (0.2 + 0.8 * near * near) + 1.4 * bead))
        up = v - row[AXIS] * row[raster.EXTENT_V]
        ends = ieee.clamp01((1.0 - ti.abs(u) / (0.88 * row[raster.EXTENT_U])) * 6.0) * row[LINE]
        width = ieee.high(0.0034, 0.8 * px)
        for k in ti.static(range(LINES)):
            d = ti.abs(up - col[OWN + 2 * k]) * col[OWN + 2 * k + 1]
            color += ramp(row, 0.96 - 0.22 * k) * (ieee.clamp01((width - d) * sharp + 0.5) * ends / (1.0 + 2.2 * k * k))
        return color

    @ti.func
    def touches(u0, u1, v, row: ti.template(), most: ti.template(), place):
        at = middle(row)
        reach = row[SIZE] * (1.0 + row[SPREAD] + ti.abs(row[SWELL])) + 0.03
        reach = ieee.high(reach, 1.22 * row[SIZE] + 0.04)
        near = ieee.high(ieee.high(u0 - at[0], at[0] - u1), 0.0)
        round_ = near * near + (v - at[1]) * (v - at[1]) < reach * reach
        up = v - row[AXIS] * row[raster.EXTENT_V]
        top = ieee.high(ieee.high(most[OWN, place], most[OWN + 2, place]), most[OWN + 4, place])
        return ti.cast(round_ | ((up > -0.02) & (up < top + 0.02)), ti.i32)

    return Program(pixel, columns=columns, touches=touches)
