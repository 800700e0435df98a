"""Scope: the waveform as an electron beam, bright where it moves slowly; left and right apart or together."""

import taichi as ti

from engine.effects.base import Program, Slots
from engine.kernels import ieee, raster

STEEPEST = 5.0
"""Slopes count up to this: a steeper beam would smear its halo over the whole height."""


@ti.func
def beam(distance, sharp):
    """Light of a beam: its core and its halo, both 0..1; sharp: 1 / the beam's half width."""
    d = ti.abs(distance) * sharp
    core = ieee.clamp01(1.6 - d)
    return ti.Vector([core * core, 1.0 / (1.0 + d * d * 0.045)])


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    HEIGHT, WIDTH, APART, GAIN, GRID, HALO = slots.params("height", "width", "apart", "gain", "grid", "halo")
    ramp = slots.ramp
    OWN = slots.columns

    @ti.func
    def columns(u, x, row: ti.template(), tables: ti.template()):
        found = ti.Vector([0.0] * 4)
        for side in ti.static(range(2)):
            rise = ieee.low(ti.abs(tables[raster.WAVE_ROW + 2 * side + 1, x]) * row[HEIGHT], STEEPEST)
            found[2 * side] = tables[raster.WAVE_ROW + 2 * side, x] * row[HEIGHT]
            found[2 * side + 1] = 1.0 / ti.sqrt(1.0 + rise * rise)
        return found

    @ti.func
    def pixel(u, v, px, row: ti.template(), tables: ti.template(), col: ti.template(), tex: ti.template()):
        sharp = 1.0 / ieee.high(row[WIDTH], px)
        thin = row[WIDTH] * sharp
        split = row[APART] * row[raster.EXTENT_V]
        left = beam((v - split - col[OWN]) * col[OWN + 1], sharp) * (0.35 + 0.65 * col[OWN + 1])
        right = beam((v + split - col[OWN + 2]) * col[OWN + 3], sharp) * (0.35 + 0.65 * col[OWN + 3])
        ends = ieee.clamp01((1.0 - ti.abs(u) * (1.0 / row[raster.EXTENT_U])) * 7.0) * row[GAIN]
        gx = ti.abs(ieee.fract(u * 4.0) - 0.5)
        gy = ti.abs(ieee.fract(v * 4.0) - 0.5)
        line = ieee.clamp01(1.0 - (0.5 - ieee.high(gx, gy)) * (0.2 / px)) * ieee.low(0.0025 / px, 1.0)
        first = left[0] * thin + left[1] * left[1] * row[HALO]
        second = right[0] * thin + right[1] * right[1] * row[HALO]
        color = (ramp(row, 0.66) * first + ramp(row, 0.82) * second) * ends
        return color + 0.5 * thin * ends * (left[0] + right[0]) + ramp(row, 0.4) * (line * row[GRID])

    return Program(pixel, columns=columns)
