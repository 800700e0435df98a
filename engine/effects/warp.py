"""Warp: feedback in the manner of MilkDrop. Each step bends the last picture a little, dims it, and adds the waveform.

The state is one word a cell (engine.kernels.words).
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import taichi as ti
from numpy.typing import NDArray

from engine.effects.base import STEP_RATE, Program, Slots
from engine.kernels import ieee, noise, raster, words
from engine.kernels.planes import in_vectors
from engine.launch import Launch
from engine.loops import LOOPS
from engine.planes import Planes, aligned, flat
from engine.scene import LANES


def _compile(slots: Slots):
    ZOOM, ROTATE, SWIRL, FADE, GAIN, HEIGHT, WIDTH, HUE, RIPPLE, KICK = slots.params(
        "zoom", "rotate", "swirl", "fade", "gain", "height", "width", "hue", "ripple", "kick"
    )
    ramp = slots.ramp
    size = slots.size

    @ti.kernel
    def step(
        old: words.WORDS,
        new: raster.FLAT_PIXELS,
        values: raster.VALUES,
        tables: raster.TABLES,
        salt: ti.i32,
        height: ti.f32,
        width: ti.f32,
        scale: ti.f32,
        stride: ti.i32,
        rows: ti.i32,
        columns: ti.i32,
    ):
        ti.loop_config(serialize=LOOPS.serial)
        for y in range(rows):
            row = ti.Vector([0.0] * size)
            for k in ti.static(range(size)):
                row[k] = values[k]
            px = row[raster.PX]
            keep = ieee.exp2(-1.0 / (STEP_RATE * 2.0 * ieee.high(row[FADE], 0.02)))
            turn = row[ROTATE] * (1.0 / STEP_RATE)
            grow = 1.0 - row[ZOOM] * (1.0 / STEP_RATE)
            v = (0.5 * height - (ti.cast(y, ti.f32) + 0.5) * scale) * px
            last_x = ti.cast(columns - 1, ti.f32) - 0.001
            last_y = ti.cast(rows - 1, ti.f32) - 0.001
            line = 1.0 / ieee.high(row[WIDTH], px * scale)
            cell = 1.0 / (px * scale)
            tone = ramp(row, 0.62 + 0.36 * ieee.sin(row[HUE] * 2.1 + v * 0.8))
            for strip in range(columns // LANES):
                packed = ti.Vector([0] * LANES, dt=ti.i32)
                waves = ti.Vector([0.0] * LANES)
                rises = ti.Vector([0.0] * LANES)
                for i in ti.static(range(LANES)):
                    waves[i] = tables[raster.WAVE_ROW, (strip * LANES + i) * stride] * row[HEIGHT]
                    rises[i] = tables[raster.WAVE_ROW + 1, (strip * LANES + i) * stride] * row[HEIGHT]
                for i in range(LANES):
                    x = strip * LANES + i
                    u = ((ti.cast(x, ti.f32) + 0.5) * scale - 0.5 * width) * px
                    r2 = u * u + v * v
                    angle = turn + row[SWIRL] * (1.0 / STEP_RATE) / (0.3 + r2)
                    # Small angles: two terms of the series, and a zoom that undoes their growth.
                    c = 1.0 - 0.5 * angle * angle
                    bend = row[RIPPLE] * (1.0 / STEP_RATE)
                    su = (u * c - v * angle) * grow + bend * ieee.sin(v * 4.3 + row[HUE] * 5.0)
                    sv = (u * angle + v * c) * grow + bend * ieee.sin(u * 3.7 - row[HUE] * 4.0)
                    fx = ieee.low(ieee.high(su * cell + (0.5 * width / scale - 0.5), 0.0), last_x)
                    fy = ieee.low(ieee.high((0.5 * height / scale - 0.5) - sv * cell, 0.0), last_y)
                    ix = ti.cast(fx, ti.i32)
                    iy = ti.cast(fy, ti.i32)
                    wx = fx - ti.cast(ix, ti.f32)
                    wy = fy - ti.cast(iy, ti.f32)
                    at = iy * columns + ix
                    a = words.unpack(old[at])
                    b = words.unpack(old[at + 1])
                    d = words.unpack(old[at + columns])
                    e = words.unpack(old[at + columns + 1])
                    above = a + (b - a) * wx
                    root = (above + (d + (e - d) * wx - above) * wy) * keep
                    # Mixed as roots and dimmed as roots; only the new light needs squares.
                    near = ti.abs(v - waves[i]) * line / ti.sqrt(1.0 + rises[i] * rises[i])
                    beam = ieee.clamp01(1.5 - near)
                    ring = ti.abs(ti.sqrt(r2) - 0.34 - 0.5 * row[KICK]) * (0.5 * line)
                    pulse = ieee.clamp01(1.5 - ring) * row[KICK]
                    added = tone * ((beam * beam + pulse * pulse) * row[GAIN] * (1.0 / words.RANGE))
                    light = ti.Vector([ti.sqrt(root[k] * root[k] + added[k]) for k in ti.static(range(3))])
                    packed[i] = words.pack(light, noise.quick2(x + salt, y))
                new[y * (columns // LANES) + strip] = packed

    return step


@in_vectors
@ti.kernel
def _show(state: raster.PIXELS, planes: raster.PLANES, first: ti.i32):
    ti.loop_config(serialize=LOOPS.serial)
    for y, strip in ti.ndrange(state.shape[0], state.shape[1]):
        found_words = state[y, strip]
        light = ti.Matrix([[0.0] * LANES] * 3)
        for i in ti.static(range(LANES)):
            root = words.unpack(found_words[i])
            for c in ti.static(range(3)):
                light[c, i] = root[c] * root[c] * words.RANGE
        for c in ti.static(range(3)):
            found = raster.VEC([light[c, i] for i in ti.static(range(LANES))])
            if ti.static(not LOOPS.partial):
                found += 0.0 * planes[3 * first + c, y, strip]
            planes[3 * first + c, y, strip] = found


class _Feedback:
    """See engine.effects.base.Drawer."""

    memory = True

    def __init__(self, kernel: Callable[..., None], width: int, height: int, scale: int, seed: int) -> None:
        self._step, self._show = Launch(kernel), Launch(_show)
        rows, columns = raster.Raster(width, height).plane(scale)
        self._old = aligned((rows, columns), np.int32)
        self._new = aligned((rows, columns), np.int32)
        self._size = (float(height), float(width), float(scale), scale)
        self._seed = seed & 0xFFFF

    def reset(self) -> None:
        """Black."""
        self._old[:] = 0

    def step(self, row: NDArray[np.float32], tables: NDArray[np.float32], index: int) -> None:
        """Bend, dim, add."""
        salt = (index * 7919 + self._seed) & 0x7FFFFFF
        self._step(self._old.reshape(-1), flat(self._new), row, tables, salt, *self._size, *self._old.shape)
        self._old, self._new = self._new, self._old

    def draw(self, row: NDArray[np.float32], tables: NDArray[np.float32], planes: Planes, first: int) -> None:
        """Blow the state up into planes."""
        self._show(_strips(self._old), planes.strips, first)


def _strips(cells: NDArray[np.int32]) -> NDArray[np.int32]:
    return cells.reshape(cells.shape[0], cells.shape[1] // LANES, LANES)


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    kernel = _compile(slots)  # once for all tasks: Taichi never forgets a kernel
    return Program(drawer=partial(_Feedback, kernel))
