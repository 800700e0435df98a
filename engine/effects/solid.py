"""Solid: a vertical gradient between two tones of the palette; the ground that other layers stand on."""

import taichi as ti

from engine.effects.base import Program, Slots
from engine.kernels import ieee, raster


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    TOP, BOTTOM, GAIN = slots.params("top", "bottom", "gain")
    ramp = slots.ramp

    @ti.func
    def pixel(u, v, px, row: ti.template(), tables: ti.template(), col: ti.template(), tex: ti.template()):
        high = ramp(row, row[TOP])
        low = ramp(row, row[BOTTOM])
        share = ieee.clamp01(0.5 + v * (0.5 / row[raster.EXTENT_V]))
        return (low + (high - low) * share) * row[GAIN]

    return Program(pixel, even=True)
