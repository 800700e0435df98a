"""KIFS: a kaleidoscope that folds itself. Each fold mirrors, turns and enlarges the plane, and leaves a line of light.

A dive without an end: two pictures grow, each comes in small and faint while the other is at its best. Between the
lines lies cut glass, whose facets are what the folds have left of a place.
"""

import taichi as ti

from engine.effects.base import Program, Slots
from engine.effects.spectrum import band_at
from engine.kernels import ieee, raster

FOLDS = 6
ECHOES = 2
GROWTH = 1.42
TONES = (0.34, 0.46, 0.58, 0.68, 0.78, 0.86)


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    DIVE, ANGLE, OPEN, ARMS, SPIN, GAIN, LINE, GLASS = slots.params(
        "dive", "angle", "open", "arms", "spin", "gain", "line", "glass"
    )
    ramp = slots.ramp

    @ti.func
    def pixel(u, v, px, row: ti.template(), tables: ti.template(), col: ti.template(), tex: ti.template()):
        r = ti.sqrt(u * u + v * v) + 1e-6
        sector = ieee.TAU / ti.floor(row[ARMS])
        a = ieee.angle(v, u) + row[SPIN]
        a = ti.abs(a - sector * ti.floor(a / sector + 0.5))
        sy, sx = ieee.sincos(a)
        color = ti.Vector([0.0, 0.0, 0.0])
        for e in ti.static(range(ECHOES)):
            phase = ieee.fract(row[DIVE] + e / ECHOES)
            grow = ieee.exp2(1.9 - 2.9 * phase)
            seen = 4.0 * phase * (1.0 - phase)
            seen = seen * seen
            angle = row[ANGLE] + 0.35 * e
            c, s = ieee.cos(angle), ieee.sin(angle)
            x, y = sx * r * grow, sy * r * grow
            scale = grow
            trap = 9.0
            for k in ti.static(range(FOLDS)):
                x = ti.abs(x) - row[OPEN]
                y = ti.abs(y) - 0.55 * row[OPEN]
                x, y = (x * c - y * s) * GROWTH, (x * s + y * c) * GROWTH
                scale = scale * GROWTH
                trap = ieee.low(trap, x * x + y * y)
                level = band_at(tables, raster.BANDS_ROW, ti.static((k + 0.5) / FOLDS))
                d = ti.abs(y) / scale
                # A line is never thinner than a sample; what it is wider, it is fainter.
                thin = row[LINE] * ti.static(1.25 - 0.16 * k) + 0.45 * px
                core = thin / (thin + d)
                core = core * core
                light = (core * core + 0.06 * core) * (row[LINE] / thin)
                color = color + ramp(row, ti.static(TONES[k])) * (light * seen * (0.28 + 0.62 * level * level))
            facet = 0.5 + 0.5 * ieee.sin(1.7 * x + 2.3 * y)
            depth = 1.0 / (1.0 + 2.4 * trap)
            tone = 0.10 + 0.30 * facet + 0.28 * depth
            color = color + ramp(row, tone) * (row[GLASS] * seen * (0.06 + 0.34 * depth * facet))
        heart = 1.0 / (1.0 + 30.0 * r * r)
        bass = band_at(tables, raster.BANDS_ROW, 0.06)
        color = color + ramp(row, 0.9) * (heart * heart * (0.05 + 0.35 * bass * bass))
        return color * row[GAIN]

    return Program(pixel, smooth=True)
