"""Ring: the spectrum around a circle, mirrored left and right, with a core that beats."""

import taichi as ti

from engine.effects.base import Program, Slots
from engine.kernels import ieee, raster, sdf
from engine.timeline import BANDS


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    RADIUS, HEIGHT, COUNT, FILL, SPIN, GAIN, CORE, INNER = slots.params(
        "radius", "height", "count", "fill", "spin", "gain", "core", "inner"
    )
    ramp = slots.ramp

    @ti.func
    def pixel(u, v, px, row: ti.template(), tables: ti.template(), col: ti.template(), tex: ti.template()):
        r = ti.sqrt(u * u + v * v) + 1e-6
        # 0 at the foot, 1 at the top of either half: bass below, treble above.
        angle = ieee.fract((ieee.angle(u, -v) + row[SPIN]) * (1.0 / ieee.TAU))
        side = ti.abs(angle * 2.0 - 1.0)
        count = ti.floor(row[COUNT])
        place = (1.0 - side) * count
        bar = ieee.low(ti.floor(place), count - 1.0)
        along = (bar + 0.5) * (1.0 / count)
        level = tables[raster.BANDS_ROW, ti.cast(along * BANDS, ti.i32)]
        sharp = 1.0 / px
        across = ti.abs(place - bar - 0.5) * (ieee.PI / count) * r
        half = (0.5 * ieee.PI / count) * row[RADIUS] * row[FILL]
        out = r - row[RADIUS]
        # A bar with bevelled ends from the circle outwards, and a flat bar inwards.
        beyond = ieee.high(ieee.high(out - level * row[HEIGHT], -out), 0.0)
        outer = sdf.coverage(ieee.high(ieee.high(across, beyond), 0.72 * (across + beyond)) - half, sharp)
        deep = ti.abs(out + 5.0 * half + 0.5 * level * row[INNER]) - 0.5 * level * row[INNER] - 0.5 * half
        inner = sdf.coverage(ieee.high(deep, across - 0.7 * half), sharp)
        line = ieee.clamp01(1.0 - ti.abs(out + 2.2 * half) * (0.9 / half))
        ball = ieee.high(1.0 - r * (1.15 / row[RADIUS]), 0.0)
        low, wide, far = ramp(row, 0.42), ramp(row, 0.74), ramp(row, 0.86)
        tone = low + (wide - low) * along
        tone += (far - tone) * ieee.clamp01(out * (0.85 / row[HEIGHT]))
        light = outer + 0.55 * inner + line * line * 0.8
        return tone * (light * row[GAIN]) + ramp(row, 0.55) * (row[CORE] * row[GAIN] * ball * ball)

    @ti.func
    def touches(u0, u1, v, row: ti.template(), most: ti.template(), place):
        near = ieee.high(ieee.high(u0, -u1), 0.0)
        half = (0.5 * ieee.PI / ti.floor(row[COUNT])) * row[RADIUS] * row[FILL]
        reach = row[RADIUS] + row[HEIGHT] + 2.0 * half + 0.01
        return ti.cast(near * near + v * v < reach * reach, ti.i32)

    return Program(pixel, touches=touches)
