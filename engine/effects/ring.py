"""Ring: the spectrum around a circle, mirrored left and right, with a core that beats."""

import taichi as ti

from engine.effects.base import Program, Slots
from engine.kernels import ieee, raster, sdf


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
        angle = ieee.fract((ieee.atan2(u, -v) + row[SPIN]) * (1.0 / ieee.TAU))
        side = ti.abs(angle * 2.0 - 1.0)
        count = ti.floor(row[COUNT])
        place = (1.0 - side) * count
        bar = ieee.low(ti.floor(place), count - 1.0)
        along = (bar + 0.5) / count
        level = tables[raster.BANDS_ROW, ti.cast(along * 64.0, ti.i32)]
        across = (place - bar - 0.5) * (ieee.PI / count) * r
        half = ieee.PI / count * row[RADIUS] * 0.5 * row[FILL]
        long = level * row[HEIGHT] + half
        out = r - row[RADIUS]
        outer = sdf.box(across, out - 0.5 * long, half, 0.5 * long + half, half)
        deep = level * row[INNER] + half
        inner = sdf.box(across, out + 0.5 * deep + 4.0 * half, half * 0.7, 0.5 * deep, half * 0.6)
        tone = ramp(row, 0.45 + 0.35 * along + 0.3 * ieee.clamp01(out / row[HEIGHT]))
        shape = sdf.coverage(outer, px) + 0.55 * sdf.coverage(inner, px)
        near = ieee.high(outer, 0.0) * (1.0 / (4.0 * half))
        halo = level * 0.25 / (1.0 + near * near)
        line = 1.0 / (1.0 + ti.abs(out + 1.6 * half) * ti.abs(out + 1.6 * half) * (6.0 / (half * half)))
        ball = r / (row[RADIUS] * 0.62)
        core = row[CORE] * (1.0 / (1.0 + ball * ball * ball * ball * 3.0)) * 0.5
        return (tone * (shape + halo + 0.7 * line) + ramp(row, 0.35 + 0.4 * ieee.clamp01(1.0 - ball)) * core) * row[GAIN]

    return Program(pixel)
