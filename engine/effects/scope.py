"""Scope: the waveform as an electron beam, bright where it moves slowly; left and right apart or together."""

import taichi as ti

from engine.effects.base import Program, Slots
from engine.kernels import ieee, raster


@ti.func
def beam(wave, steep, y, width):
    """Light of one channel's beam at height y: its core and its halo, both 0..1; steep: cosine of the beam's slope."""
    d = ti.abs(y - wave) * steep / width
    core = ieee.clamp01(1.6 - d)
    halo = 1.0 / (1.0 + d * d * 0.045)
    slow = 0.35 + 0.65 * steep
    return ti.Vector([core * core * slow, halo * halo * slow])


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    HEIGHT, WIDTH, APART, GAIN, GRID, HALO = slots.params("height", "width", "apart", "gain", "grid", "halo")
    ramp = slots.ramp
    OWN = slots.columns

    @ti.func
    def columns(u, x, row: ti.template(), tables: ti.template()):
        found = ti.Vector([0.0] * 4)
        for side in ti.static(range(2)):
            rise = tables[raster.WAVE_ROW + 2 * side + 1, x] * row[HEIGHT]
            found[2 * side] = tables[raster.WAVE_ROW + 2 * side, x] * row[HEIGHT]
            found[2 * side + 1] = 1.0 / ti.sqrt(1.0 + rise * rise)
        return found

    @ti.func
    def pixel(u, v, px, row: ti.template(), tables: ti.template(), col: ti.template(), tex: ti.template()):
        width = ieee.high(row[WIDTH], px)
        thin = row[WIDTH] / width
        split = row[APART] * row[raster.EXTENT_V]
        left = beam(col[OWN], col[OWN + 1], v - split, width)
        right = beam(col[OWN + 2], col[OWN + 3], v + split, width)
        across = 0.5 + 0.5 * u / row[raster.EXTENT_U]
        ends = ieee.clamp01((1.0 - ti.abs(2.0 * across - 1.0)) * 7.0)
        gx = ti.abs(ieee.fract(u * 4.0) - 0.5) * 0.25
        gy = ti.abs(ieee.fract(v * 4.0) - 0.5) * 0.25
        line = ieee.clamp01(1.0 - (0.125 - ieee.high(gx, gy)) / (1.2 * px)) * ieee.low(0.0025 / px, 1.0)
        first = ramp(row, 0.55 + 0.25 * across)
        second = ramp(row, 0.95 - 0.25 * across)
        light = first * (left[0] * thin + left[1] * row[HALO]) + second * (right[0] * thin + right[1] * row[HALO])
        return (light + 0.5 * (left[0] + right[0]) * thin) * (row[GAIN] * ends) + ramp(row, 0.4) * (line * row[GRID])

    return Program(pixel, columns=columns)
