"""Flow: silk in slow water. A plane is bent by sines, each by the result of those before, and lit like cloth.

The derivatives are carried along with the places, so that folds have normals without a second look at the field.
"""

import taichi as ti

from engine.effects.base import Program, Slots
from engine.kernels import ieee, raster

BENDS = ((1.0, 0.60, 0.31, 0.9), (1.7, 0.42, -0.43, 2.7), (3.1, 0.23, 0.61, 4.1))
"""(waves a unit, how far each bends, its speed, its phase); the amplitudes fall as the frequencies rise."""
TURN = (0.8, 0.6)
"""Cosine and sine between two bends, so that no direction stands out."""


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    TRAVEL, FOLD, SCALE, GAIN, SHEEN, THREADS, TONE = slots.params(
        "travel", "fold", "scale", "gain", "sheen", "threads", "tone"
    )
    ramp = slots.ramp

    @ti.func
    def pixel(u, v, px, row: ti.template(), tables: ti.template(), col: ti.template(), tex: ti.template()):
        travel = row[TRAVEL]
        scale = row[SCALE]
        shift = 6.0 * row[raster.SEED]
        x = u * scale + 3.1 * shift
        y = v * scale + 1.7 * shift + 0.05 * travel
        # What a step to the right and one up change: (xu, xv), (yu, yv).
        xu, xv, yu, yv = scale, 0.0, 0.0, scale
        for k in ti.static(range(len(BENDS))):
            waves, far, speed, phase = ti.static(BENDS[k])
            bend = far * row[FOLD]
            # Both from the same place: two at a time, where one would wait for the other.
            s, c = ieee.sincos(y * waves + (travel * speed + phase))
            s2, c2 = ieee.sincos(x * waves - (travel * (0.7 * speed) - 1.3 * phase))
            c *= bend * waves
            c2 *= bend * waves
            x += bend * s
            y += bend * s2
            xu, yu = xu + c * yu, yu + c2 * xu
            xv, yv = xv + c * yv, yv + c2 * xv
            x, y = TURN[0] * x - TURN[1] * y, TURN[1] * x + TURN[0] * y
            xu, yu = TURN[0] * xu - TURN[1] * yu, TURN[1] * xu + TURN[0] * yu
            xv, yv = TURN[0] * xv - TURN[1] * yv, TURN[1] * xv + TURN[0] * yv
        # The cloth's height and slope: a broad wave and its ruffles, which the bends have folded.
        s, c = ieee.sincos(1.5 * x + 0.5 * y)
        s2, c2 = ieee.sincos(5.3 * x - 1.1 * y + s)
        height = 0.5 + 0.38 * s + 0.12 * s2
        hx = 0.30 * c + 0.12 * c2
        hy = 0.10 * c - 0.03 * c2
        slope_u = hx * xu + hy * yu
        slope_v = hx * xv + hy * yv
        inverse = 1.0 / ti.sqrt(1.0 + slope_u * slope_u + slope_v * slope_v)
        lit = ieee.clamp01((0.60 - 0.50 * slope_u - 0.62 * slope_v) * inverse)
        # Light that grazes: a narrow band where the cloth turns half away, as silk has.
        graze = ieee.clamp01((0.78 - 0.50 * slope_u - 0.38 * slope_v) * inverse)
        graze = graze * graze
        graze = graze * graze
        graze = graze * graze
        graze = graze * graze
        wide = ti.abs(xu) + ti.abs(xv)
        weave = ieee.sin(x * 70.0) * ieee.clamp01(1.3 - wide * (70.0 * 0.45) * px)
        tone = 0.5 + 0.5 * ieee.sin(0.44 * y - 0.26 * x + row[TONE])
        cloth = ramp(row, 0.22 + 0.6 * tone)
        body = (0.10 + 0.90 * lit * lit) * (0.22 + 0.78 * height) * (1.0 + row[THREADS] * (0.18 * weave - 0.06))
        shine = graze * row[SHEEN] * (0.3 + 0.7 * height) * (1.0 + row[THREADS] * 0.7 * weave)
        return (cloth * body + ramp(row, 0.66 + 0.34 * tone) * shine) * row[GAIN]

    return Program(pixel, smooth=True)
