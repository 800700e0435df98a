"""Mesh: a calm backdrop, a gradient of the palette that bends slowly, with one soft light wandering over it."""

import taichi as ti

from engine.effects.base import Program, Slots
from engine.kernels import ieee, raster

BENDS = ((1.1, 0.55, 0.23, 0.0), (1.6, 0.40, -0.31, 2.1), (2.3, 0.20, 0.41, 4.4))
"""(waves a unit, how far each bends, its speed, its phase)."""


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    TRAVEL, SCALE, LOW, HIGH, GAIN, TILT, LIGHT, AXIS = slots.params(
        "travel", "scale", "low", "high", "gain", "tilt", "light", "axis"
    )
    ramp = slots.ramp

    @ti.func
    def pixel(u, v, px, row: ti.template(), tables: ti.template(), col: ti.template(), tex: ti.template()):
        travel = row[TRAVEL]
        shift = 7.0 * row[raster.SEED]
        x = u * row[SCALE] + shift
        y = v * row[SCALE] - shift
        for k in ti.static(range(len(BENDS))):
            waves, far, speed, phase = ti.static(BENDS[k])
            x += far * ieee.sin(y * waves + travel * speed + phase)
            y += far * ieee.sin(x * waves - travel * (0.8 * speed) + 1.7 * phase)
        field = 0.5 + 0.5 * ieee.sin(0.9 * x + 0.35 * y)
        fold = 0.5 + 0.5 * ieee.sin(1.3 * y - 0.6 * x + 1.0)
        # Lighter towards the top or, tilted, towards a side; the corners stay deep.
        rise = 0.5 + 0.5 * (v / row[raster.EXTENT_V] * (1.0 - ti.abs(row[TILT])) + u / row[raster.EXTENT_U] * row[TILT])
        tone = row[LOW] + (row[HIGH] - row[LOW]) * (field * (0.45 + 0.55 * fold) * 0.7 + 0.3 * rise)
        deep = 0.40 + 0.60 * fold * fold
        glow_v = v - row[AXIS] * row[raster.EXTENT_V]
        glow_u = u / row[raster.EXTENT_U] - 0.35 * ieee.sin(0.31 * travel + shift)
        glow = 1.0 / (1.0 + 2.2 * glow_u * glow_u + 5.0 * glow_v * glow_v)
        color = ramp(row, tone) * (deep * row[GAIN])
        return color + ramp(row, row[HIGH] + 0.18 + 0.1 * field) * (row[LIGHT] * glow * glow)

    return Program(pixel, smooth=True)
