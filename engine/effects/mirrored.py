"""Mirrored: the spectrum as a smooth body of threads about the middle, with silken echoes of the last moments."""

import taichi as ti

from engine.effects.base import Program, Slots
from engine.kernels import ieee, raster, sdf
from engine.past import HISTORY_RATE
from engine.timeline import BANDS

LAYERS = 4
ALONG = 2 * LAYERS


@ti.func
def soft_band(tables: ti.template(), which, place):
    """A table's bands at a place in 0..1 as a uniform cubic B-spline: round hills, nothing overshoots."""
    at = ieee.low(ieee.high(place * BANDS - 0.5, 0.0), BANDS - 1.001)
    low = ti.cast(at, ti.i32)
    t = at - ti.cast(low, ti.f32)
    s = 1.0 - t
    first = tables[which, ti.max(low - 1, 0)] * (s * s * s)
    second = tables[which, low] * (4.0 - 6.0 * t * t + 3.0 * t * t * t)
    third = tables[which, low + 1] * (4.0 - 6.0 * s * s + 3.0 * s * s * s)
    last = tables[which, ti.min(low + 2, BANDS - 1)] * (t * t * t)
    return (first + second + third + last) * (1.0 / 6.0)


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    HEIGHT, AXIS, FOLD, ECHO, DRIFT, THREADS, GAIN, RIM, BODY = slots.params(
        "height", "axis", "fold", "echo", "drift", "threads", "gain", "rim", "body"
    )
    ramp = slots.ramp
    OWN = slots.columns

    @ti.func
    def tallness(u, k: ti.template(), row: ti.template(), tables: ti.template()):
        across = u / (row[raster.EXTENT_U] * 0.97)
        wide = ti.abs(across)
        # Echoes spread outwards as they age.
        near = 1.0 / (1.0 + row[DRIFT] * k)
        place = ieee.mix(0.5 + 0.5 * across * near, wide * near, row[FOLD])
        ends = ieee.clamp01((1.0 - wide) * 3.0)
        level = soft_band(tables, raster.BANDS_ROW, place)
        if ti.static(k == 0):
            # A little of what was just before: the body swells, it does not flash.
            level = 0.6 * level + 0.4 * soft_band(tables, raster.HISTORY_ROW + 2, place)
        else:
            tick = ieee.high(row[ECHO] * k * HISTORY_RATE - tables[raster.HISTORY_ROW, 0], 0.0)
            moment = ti.cast(tick, ti.i32)
            newer = soft_band(tables, raster.HISTORY_ROW + 1 + moment, place)
            older = soft_band(tables, raster.HISTORY_ROW + 2 + moment, place)
            level = ieee.mix(newer, older, tick - ti.cast(moment, ti.f32))
        wave = 0.5 + 0.5 * ieee.sin(across * (5.0 + 1.7 * k) + row[raster.T] * (0.31 + 0.07 * k) + 1.9 * k)
        calm = 0.012 + 0.018 * wave * (1.0 + k)
        return (
            (level * (0.25 + 0.85 * level) * (1.0 + 0.10 * k) + calm) * ends * ends * (3.0 - 2.0 * ends) * row[HEIGHT]
        )

    @ti.func
    def columns(u, x, row: ti.template(), tables: ti.template()):
        found = ti.Vector([0.0] * (ALONG + 1))
        step = 2.0 * row[raster.PX]
        for k in ti.static(range(LAYERS)):
            here = tallness(u, k, row, tables)
            slope = (tallness(u + step, k, row, tables) - tallness(u - step, k, row, tables)) / (2.0 * step)
            # Where it is steepest a line would smear far above the tips.
            slope = ieee.low(ti.abs(slope), 3.0)
            found[2 * k] = here
            found[2 * k + 1] = 1.0 / ti.sqrt(1.0 + slope * slope)
        found[ALONG] = ti.abs(u) / row[raster.EXTENT_U]
        return found

    @ti.func
    def pixel(u, v, px, row: ti.template(), tables: ti.template(), col: ti.template(), tex: ti.template()):
        sharp = 1.0 / px
        y = ti.abs(v - row[AXIS] * row[raster.EXTENT_V])
        beside = col[OWN + ALONG]
        color = ti.Vector([0.0, 0.0, 0.0])
        # Echoes: translucent, brighter towards their edge, each in a deeper tone.
        for k in ti.static(range(1, LAYERS)):
            tall = col[OWN + 2 * k]
            d = (y - tall) * col[OWN + 2 * k + 1]
            share = y / (tall + 0.001)
            veil = sdf.coverage(d, sharp) * (0.06 + 0.5 * share * share * share)
            edge = ieee.clamp01(1.2 - ti.abs(d) * (0.6 * sharp))
            weight = (0.95 - 0.2 * k) * row[BODY]
            color += ramp(row, 0.46 - 0.09 * k + 0.10 * beside) * ((veil + 0.5 * edge) * weight)
        tall = col[OWN]
        tilt = col[OWN + 1]
        d = (y - tall) * tilt
        share = ieee.low(y / (tall + 0.001), 1.0)
        inside = sdf.coverage(d, sharp)
        count = row[THREADS]
        thread = ti.abs(ieee.fract(share * count + 0.5) - 0.5) * tall * tilt / count
        line = ieee.clamp01(1.15 - thread * (0.7 * sharp)) * ieee.clamp01(tall * sharp / (count * 3.0) - 0.4)
        outline = ieee.clamp01(1.6 - ti.abs(d) * (0.5 * sharp))
        core = 1.0 / (1.0 + y * y * 160.0)
        fill = inside * (0.05 + 0.36 * share * share + 0.4 * core) * row[BODY]
        light = fill + inside * line * (0.12 + 0.5 * share) + outline * outline * row[RIM]
        tone = ramp(row, 0.40 + 0.40 * share + 0.16 * tall / row[HEIGHT] - 0.10 * beside)
        axis = ieee.clamp01(1.6 - y * (0.6 * sharp)) * ieee.clamp01((1.0 - beside) * 2.0)
        return (color + tone * light + ramp(row, 0.92) * (axis * 0.5)) * row[GAIN]

    @ti.func
    def touches(u0, u1, v, row: ti.template(), most: ti.template(), place):
        y = ti.abs(v - row[AXIS] * row[raster.EXTENT_V])
        top = 0.0
        for k in ti.static(range(LAYERS)):
            top = ieee.high(top, most[OWN + 2 * k, place])
        return ti.cast(y < top + 5.0 * row[raster.PX], ti.i32)

    return Program(pixel, columns=columns, touches=touches)
