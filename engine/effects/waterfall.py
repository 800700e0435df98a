"""Waterfall: a spectrogram whose newest moment is a glowing lip; the last seconds fall from it as liquid light."""

import taichi as ti

from engine.effects.base import Program, Slots
from engine.kernels import ieee, noise, raster
from engine.past import HISTORY, HISTORY_RATE
from engine.timeline import BANDS


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    LIP, SECONDS, SPEEDING, SPREAD, COMB, WAVER, FLAME, MIST, GAIN = slots.params(
        "lip", "seconds", "speeding", "spread", "comb", "waver", "flame", "mist", "gain"
    )
    ramp = slots.ramp

    @ti.func
    def pixel(u, v, px, row: ti.template(), tables: ti.template(), col: ti.template(), tex: ti.template()):
        tall = row[raster.EXTENT_V]
        lip = row[LIP] * tall
        salt = ti.cast(row[raster.SEED] * 4096.0, ti.i32)
        down = ieee.high(lip - v, 0.0)
        share = ieee.low(down / (lip + tall), 1.0)
        # How long it has fallen: share = (1 - f) s + f s^2 solved for s, in the stretch that the canvas shows.
        f = ieee.high(row[SPEEDING], 0.01) * 0.9
        s = (ti.sqrt((1.0 - f) * (1.0 - f) + 4.0 * f * share) - (1.0 - f)) / (2.0 * f)
        now = row[raster.T]
        eddy = noise.value2(u * 2.3, v * 1.7 + now * 0.55, salt)
        eddy += 0.5 * noise.value2(u * 6.1 + 3.0, v * 3.3 + now * 1.1, salt + 1)
        bent = u + row[WAVER] * s * eddy
        wide = row[raster.EXTENT_U] * (0.86 + row[SPREAD] * s)
        across = bent / wide
        place = (0.5 + 0.5 * across) * BANDS - 0.5
        at = ieee.low(ieee.high(place, 0.0), BANDS - 1.001)
        low = ti.cast(at, ti.i32)
        part = at - ti.cast(low, ti.f32)
        soft = part * part * (3.0 - 2.0 * part)
        tick = ieee.high(s * row[SECONDS] * HISTORY_RATE - tables[raster.HISTORY_ROW, 0], 0.0)
        tick = ieee.low(tick, HISTORY - 1.001)
        moment = ti.cast(tick, ti.i32)
        newer = raster.HISTORY_ROW + 1 + moment
        a = ieee.mix(tables[newer, low], tables[newer, low + 1], soft)
        b = ieee.mix(tables[newer + 1, low], tables[newer + 1, low + 1], soft)
        level = ieee.mix(a, b, tick - ti.cast(moment, ti.f32))
        live = ieee.mix(tables[raster.BANDS_ROW, low], tables[raster.BANDS_ROW, low + 1], soft)
        centred = part - 0.5
        strand = 1.0 - row[COMB] * (1.0 - 4.0 * centred * centred)
        inside = ieee.clamp01((1.0 - ti.abs(across)) * 18.0)
        fallen = ti.select(v < lip, 1.0, 0.0)
        # Wet sheen: light that runs down faster than the sheet itself.
        sheen = 0.75 + 0.25 * eddy
        drop = ieee.smoothstep(0.12, 1.0, level) * (1.0 - 0.45 * s) * inside
        heat = drop * strand * sheen
        sheet = heat * (0.35 + 1.5 * heat) * fallen
        above = ieee.high(v - lip, 0.0)
        flame = ieee.clamp01(1.0 - above / (0.02 + row[FLAME] * live * live))
        fire = flame * flame * live * live * strand * inside * (1.0 - fallen)
        edge = ti.abs(v - lip) * 60.0
        glow = inside * (0.06 + live * live) / (1.0 + edge * edge)
        deep = ieee.high(1.0 - (v + tall) * (1.25 / tall), 0.0)
        drift = 0.6 + 0.4 * noise.value2(u * 1.4 - now * 0.13, v * 2.1 - now * 0.21, salt + 2)
        mist = deep * deep * drift * row[MIST]
        night = ieee.clamp01(0.6 - ti.abs(v - lip) * 0.5)
        color = ramp(row, 0.0) + ramp(row, 0.14) * (night * (0.5 + 0.35 * eddy))
        color += ramp(row, 0.22 + 0.74 * heat) * (sheet * row[GAIN])
        color += ramp(row, 0.35 + 0.5 * flame * live) * (fire * 0.8 * row[GAIN])
        return color + ramp(row, 0.95) * (glow * 0.9 * row[GAIN]) + ramp(row, 0.30) * mist

    return Program(pixel, smooth=True)
