"""Halo: the waveform as thin rings around a dark disc, left and right on their own sides; beats leave as wide rings."""

import taichi as ti

from engine.effects.base import Program, Slots
from engine.effects.spectrum import band_at
from engine.kernels import ieee, raster

RINGS = 4
RIPPLES = 3
NEAR = 0.0025
"""Half the distance, as a share of the window, over which a wave is smoothed and its slope measured."""


@ti.func
def _wave(place, last, tables: ti.template()):
    """Left and right at a place in 0..1 of the window, between two columns."""
    at = ieee.low(ieee.high(place, 0.0), 1.0) * last
    low = ti.cast(ieee.low(at, last - 1.0), ti.i32)
    part = at - ti.cast(low, ti.f32)
    a, b = tables[raster.WAVE_ROW, low], tables[raster.WAVE_ROW + 2, low]
    return ti.Vector([
        a + (tables[raster.WAVE_ROW, low + 1] - a) * part,
        b + (tables[raster.WAVE_ROW + 2, low + 1] - b) * part,
    ])  # fmt: skip


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    RADIUS, HEIGHT, SPAN, APART, SPIN, WIDTH, GAIN, GLOW, AURA, RIPPLE, RIM = slots.params(
        "radius", "height", "span", "apart", "spin", "width", "gain", "glow", "aura", "ripple", "rim"
    )
    ramp = slots.ramp

    @ti.func
    def pixel(u, v, px, row: ti.template(), tables: ti.template(), col: ti.template(), tex: ti.template()):
        r = ti.sqrt(u * u + v * v) + 1e-5
        radius = row[RADIUS]
        out = r - radius
        turned = ieee.fract((ieee.angle(u, v) + row[SPIN]) * (1.0 / ieee.TAU))
        # From the top down both sides: left drawn on the left, right on the right, one at the two ends.
        down = 1.0 - ti.abs(turned * 2.0 - 1.0)
        last = row[raster.EXTENT_U] * 2.0 / row[raster.PX] - 1.0
        place = 0.5 + (down - 0.5) * row[SPAN]
        before = _wave(place - NEAR, last, tables)
        after = _wave(place + NEAR, last, tables)
        smooth = 0.5 * (before + after)
        rise = (after - before) * (0.5 / NEAR * row[SPAN] * row[HEIGHT] / (ieee.PI * r))
        seam = ieee.clamp01(ieee.low(down, 1.0 - down) * 6.0)
        seam = seam * seam * (3.0 - 2.0 * seam)
        middle = 0.5 * (smooth[0] + smooth[1])
        mine = middle + (ti.select(turned < 0.5, smooth[1], smooth[0]) - middle) * seam
        slope = ieee.low(ti.abs(0.5 * (rise[0] + rise[1])), 2.5)
        tilt = 1.0 / ti.sqrt(1.0 + slope * slope)
        sharp = tilt / ieee.high(row[WIDTH], 0.8 * px)
        thin = ieee.low(row[WIDTH] / (0.8 * px), 1.0) * row[GAIN]
        bare = ieee.clamp01(1.0 + out * 30.0) * 0.07
        color = ti.Vector([0.0, 0.0, 0.0])
        now = row[raster.T]
        for k in ti.static(range(RINGS)):
            share = k / (RINGS - 1.0)
            sway = ieee.sin((2.0 + k) * (turned * ieee.TAU) + now * (0.5 - 0.21 * k) + 1.7 * k)
            swing = row[HEIGHT] * mine * (1.0 - 0.5 * share) * (1.0 - 2.0 * (k % 2))
            swing += 0.010 * sway * (1.0 + k)
            d = ti.abs(out - 0.13 * radius - row[APART] * k - swing) * sharp
            core = ieee.clamp01(1.7 - d)
            light = (core * core + bare / (1.0 + 0.05 * d * d)) * (1.0 - 0.5 * share) * thin
            color += ramp(row, 0.92 - 0.42 * share) * light
        outside = ieee.clamp01(out / px + 0.5)
        beyond = ieee.high(out, 0.0)
        # Rings that left on the last beats.
        for k in ti.static(range(RIPPLES)):
            age = tables[raster.BEATS_ROW, k]
            grown = age * (1.15 - 0.15 * age)
            fade = ieee.clamp01(1.0 - 0.45 * age)
            away = (beyond - 0.25 * radius - 0.9 * grown) / (0.018 + 0.05 * age)
            color += ramp(row, 0.50) * (
                row[RIPPLE] * tables[raster.BEATS_ROW + 1, k] * fade * fade / (1.0 + away * away)
            )
        # The disc hides a glow and the spectrum's soft aura: bass below, treble above.
        band = band_at(tables, raster.BANDS_ROW, 0.05 + 0.95 * (1.0 - down))
        reach = radius * (0.35 + row[AURA] * band * band)
        fall = beyond / reach
        glow = outside / (1.0 + 3.0 * fall * fall)
        wide = row[GLOW] * outside / (1.0 + 5.0 * beyond * beyond / (radius * radius))
        color += ramp(row, 0.42) * (0.55 * row[GLOW] * glow * glow * (0.3 + band)) + ramp(row, 0.22) * wide
        rim = ti.abs(out) / ieee.high(0.6 * row[WIDTH], 0.7 * px)
        edge = ieee.clamp01(1.6 - rim)
        color += ramp(row, 0.97) * (edge * edge * row[RIM])
        inner = ieee.clamp01(1.0 + out * (2.6 / radius)) * (1.0 - outside)
        return color + ramp(row, 0.2) * (inner * inner * 0.25 * (0.4 + row[GLOW]))

    return Program(pixel, smooth=True)
