"""Plasma: threads of light in a deep glow. Each octave of a turbulence bends the next and leaves its own threads.

Broad threads belong to the bass, fine ones to the treble: their light is set apart.
"""

import taichi as ti

from engine.effects.base import Program, Slots
from engine.kernels import ieee, raster

OCTAVES = 5
GROWTH = 1.62
TURN = (0.7648, 0.6442)
"""Cosine and sine of the turn between octaves (0.7 radians)."""


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    TRAVEL, SCALE, STIR, GAIN, LOW, HIGH, GLOW = slots.params("travel", "scale", "stir", "gain", "low", "high", "glow")
    ramp = slots.ramp

    @ti.func
    def pixel(u, v, px, row: ti.template(), tables: ti.template(), col: ti.template(), tex: ti.template()):
        travel = row[TRAVEL]
        shift = 5.0 * row[raster.SEED]
        r2 = u * u + v * v
        # A bulge towards the viewer: the middle is near, the edges run away.
        lens = row[SCALE] * (0.78 + 0.30 * r2 / (1.0 + 0.25 * r2))
        x = u * lens + shift
        y = v * lens - 0.7 * shift
        wave = 1.0
        broad, fine = 0.0, 0.0
        cloud = 0.0
        for k in ti.static(range(OCTAVES)):
            pace = ti.static(0.21 + 0.06 * k)
            bend = row[STIR] / wave
            # Both from the same place: two sines at a time, where one would wait for the other (a fifth of the cost).
            across = ieee.sin(y * wave + (travel * pace + 1.7 * k))
            y += bend * ieee.sin(x * wave - (travel * (0.8 * pace) - 0.9 * k))
            x += bend * across
            x, y = TURN[0] * x - TURN[1] * y, TURN[1] * x + TURN[0] * y
            if ti.static(k > 0):
                # The distance from the nearest thread: a triangle wave, which costs a third of a sine.
                line = ieee.PI * ti.abs(ieee.fract(x * (0.5 / ieee.PI * wave) + 0.19 * k) - 0.5)
                # Never thinner than a sample, and never brighter in sum.
                thin = ti.static(0.05 + 0.035 * k)
                light = thin / (thin + line + 0.7 * wave * px)
                light = light * light
                share = ti.static(k / (OCTAVES - 1.0))
                broad += light * (1.0 - share)
                fine += light * share
            else:
                cloud = 0.5 + 0.5 * ieee.sin(1.3 * x + 0.6 * y)
            wave *= GROWTH
        cloud = cloud * (0.62 + 0.38 * ieee.sin(0.9 * y - 0.5 * x))
        deep = 1.0 / (1.0 + 0.35 * r2)
        hot = ramp(row, 0.16 + 0.42 * cloud)
        body = hot * ((0.04 + cloud * cloud) * row[GLOW])
        threads = hot * (broad * row[LOW] * (0.5 + 1.1 * cloud))
        sparks = ramp(row, 0.80) * (fine * row[HIGH] * (0.08 + 0.92 * cloud))
        heart = ramp(row, 1.0) * (broad * fine * (row[LOW] + row[HIGH]) * (0.1 + 0.5 * cloud))
        return (body + threads + sparks + heart) * (row[GAIN] * deep)

    return Program(pixel, smooth=True)
