"""Capsules: how loud the last seconds were, as rounded bars about an axis; sound leaves the middle both ways."""

import taichi as ti

from engine.effects.base import Program, Slots
from engine.kernels import ieee, noise, raster, sdf
from engine.past import HISTORY, HISTORY_RATE

FIRST_BAND, BAND_STEP, TAPS = 8, 3, 15
"""The bands that are looked at: some 80 Hz to 5 kHz, where voices and most instruments are."""
GROUPS = 3


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    COUNT, SECONDS, HEIGHT, WIDTH, AXIS, FILL, GAIN, VARIETY, SWAY, RUN = slots.params(
        "count", "seconds", "height", "width", "axis", "fill", "gain", "variety", "sway", "run"
    )
    ramp = slots.ramp
    OWN = slots.columns

    @ti.func
    def count_of(row: ti.template()):
        # Fewer in narrow pictures: bars must not become hairs.
        return ti.floor(row[COUNT] * ieee.low(0.2 + 0.45 * row[raster.EXTENT_U], 1.0))

    @ti.func
    def pitch_of(row: ti.template()):
        return row[raster.EXTENT_U] * row[WIDTH] / (count_of(row) + 0.5)

    @ti.func
    def columns(u, x, row: ti.template(), tables: ti.template()):
        pitch = pitch_of(row)
        bar = ti.floor(ti.abs(u) / pitch + 0.5)
        count = count_of(row)
        away = bar / count
        tick = away * row[SECONDS] * HISTORY_RATE - tables[raster.HISTORY_ROW, 0]
        live = ieee.clamp01(-tick)
        at = ieee.low(ieee.high(tick, 0.0), HISTORY - 1.001)
        moment = ti.cast(at, ti.i32)
        part = at - ti.cast(moment, ti.f32)
        newer = raster.HISTORY_ROW + 1 + moment
        # Each capsule leans towards one of three registers, so that neighbours differ as syllables do.
        lean = noise.unit(noise.hash2(ti.cast(bar, ti.i32), ti.cast(row[raster.SEED] * 4096.0, ti.i32))) * GROUPS
        total, weight = 0.0, 0.0
        for k in ti.static(range(TAPS)):
            band = FIRST_BAND + BAND_STEP * k
            past = ieee.mix(tables[newer, band], tables[newer + 1, band], part)
            level = ieee.mix(past, tables[raster.BANDS_ROW, band], live)
            off = ti.abs(lean - (k + 0.5) * (1.0 * GROUPS / TAPS))
            share = 1.0 + row[VARIETY] * (2.0 * ieee.high(1.0 - off, 0.0) - 0.67)
            total += level * share
            weight += share
        mean = ieee.high(total / weight, 0.0)
        edge = ieee.clamp01((1.0 - away) * 1.9 + 0.16)
        taper = edge * edge * (3.0 - 2.0 * edge)
        half = 0.5 * row[FILL] * pitch
        wave = 0.5 + 0.5 * ieee.sin(row[RUN] - 9.0 * away)
        tall = half + row[HEIGHT] * taper * mean * mean * (0.5 + 0.9 * mean) + row[SWAY] * taper * wave
        beside = ti.abs(u) - bar * pitch
        inside = ti.select(bar <= count, 1.0, 0.0)
        return ti.Vector([ti.select(inside > 0.5, ti.abs(beside), 9.0), tall * inside, away, taper * (0.5 + mean)])

    @ti.func
    def pixel(u, v, px, row: ti.template(), tables: ti.template(), col: ti.template(), tex: ti.template()):
        half = 0.5 * row[FILL] * pitch_of(row)
        y = ti.abs(v - row[AXIS] * row[raster.EXTENT_V])
        over = ieee.high(y - col[OWN + 1] + half, 0.0)
        beside = col[OWN]
        shape = sdf.coverage(ti.sqrt(beside * beside + over * over) - half, 1.0 / px)
        share = y / (col[OWN + 1] + 1e-4)
        tone = 0.97 - 0.34 * col[OWN + 2] - 0.20 * share * share
        return ramp(row, tone) * (shape * row[GAIN] * (0.55 + 0.45 * ieee.clamp01(col[OWN + 3])))

    @ti.func
    def touches(u0, u1, v, row: ti.template(), most: ti.template(), place):
        y = ti.abs(v - row[AXIS] * row[raster.EXTENT_V])
        return ti.cast(y < most[OWN + 1, place] + 2.0 * row[raster.PX], ti.i32)

    return Program(pixel, columns=columns, touches=touches)
