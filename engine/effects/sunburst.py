"""Sunburst: rays around a dark sun, one to a band; what each sounded like travels outwards along it as light."""

import taichi as ti

from engine.effects.base import Program, Slots
from engine.kernels import ieee, raster
from engine.past import HISTORY, HISTORY_RATE
from engine.timeline import BANDS


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    RADIUS, SECONDS, REACH, RAYS, FILL, SPIN, TWIST, GAIN, RIM, CORONA = slots.params(
        "radius", "seconds", "reach", "rays", "fill", "spin", "twist", "gain", "rim", "corona"
    )
    ramp = slots.ramp

    @ti.func
    def pixel(u, v, px, row: ti.template(), tables: ti.template(), col: ti.template(), tex: ti.template()):
        r = ti.sqrt(u * u + v * v) + 1e-5
        out = r - row[RADIUS]
        share = ieee.high(out, 0.0) / row[REACH]
        # Sounds leave slowly and speed up: their age at this distance, in moments of the history.
        age = ieee.low(share, 1.0)
        age = age * (1.6 - 0.6 * age) * row[SECONDS]
        tick = ieee.low(ieee.high(age * HISTORY_RATE - tables[raster.HISTORY_ROW, 0], 0.0), HISTORY - 1.001)
        moment = ti.cast(tick, ti.i32)
        turn = row[SPIN] - row[TWIST] * age
        angle = ieee.fract((ieee.angle(u, -v) + turn) * (1.0 / ieee.TAU))
        # Bass below, treble above, the same on both sides before it turns.
        side = 1.0 - ti.abs(angle * 2.0 - 1.0)
        rays = ti.floor(row[RAYS])
        place = side * rays
        ray = ieee.low(ti.floor(place), rays - 1.0)
        beside = ti.abs(place - ray - 0.5) * 2.0
        along = (ray + 0.5) / rays
        at = ieee.low((0.05 + 0.95 * along) * BANDS - 0.5, BANDS - 1.001)
        low = ti.cast(at, ti.i32)
        part = at - ti.cast(low, ti.f32)
        newer = raster.HISTORY_ROW + 1 + moment
        a = ieee.mix(tables[newer, low], tables[newer, low + 1], part)
        b = ieee.mix(tables[newer + 1, low], tables[newer + 1, low + 1], part)
        level = ieee.mix(a, b, tick - ti.cast(moment, ti.f32))
        # In silence faint light still leaves, in slow waves.
        level = ieee.high(level, 0.23 + 0.12 * ieee.sin(along * 19.0 + 2.1 * age - 0.9 * row[raster.T]))
        live = ieee.mix(tables[raster.BANDS_ROW, low], tables[raster.BANDS_ROW, low + 1], part)
        # A ray is as wide as its sound was loud, and never wider than its place.
        cell = 0.5 * ieee.PI / rays * r
        half = row[FILL] * (0.25 + 0.75 * level)
        soft = ieee.high(1.5 * px / cell, 0.10)
        ribbon = ieee.clamp01((half - beside) / soft + 0.5)
        flat = ieee.low(0.6 * cell / px, 1.0)
        ribbon = ieee.mix(half, ribbon, flat)
        fade = ieee.clamp01(1.0 - share)
        fade = fade * fade
        outside = ieee.clamp01(out / px + 0.5)
        heat = ieee.smoothstep(0.1, 1.0, level)
        light = ribbon * heat * (0.2 + 1.3 * heat) * fade * outside
        # Rings of the history: edges of what began or ended.
        change = ti.abs(a - b) * 5.0
        light += ribbon * change * change * fade * outside * 0.35
        live *= ieee.clamp01(1.0 + out * 40.0)
        rim = ti.abs(out) * (1.0 / (0.010 + 0.020 * live))
        edge = (0.35 + 1.2 * live * live) / (1.0 + rim * rim)
        corona = row[CORONA] / (1.0 + ieee.high(out, 0.0) * 5.0) * outside
        inner = (1.0 - outside) * ieee.clamp01(1.0 + out / row[RADIUS])
        tone = ramp(row, 0.26 + 0.44 * heat + 0.22 * along - 0.12 * share)
        color = tone * (light * row[GAIN]) + ramp(row, 0.90) * (edge * row[RIM])
        color += ramp(row, 0.24) * (corona * corona) + ramp(row, 0.3) * (
            inner * inner * inner * inner * 0.35 * row[CORONA]
        )
        return color + ramp(row, 0.02) * 0.8 * outside

    return Program(pixel, smooth=True)
