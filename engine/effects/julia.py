"""Julia: the Julia set of z^2 + c, while c walks along the edge of the Mandelbrot set with the music.

Colours come from the smooth number of steps that a place takes to escape, lines of light from orbit traps, and the rim
from the distance to the set (Inigo Quilez, "Distance rendering for fractals").
"""

import taichi as ti

from engine.effects.base import Program, Slots
from engine.kernels import ieee, raster

STEPS = 36
ESCAPED = 400.0
"""Square of the radius at which a place has escaped."""
BEATS = 2


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    WALK, PUSH, SCALE, SPIN, GAIN, RIM, TRAP, TONE = slots.params(
        "walk", "push", "scale", "spin", "gain", "rim", "trap", "tone"
    )
    ramp = slots.ramp

    @ti.func
    def pixel(u, v, px, row: ti.template(), tables: ti.template(), col: ti.template(), tex: ti.template()):
        walk = row[WALK] + ieee.TAU * row[raster.SEED]
        # The main cardioid of the Mandelbrot set, seen from a little outside.
        push = 1.0 + row[PUSH]
        cx = (0.5 * ieee.cos(walk) - 0.25 * ieee.cos(2.0 * walk)) * push
        cy = (0.5 * ieee.sin(walk) - 0.25 * ieee.sin(2.0 * walk)) * push
        c, s = ieee.cos(row[SPIN]) * row[SCALE], ieee.sin(row[SPIN]) * row[SCALE]
        x, y = u * c - v * s, u * s + v * c
        m = x * x + y * y
        stretch, near, cross, count = 1.0, 4.0, 4.0, 0.0
        final = 1.0
        for _ in ti.static(range(STEPS)):
            live = m < ESCAPED
            stretch = ti.select(live, stretch * (4.0 * m), stretch)
            x, y = x * x - y * y + cx, 2.0 * (x * y) + cy
            m = ti.select(live, x * x + y * y, m)
            count += ti.select(live, 1.0, 0.0)
            near = ieee.low(near, m)
            arm = ti.abs(x * 0.8 + y * 0.6) + 0.08 * m
            cross = ti.select(live, ieee.low(cross, arm), cross)
            final = ti.select(live, m, final)
        outside = ti.select(m < ESCAPED, 0.0, 1.0)
        log = ieee.log2(ieee.high(m, 1.0001))
        steps = count - outside * ieee.log2(ieee.high(log, 1e-3) * (1.0 / 8.6438562))
        # Half of |z| log |z| / |z'|: how far the set is, in the picture.
        away = 0.5 * 0.34657359 * log * ti.sqrt(m / ieee.high(stretch, 1e-20)) / row[SCALE]
        share = steps * (1.0 / STEPS)
        # What is finer than a sample keeps its mean tone instead of glittering.
        sharp = ieee.clamp01(away / (2.0 * px))
        bands = 0.5 + 0.5 * sharp * ieee.sin(5.2 * ti.sqrt(ieee.high(steps, 0.0)) + row[TONE])
        rim = 0.004 / (0.004 + away)
        rim = rim * outside
        pulse = 0.0
        for k in ti.static(range(BEATS)):
            age = tables[raster.BEATS_ROW, k]
            off = (steps - 2.0 - 14.0 * age) * 0.7
            pulse += tables[raster.BEATS_ROW + 1, k] / ((1.0 + off * off) * (1.0 + 2.5 * age * age))
        line = 0.035 / (0.035 + cross)
        line = line * line
        rich = ieee.clamp01(share * 2.2)
        glass = ramp(row, 0.08 + 0.24 * rich + 0.32 * bands * rich)
        body = glass * (
            0.16 + (0.50 * rich * (0.45 + 0.55 * bands) + 0.30 * pulse * (0.2 + rich)) * (0.4 + 0.6 * sharp)
        )
        inner = ramp(row, 0.12 + 0.24 * ti.sqrt(near)) * (0.12 + 0.25 * near)
        face = inner + (body - inner) * outside
        threads = ramp(row, 0.80) * (line * row[TRAP] * (0.3 + 0.7 * sharp))
        edge = ramp(row, 0.95) * (rim * row[RIM] * (0.25 + 0.75 * sharp) * (0.6 + pulse))
        return (face + threads + edge) * row[GAIN]

    return Program(pixel, smooth=True)
