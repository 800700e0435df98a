"""Fireworks: the last beats burst into shells, the last onsets crackle between them; all of it in closed form.

A spark's way is ballistic with drag, a function of the seconds since its event, so a frame needs no earlier one.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import taichi as ti
from numpy.typing import NDArray

from engine.effects import shells
from engine.effects.base import Memoryless, Program, Slots
from engine.kernels import ieee, noise, raster, streak
from engine.launch import Launch
from engine.loops import LOOPS
from engine.planes import Planes

SPARKS, CRACKLES = 110, 18
"""Sparks of a beat's shell and of an onset's."""
TOTAL = raster.EVENTS * (SPARKS + CRACKLES)
PARTS = 3
"""Lines of a spark: the front of its trail, the rear, the mirror image."""
DRAG = 2.1
CRACKLE_SECONDS = 0.9


@ti.func
def _way(age, fall):
    """How far a spark has come, as a share of its reach, and how far it has sunk."""
    gone = (1.0 - ieee.exp(-DRAG * age)) * ti.cast(age > 0.0, ti.f32)
    return ti.Vector([gone, fall * (age - gone / DRAG)])


@ti.func
def _direction(kind, a, b, c, d):
    """Unit vector of a spark: all over a ball, on a tilted ring, or bundled like palm leaves."""
    turn = ti.select(kind > 0.82, (ti.floor(a * 11.0) + 0.1 * c) / 11.0, a) * ieee.TAU
    z = ti.select(
        kind > 0.82, 0.7 * (ti.floor(a * 11.0) * 0.37 - ti.floor(ti.floor(a * 11.0) * 0.37)) - 0.2, 1.0 - 2.0 * b
    )
    flat = ti.sqrt(ieee.high(1.0 - z * z, 0.0))
    ball = ti.Vector([flat * ieee.cos(turn), flat * ieee.sin(turn)])
    lean = 0.35 + 0.5 * d
    ring = ti.Vector([ieee.cos(turn), ieee.sin(turn) * lean + 0.3 * (d - 0.5) * ieee.cos(turn)])
    return ti.select((kind > 0.55) & (kind < 0.68), ring, ball)


def _compile(slots: Slots):
    SIZE, LIFE, FALL, TRAIL, GAIN, CRACKLE, HORIZON, MIRROR, OPACITY = slots.params(
        "size", "life", "fall", "trail", "gain", "crackle", "horizon", "mirror", "opacity"
    )
    ramp = slots.ramp

    @ti.func
    def put(lines: ti.template(), at, tail, head, radius, light, share, unit, values: ti.template(), scale):
        width, height = values[raster.EXTENT_U], values[raster.EXTENT_V]
        lines[at, 0] = (width + tail[0]) * unit
        lines[at, 1] = (height - tail[1]) * unit
        lines[at, 2] = (width + head[0]) * unit
        lines[at, 3] = (height - head[1]) * unit
        # What is thinner than a cell keeps its light.
        reach = ieee.high(radius * unit, 1.0)
        length = ti.sqrt((head[0] - tail[0]) * (head[0] - tail[0]) + (head[1] - tail[1]) * (head[1] - tail[1]))
        kept = streak.thin(radius * unit, reach, length * unit)
        lines[at, 4] = reach
        for k in ti.static(range(3)):
            lines[at, 5 + k] = light[k] * kept
        lines[at, 8] = share

    @ti.kernel
    def place(
        values: raster.VALUES, tables: raster.TABLES, lines: raster.TABLES, height: ti.f32, width: ti.f32, scale: ti.f32
    ):
        ti.loop_config(serialize=LOOPS.serial)
        for n in range(TOTAL):
            large = n < raster.EVENTS * SPARKS
            m = n - raster.EVENTS * SPARKS
            event = ti.select(large, n // SPARKS, m // CRACKLES)
            spark = ti.select(large, n - event * SPARKS, m - event * CRACKLES)
            first = ti.select(large, raster.BEATS_ROW, raster.ONSETS_ROW)
            age = tables[first, event]
            strength = tables[first + 1, event]
            number = tables[first + 2, event] + ti.select(large, 0.0, 0.5)
            life = ti.select(large, values[LIFE], CRACKLE_SECONDS)
            # The table forgets what is sixteen events old: by then it must be dark.
            life = ieee.low(life, tables[first, raster.EVENTS - 1])
            for k in ti.static(range(PARTS)):
                lines[n * PARTS + k, 4] = 0.0
            if (age < life) & (strength > 0.0):
                salt = shells.salt_of(values) + ti.select(large, 0, 5077)
                number_i = ti.cast(number, ti.i32)
                kind = noise.unit(noise.hash2(number_i * 8 + 3, salt))
                seed = noise.hash2(number_i * 128 + spark, salt + 911)
                a = noise.unit(seed)
                b = noise.unit(noise.hash32(seed + ti.u32(1)))
                c = noise.unit(noise.hash32(seed + ti.u32(2)))
                d = noise.unit(noise.hash2(number_i * 8 + 4, salt))
                willow = ti.cast((kind > 0.68) & (kind < 0.82) & large, ti.f32)
                pistil = ti.cast((spark % 4 == 0) & large, ti.f32)
                reach = values[SIZE] * (0.55 + 0.45 * d) * (0.45 + 0.55 * strength) * (0.88 + 0.2 * c)
                reach *= ti.select(large, 1.0 - 0.5 * pistil, 0.3 + 0.3 * strength)
                way = _direction(ti.select(large, kind, 0.0), a, b, c, d) * reach
                center = shells.burst_at(values, number)
                fall = values[FALL] * (1.0 + 0.9 * willow)
                trail = values[TRAIL] * (1.0 + 1.6 * willow) * ti.select(large, 1.0, 0.5)
                now, before, old = _way(age, fall), _way(age - 0.5 * trail, fall), _way(age - trail, fall)
                head = center + way * now[0] - ti.Vector([0.0, now[1]])
                middle = center + way * before[0] - ti.Vector([0.0, before[1]])
                tail = center + way * old[0] - ti.Vector([0.0, old[1]])
                glitter = ieee.sin(age * (17.0 + 12.0 * c) + a * 40.0)
                late = ieee.clamp01(2.0 * age / life - 0.7)
                light = shells.glow_of(age, life) * (1.0 + 0.75 * late * glitter) * (1.0 + 2.4 * ieee.exp(-7.0 * age))
                light *= (
                    values[GAIN]
                    * values[OPACITY]
                    * ti.select(large, 0.35 + 0.65 * strength, values[CRACKLE] * strength)
                )
                hue = shells.hue_of(values, number) + 0.34 * pistil * ti.select(d > 0.5, 1.0, -1.0)
                hue = ti.select(large, hue - 0.22 * late, 0.9)
                tone = ramp(values, hue + (0.72 - hue) * willow) * light
                hot = tone + ramp(values, 1.0) * (light * 0.5 * ieee.exp(-5.0 * age))
                unit = 0.5 * ieee.low(width, height) / scale
                radius = ti.select(large, 0.0068, 0.0052)
                put(lines, n * PARTS, middle, head, radius, hot, 0.55, unit, values, scale)
                put(lines, n * PARTS + 1, tail, middle, 0.8 * radius, 0.55 * hot, 0.0, unit, values, scale)
                # In the water: flattened, drawn out downwards, and moved about by waves.
                level = values[HORIZON] * values[raster.EXTENT_V]
                deep = (head[1] - level) * 0.36
                shake = 0.012 * ieee.sin(values[raster.T] * 2.3 + deep * 60.0) * (0.4 + deep)
                mirror = ti.Vector([head[0] + shake, level - deep])
                under = mirror - ti.Vector([0.0, 0.03 + 0.05 * deep])
                dim = values[MIRROR] * ti.select(deep > 0.0, 0.26, 0.0) / (1.0 + 1.5 * deep)
                put(lines, n * PARTS + 2, under, mirror, 1.4 * radius, tone * dim, 0.1, unit, values, scale)

    return place


class _Night(Memoryless):
    """See engine.effects.base.Drawer."""

    def __init__(self, kernel: Callable[..., None], width: int, height: int, scale: int, seed: int) -> None:
        self._place, self._streaks = Launch(kernel), streak.Streaks()
        self._lines = np.zeros((TOTAL * PARTS, streak.FIELDS), np.float32)
        self._size = (float(height), float(width), float(scale))

    def draw(self, row: NDArray[np.float32], tables: NDArray[np.float32], planes: Planes, first: int) -> None:
        """Add the light of every spark that still glows."""
        self._place(row, tables, self._lines, *self._size)
        self._streaks(self._lines, planes, first)


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    kernel = _compile(slots)  # once for all tasks: Taichi never forgets a kernel
    return Program(adds=True, drawer=partial(_Night, kernel))
