"""Aurora: curtains of light over a night sky, folded by slow waves and lit by the music.

Everything that depends on the column alone (where a curtain's foot is, how bright its rays are) is computed once a
column: 57 -> 9 ms for a 1080p frame.
"""

import taichi as ti

from engine.effects.base import Program, Slots
from engine.kernels import ieee, raster

CURTAINS = 3
COLUMNS = CURTAINS * 3


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    FLOW, LIFT, DETAIL, GAIN, HEIGHT, SKY = slots.params("flow", "lift", "detail", "gain", "height", "sky")
    ramp = slots.ramp
    OWN = slots.columns

    @ti.func
    def columns(u, x, row: ti.template(), tables: ti.template()):
        found = ti.Vector([0.0] * COLUMNS)
        flow = row[FLOW]
        for k in ti.static(range(CURTAINS)):
            size = 1.0 + 0.42 * k
            shift = 2.1 * k + 9.0 * row[raster.SEED]
            fold = ieee.sin(u * (1.15 * size) + flow * (0.27 + 0.06 * k) + shift)
            curl = ieee.sin(u * (2.7 * size) - flow * 0.36 + 1.9 * fold + 4.0 * k)
            bend = u + 0.22 * curl + 0.3 * fold
            found[3 * k] = -0.42 + 0.30 * k + 0.20 * fold + 0.09 * curl + 0.16 * row[LIFT]
            ray = 0.5 + 0.5 * ieee.sin(bend * (13.0 * size) + flow * 0.7 + 5.0 * fold)
            fine = 0.5 + 0.5 * ieee.sin(bend * (41.0 * size) - flow * 1.3 + 7.0 * curl)
            hair = 0.5 + 0.5 * ieee.sin(bend * (97.0 * size) + flow * 2.1 + 11.0 * fold)
            texture = 0.35 + 1.3 * ray * (0.55 + 0.45 * fine) * (0.75 + 0.25 * hair)
            wander = 0.55 + 0.45 * ieee.sin(u * 0.9 - flow * 0.23 + 2.6 * k + fold)
            found[3 * k + 1] = ieee.mix(1.0, texture, row[DETAIL]) * wander * (1.0 - 0.2 * k) * row[GAIN]
            found[3 * k + 2] = 1.0 / (row[HEIGHT] * (0.75 + 0.35 * found[3 * k + 1]))
        return found

    @ti.func
    def pixel(u, v, px, row: ti.template(), tables: ti.template(), col: ti.template(), tex: ti.template()):
        night = ramp(row, 0.0)
        dusk = ramp(row, 0.16)
        foot = ramp(row, 0.72)
        body = ramp(row, 0.5)
        crown = ramp(row, 1.0)
        level = ieee.clamp01(0.5 - v * (0.5 / row[raster.EXTENT_V]))
        feet, bodies, crowns = 0.0, 0.0, 0.0
        for k in ti.static(range(CURTAINS)):
            h = v - col[OWN + 3 * k]
            rise = ieee.clamp01(h * 11.0 + 0.5)
            up = ieee.high(h, 0.0) * col[OWN + 3 * k + 2]
            light = rise * rise * col[OWN + 3 * k + 1] / (1.0 + up * up * up)
            high = ieee.clamp01(up * 0.75)
            feet += light * ieee.clamp01(1.0 - h * h * 25.0)
            crowns += light * high
            bodies += light * (1.0 - high)
        return night + dusk * (level * level * row[SKY]) + body * bodies + crown * (0.65 * crowns) + foot * (0.6 * feet)

    return Program(pixel, smooth=True, columns=columns)
