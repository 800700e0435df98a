"""Nebula: clouds of gas that come slowly nearer, with dark lanes and a light in their midst."""

import taichi as ti

from engine.effects.base import Program, Slots
from engine.kernels import ieee, noise, raster

ZOOMS = 2
"""Copies of the clouds at different sizes, each of which fades in far away and out when it is near."""


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    TRAVEL, TURN, SWAY, GAIN, DENSITY, CORE = slots.params("travel", "turn", "sway", "gain", "density", "core")
    ramp = slots.ramp

    @ti.func
    def pixel(u, v, px, row: ti.template(), tables: ti.template(), col: ti.template(), tex: ti.template()):
        seed = ti.cast(row[raster.SEED] * 4096.0, ti.i32)
        mx = row[SWAY] * 0.30 * ieee.sin(row[raster.T] * 0.11 + 6.0 * row[raster.SEED])
        my = row[SWAY] * 0.20 * ieee.sin(row[raster.T] * 0.083 + 1.0)
        x, y = u - mx, v - my
        ct, st = ieee.cos(row[TURN]), ieee.sin(row[TURN])
        rx, ry = x * ct - y * st, x * st + y * ct
        gas, hue = 0.0, 0.0
        for k in ti.static(range(ZOOMS)):
            way = row[TRAVEL] + k / ZOOMS
            share = ieee.fract(way)
            size = 2.3 * ieee.exp2(-1.6 * share)
            weight = 1.0 - ti.abs(2.0 * share - 1.0)
            ox = 13.7 * (ti.floor(way) + 0.37 * k)
            px0, py0 = rx * size + ox, ry * size - 0.6 * ox
            wx = px0 + 0.55 * ieee.sin(py0 * 1.7 + 0.3 * row[raster.T] * 0.5)
            wy = py0 + 0.55 * ieee.sin(px0 * 1.4 - 0.2 * row[raster.T] * 0.5)
            large = noise.value2(wx, wy, seed)
            small = noise.value2(wx * 2.3 + 5.0, wy * 2.3, seed + 1)
            fine = noise.value2(wx * 5.3 + 1.5 * large, wy * 5.3 + 9.0, seed + 2)
            cloud = ieee.high(0.5 + 0.44 * large + 0.27 * small + 0.17 * fine, 0.0)
            lane = ieee.clamp01(1.0 - 1.6 * ti.abs(small + 0.35 * fine))
            gas += weight * cloud * ti.sqrt(cloud) * (1.0 - row[DENSITY] * lane * lane)
            hue += weight * (0.5 + 0.34 * large - 0.4 * small)
        r2 = x * x + y * y
        near = 1.0 / (1.0 + 1.6 * r2)
        core = row[CORE] * 0.016 / (r2 + 0.008)
        shine = gas * gas * row[GAIN]
        tone = ramp(row, 0.16 + 0.5 * hue * gas + 0.12 * near)
        return tone * (shine * (0.3 + 0.7 * near)) + ramp(row, 0.02) * 0.5 + ramp(row, 0.86) * (core * (0.35 + gas))

    return Program(pixel, smooth=True)
