"""Currents: thousands of streaks that drift along a field of whirls; each has its band, and a life of its own.

A streak starts at a hashed place and is carried for as long as it has lived, in WAY steps, so a frame needs no earlier
one. The field is the curl of a sum of waves: nothing gathers and nothing runs dry.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import taichi as ti
from numpy.typing import NDArray

from engine.effects.base import Memoryless, Program, Slots
from engine.effects.spectrum import band_at
from engine.kernels import ieee, noise, raster, streak
from engine.launch import Launch
from engine.loops import LOOPS
from engine.planes import Planes

MOST = 4000
WAY = 9
"""Steps from a streak's start to its head."""
DRAWN = 4
"""The last of them are drawn, one line each."""
WAVES = 5


def _compile(slots: Slots):
    COUNT, FLOW, AGE, LENGTH, SCALE, WIDTH, LIVELY, GAIN, OPACITY = slots.params(
        "count", "flow", "age", "length", "scale", "width", "lively", "gain", "opacity"
    )
    ramp = slots.ramp

    @ti.func
    def current(values: ti.template(), phase, x, y):
        """Velocity at a place: the potential's slope, turned by a right angle."""
        vx, vy = 0.0, 0.0
        for k in ti.static(range(WAVES)):
            turn = 2.399963 * k + 0.11 * values[FLOW] * (1.0 if k % 2 else -1.0) + phase
            number = values[SCALE] * (1.1 + 0.75 * k)
            cx, cy = ieee.cos(turn), ieee.sin(turn)
            swing = ieee.cos((x * cx + y * cy) * number + 1.7 * k + values[FLOW] * (0.35 + 0.13 * k)) / (1.0 + 0.55 * k)
            vx -= swing * cy
            vy += swing * cx
        return ti.Vector([vx, vy])

    @ti.kernel
    def place(
        values: raster.VALUES, tables: raster.TABLES, lines: raster.TABLES,
        salt: ti.i32, height: ti.f32, width: ti.f32, scale: ti.f32,
    ):  # fmt: skip
        ti.loop_config(serialize=LOOPS.serial)
        for n in range(lines.shape[0] // DRAWN):
            phase = noise.unit(noise.hash2(1, salt)) * ieee.TAU
            c = noise.unit(noise.hash2(n * 2 + 5, salt))
            e = noise.unit(noise.hash2(n * 2 + 6, salt))
            life = values[AGE] * (0.7 + 0.6 * e) + c
            share = life - ti.floor(life)
            seed = noise.hash2(n, ti.cast(ti.floor(life), ti.i32) + salt)
            wide, high = values[raster.EXTENT_U], values[raster.EXTENT_V]
            x = (noise.unit(seed) * 2.3 - 1.15) * wide
            y = (noise.unit(noise.hash32(seed + ti.u32(1))) * 2.3 - 1.15) * high
            band = band_at(tables, raster.BANDS_ROW, c)
            unit = 0.5 * ieee.low(width, height) / scale
            fade = ieee.low(share * 5.0, 1.0) * ieee.low((1.0 - share) * 3.0, 1.0)
            light = values[GAIN] * values[OPACITY] * fade * (0.35 + 0.65 * e)
            light *= 1.0 - 0.7 * ieee.low(values[LIVELY], 1.0) + 1.7 * values[LIVELY] * band * band
            wanted = values[WIDTH] * (0.5 + 0.8 * e * e) * (0.7 + 0.6 * band) * unit
            reach = ieee.low(ieee.high(wanted, 0.9), 8.0)
            shown = ti.cast(ti.cast(n, ti.f32) < values[COUNT], ti.f32)
            # First to the tail, then along what is drawn; both grow with the age, so nothing jumps.
            drawn = ieee.low(values[LENGTH], share * 1.2)
            lead = (share * 1.2 - drawn) * (1.0 / (WAY - DRAWN))
            for _ in range(WAY - DRAWN):
                v = current(values, phase, x, y)
                x += v[0] * lead
                y += v[1] * lead
            for k in range(DRAWN):
                v = current(values, phase, x, y)
                nx = x + v[0] * drawn * (1.0 / DRAWN)
                ny = y + v[1] * drawn * (1.0 / DRAWN)
                at = n * DRAWN + k
                lines[at, 0] = (wide + x) * unit
                lines[at, 1] = (high - y) * unit
                lines[at, 2] = (wide + nx) * unit
                lines[at, 3] = (high - ny) * unit
                lines[at, 4] = reach * shown
                long = ti.sqrt((nx - x) * (nx - x) + (ny - y) * (ny - y)) * unit
                speed = ieee.clamp01(ti.sqrt(v[0] * v[0] + v[1] * v[1]) * 0.55)
                tone = ramp(values, 0.26 + 0.42 * speed + 0.30 * band * e)
                part = (ti.cast(k, ti.f32) + 1.0) / DRAWN
                kept = ieee.low(streak.thin(wanted, reach, long), 1.0) * part * part
                for j in ti.static(range(3)):
                    lines[at, 5 + j] = tone[j] * light * kept
                before = ti.cast(k, ti.f32) / DRAWN
                lines[at, 8] = before * before / (part * part)
                x = nx
                y = ny

    return place


class _Water(Memoryless):
    """See engine.effects.base.Drawer."""

    def __init__(self, kernel: Callable[..., None], count: int, width: int, height: int, scale: int, seed: int) -> None:
        self._place, self._streaks = Launch(kernel), streak.Streaks()
        self._count = count
        self._lines = np.zeros((MOST * DRAWN, streak.FIELDS), np.float32)
        self._size = (float(height), float(width), float(scale))
        self._salt = seed & 0x7FFFFFFF

    def draw(self, row: NDArray[np.float32], tables: NDArray[np.float32], planes: Planes, first: int) -> None:
        """Add the light of every streak."""
        lines = self._lines[: min(MOST, int(row[self._count]) + 1) * DRAWN]
        self._place(row, tables, lines, self._salt, *self._size)
        self._streaks(lines, planes, first)


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    kernel = _compile(slots)  # once for all tasks: Taichi never forgets a kernel
    return Program(adds=True, drawer=partial(_Water, kernel, slots.places["count"]))
