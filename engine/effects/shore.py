"""Shore: a night sky over far hills and still water; bursts of fireworks (see shells.py) light haze and waves."""

import taichi as ti

from engine.effects import shells
from engine.effects.base import Program, Slots
from engine.kernels import ieee, noise, raster

LIT = 7
"""The newest bursts light the haze."""
STAR = 0.0045
"""Radius of a star, in half heights of the shorter side."""
HILLS = 2
COLUMNS = HILLS + 3 * LIT


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    HORIZON, HEIGHT, GLOW, LIGHT, LIFE, FLOW, STARS = slots.params(
        "horizon", "height", "glow", "light", "life", "flow", "stars"
    )
    ramp = slots.ramp
    OWN = slots.columns

    @ti.func
    def columns(u, x, row: ti.template(), tables: ti.template()):
        found = ti.Vector([0.0] * COLUMNS)
        salt = shells.salt_of(row)
        for h in range(HILLS):
            edge, size, scale = 0.0, 1.0, 0.9 + 0.8 * h
            for k in range(5):
                edge += size * noise.value2(u * scale + 37.0 * k + 11.0 * h, 0.5, salt + k + 7 * h)
                size *= 0.5
                scale *= 2.17
            found[h] = row[HEIGHT] * (0.62 + 0.42 * edge - 0.28 * h)
        for k in range(LIT):
            number = tables[raster.BEATS_ROW + 2, k]
            at = shells.burst_at(row, number)
            life = ieee.low(row[LIFE], tables[raster.BEATS_ROW, LIT])
            strength = tables[raster.BEATS_ROW + 1, k]
            across = (u - at[0]) * (u - at[0])
            light = shells.glow_of(tables[raster.BEATS_ROW, k], life) * strength * row[LIGHT]
            found[HILLS + 3 * k] = light
            found[HILLS + 3 * k + 1] = across * 1.4 + 0.05
            found[HILLS + 3 * k + 2] = at[1]
        return found

    @ti.func
    def pixel(u, v, px, row: ti.template(), tables: ti.template(), col: ti.template(), tex: ti.template()):
        level = row[HORIZON] * row[raster.EXTENT_V]
        up = v - level
        depth = ieee.high(-up, 0.0)
        # Waves bend what is mirrored; they grow towards the viewer.
        phase = 1.0 / (depth + 0.03)
        wave = ieee.sin(phase * 5.0 + row[FLOW] * 2.0 + 1.5 * ieee.sin(u * 3.0 + phase)) * depth
        ripple = ieee.sin(phase * 11.0 - row[FLOW] * 3.1 + u * (5.0 + 9.0 * depth)) * depth
        sky = ti.select(up < 0.0, 2.0 * depth + 0.10 * wave, up)
        lit = ti.Vector([0.0, 0.0, 0.0])
        for k in ti.static(range(LIT)):
            dy = level + sky - col[OWN + HILLS + 3 * k + 2]
            near = col[OWN + HILLS + 3 * k] / (col[OWN + HILLS + 3 * k + 1] + 1.4 * dy * dy)
            lit += near * ramp(row, shells.hue_of(row, tables[raster.BEATS_ROW + 2, k]))
        fade = ieee.exp2(-sky * 3.4)
        far = ieee.exp2(-sky * 14.0)
        air = ramp(row, 0.03 + 0.11 * fade) * (0.5 + row[GLOW] * fade) + ramp(row, 0.34) * (0.30 * row[GLOW] * far)
        # One star in a cell, at a hashed place, and most cells have none.
        cu, cv = u * 13.0, v * 13.0
        h = noise.quick2(ti.cast(ti.floor(cu), ti.i32) + 311, ti.cast(ti.floor(cv), ti.i32) + 97)
        a, b = noise.unit(h), noise.unit(noise.hash32(h))
        du, dv = ieee.fract(cu) - 0.15 - 0.7 * a, ieee.fract(cv) - 0.15 - 0.7 * b
        blink = 0.7 + 0.3 * ieee.sin(row[raster.T] * (1.0 + 3.0 * b) + 40.0 * a)
        magnitude = ieee.high(ieee.fract(a * 7.0 + b) - 0.72, 0.0) * 3.0
        star = (
            ieee.high(1.0 - (du * du + dv * dv) * (0.005 / (px * px)), 0.0) * magnitude * magnitude * blink * row[STARS]
        )
        air += lit * 0.035 + (0.4 + 0.6 * ramp(row, 1.0)) * (star * ieee.clamp01(up * 4.0 - 0.3))
        sharp = 1.0 / px
        back = ieee.clamp01(0.5 + (col[OWN] - sky) * sharp)
        front = ieee.clamp01(0.5 + (col[OWN + 1] - sky) * sharp)
        haze = ieee.exp2(-sky * 18.0)
        hill = ramp(row, 0.05) * 0.35 + air * (0.12 + 0.2 * haze)
        air += (hill - air) * back
        air += (ramp(row, 0.0) * 0.4 + air * 0.12 - air) * front
        glint = ieee.high(wave + ripple, 0.0)
        water = air * (0.42 + 0.5 * glint) + ramp(row, 0.08) * (0.12 + 0.25 * glint)
        line = ieee.exp2(-ti.abs(up) * 90.0)
        return ti.select(up < 0.0, water, air) + ramp(row, 0.3) * (0.10 * line * row[GLOW])

    return Program(pixel, smooth=True, columns=columns)
