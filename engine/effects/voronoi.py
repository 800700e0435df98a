"""Voronoi: stained glass. The bass lights the panes in the middle, the treble those at the rim; beats run outwards.

A pane is what is nearest to its point. The lead lies where two points are equally near: half-way along the line
between them (Inigo Quilez, "Voronoi borders"), taken from the nearest and the second nearest alone.
"""

import taichi as ti

from engine.effects.base import Program, Slots
from engine.effects.spectrum import band_at
from engine.kernels import ieee, noise, raster

RINGS = 3


@ti.func
def _round(turns):
    """About the sine of so many turns, from two parabolas: how a point moves."""
    at = turns - ti.floor(turns) - 0.5
    return at * (16.0 * ti.abs(at) - 8.0)


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    TRAVEL, COUNT, LEAD, GAIN, LIT, WAVE, SUN = slots.params("travel", "count", "lead", "gain", "lit", "wave", "sun")
    ramp = slots.ramp

    @ti.func
    def pixel(u, v, px, row: ti.template(), tables: ti.template(), col: ti.template(), tex: ti.template()):
        count = row[COUNT]
        shift = ti.floor(977.0 * row[raster.SEED])
        x, y = u * count, v * count
        fx, fy = ti.floor(x), ti.floor(y)
        tx, ty = x - fx, y - fy
        ix = ti.cast(fx + shift, ti.i32)
        iy = ti.cast(fy, ti.i32)
        near, next_near = 64.0, 64.0
        ax, ay, bx, by = 0.0, 0.0, 0.0, 0.0
        who = ti.u32(0)
        for j in ti.static((-1, 0, 1)):
            for i in ti.static((-1, 0, 1)):
                h = noise.quick2(ix + i, iy + j)
                a = ti.cast(ti.cast(h & ti.u32(4095), ti.i32), ti.f32) * (1.0 / 4096.0)
                b = ti.cast(ti.cast((h >> 12) & ti.u32(4095), ti.i32), ti.f32) * (1.0 / 4096.0)
                dx = (i + 0.5) - tx + 0.36 * _round(a + row[TRAVEL])
                dy = (j + 0.5) - ty + 0.36 * _round(b + 0.81 * row[TRAVEL])
                d = dx * dx + dy * dy
                first = d < near
                second = d < next_near
                bx = ti.select(first, ax, ti.select(second, dx, bx))
                by = ti.select(first, ay, ti.select(second, dy, by))
                next_near = ti.select(first, near, ti.select(second, d, next_near))
                ax = ti.select(first, dx, ax)
                ay = ti.select(first, dy, ay)
                near = ti.select(first, d, near)
                who = ti.select(first, h, who)
        ex, ey = bx - ax, by - ay
        border = 0.5 * (ex * (ax + bx) + ey * (ay + by)) / ti.sqrt(ex * ex + ey * ey + 1e-6)
        dice = ti.cast(ti.cast(who >> 20, ti.i32), ti.f32) * (1.0 / 4096.0)
        again = ieee.fract(dice * 61.0)
        # The pane's own middle, in the picture.
        cu = u + ax / count
        cv = v + ay / count
        r = ti.sqrt(cu * cu + cv * cv)
        level = band_at(tables, raster.BANDS_ROW, ieee.clamp01(r * 0.62 + 0.24 * (again - 0.5)))
        ring = 0.0
        for k in ti.static(range(RINGS)):
            age = tables[raster.BEATS_ROW, k]
            out = (r - 0.1 - age * 1.3) * 5.0
            ring += tables[raster.BEATS_ROW + 1, k] / ((1.0 + out * out) * (1.0 + 3.0 * age * age))
        sx = u - 0.5 * ieee.sin(row[SUN])
        sy = v - 0.25 - 0.35 * ieee.cos(0.7 * row[SUN])
        sun = 1.0 / (1.0 + 1.1 * (sx * sx + sy * sy))
        # Blown glass: streaks across each pane in a direction of its own, thicker towards the lead.
        lean = dice * 6.0
        streak = ieee.sin((ax * (2.0 - lean) + ay * (lean - 4.0)) * 3.0 + 9.0 * again)
        thick = ieee.clamp01(border * 3.2)
        glass = (0.5 + 0.5 * thick) * (1.0 + 0.16 * streak + 0.35 * (ay - ax) * (again - 0.2))
        power = 0.30 + row[LIT] * level * level + row[WAVE] * ring
        light = power * glass * (0.35 + 0.9 * sun)
        tone = 0.10 + 0.86 * dice
        light = light / (1.0 + 0.3 * light)
        pane = ramp(row, tone) * light
        half = row[LEAD]
        edge = ieee.clamp01((border - half) / (2.0 * px * count) + 0.5)
        bead = ieee.clamp01(1.0 - ti.abs(border - 0.45 * half) * (2.2 / (half + 1e-3)))
        lead = ramp(row, 0.06) * 0.5 + ramp(row, 0.75) * (0.10 * bead * (0.2 + power) * sun)
        return (lead + (pane - lead) * edge) * row[GAIN]

    return Program(pixel, smooth=True)
