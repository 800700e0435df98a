"""Tunnel: a flight down a ribbed tube; lights run along it with the beat and the walls carry the spectrum."""

import taichi as ti

from engine.effects.base import Program, Slots
from engine.effects.spectrum import band_at
from engine.kernels import ieee, raster


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    TRAVEL, TWIST, SWAY, GAIN, PULSE, RIBS, CORE = slots.params(
        "travel", "twist", "sway", "gain", "pulse", "ribs", "core"
    )
    ramp = slots.ramp

    @ti.func
    def pixel(u, v, px, row: ti.template(), tables: ti.template(), col: ti.template(), tex: ti.template()):
        travel = row[TRAVEL]
        cx = row[SWAY] * 0.35 * ieee.sin(travel * 0.21)
        cy = row[SWAY] * 0.25 * ieee.sin(travel * 0.17 + 1.3)
        dx = u - cx
        dy = v - cy
        r = ti.sqrt(dx * dx + dy * dy) + 0.004
        depth = 0.55 / r
        angle = ieee.angle(dy, dx) * (1.0 / ieee.TAU)
        bend = angle + row[TWIST] * 0.06 * depth
        along = depth + travel
        # Far walls shrink below a pixel: fade detail there instead of letting it shimmer.
        fine = ieee.clamp01(r * (0.9 / (0.02 + 14.0 * px)))
        panel_a = ieee.fract(bend * row[RIBS])
        panel_z = ieee.fract(along * 2.6)
        edge_a = ti.abs(panel_a - 0.5) * 2.0
        edge_z = ti.abs(panel_z - 0.5) * 2.0
        seam = ieee.high(edge_a * edge_a, edge_z * edge_z)
        seam = seam * seam
        seam = seam * seam * fine
        band = band_at(tables, raster.BANDS_ROW, ti.abs(ieee.fract(bend + 0.25) * 2.0 - 1.0))
        ring = 0.5 + 0.5 * ieee.sin(along * 2.35 + 3.0 * ti.abs(angle))
        ring = ring * ring
        run = ieee.fract(along * 0.19)
        flash = run * run * run * row[PULSE]
        lit = band * band
        hue = 0.26 + 0.34 * ring + 0.30 * lit
        panel = (0.03 + 0.55 * lit) * (0.35 + 0.65 * ring)
        wall = panel + seam * (0.10 + 1.3 * lit) + flash * (0.05 + 0.9 * seam + 0.5 * panel)
        mist = 1.0 / (1.0 + 0.16 * depth * depth)
        core = row[CORE] * 0.02 / (r * r + 0.012)
        return ramp(row, hue) * (wall * mist * row[GAIN]) + ramp(row, 0.9) * core

    return Program(pixel, smooth=True)
