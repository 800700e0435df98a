"""Reaction: two substances that feed on each other and spread, the model of Gray and Scott; a skin that grows.

A is fed in and eaten by B, B dies off: dA = A'' - A B^2 + feed (1 - A), dB = B'' / 2 + A B^2 - (feed + kill) B. Each
step moves the skin a little (it is drawn out from the middle, so that it keeps dividing), then lets it react. The
picture takes B for a height and lights it.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import taichi as ti
from numpy.typing import NDArray

from engine.effects.base import Program, Slots
from engine.effects.grids import Grid, Held, compile_lift, slopes, weights
from engine.effects.skin import compile_move, react_twice, sow
from engine.effects.spectrum import band_at
from engine.kernels import ieee, raster
from engine.launch import Launch
from engine.loops import LOOPS
from engine.planes import Planes, aligned
from engine.scene import LANES

SHORT = {1: 300, 2: 240, 4: 180}
"""Cells along the canvas' shorter side, by the scale of the planes."""
ROUNDS = 3
"""Pairs of reactions in a step."""
GROWTH = 500
"""Pairs of reactions before the first step: a skin that has grown."""


def _compile_show(slots: Slots):
    GAIN, RELIEF, SHINE, SUN, LIT, WAVE, TONE = slots.params("gain", "relief", "shine", "sun", "lit", "wave", "tone")
    ramp = slots.ramp
    size = slots.size

    @ti.kernel
    def show(
        out: raster.FLAT, image: ti.i32, values: raster.VALUES, tables: raster.TABLES, mid: raster.CELLS,
        height: ti.f32, width: ti.f32, scale: ti.f32, strips: ti.i32, rows: ti.i32, cell: ti.f32,
    ):  # fmt: skip
        ti.loop_config(serialize=LOOPS.serial)
        for y in range(rows):
            row = ti.Vector([0.0] * size)
            for k in ti.static(range(size)):
                row[k] = values[k]
            px = row[raster.PX]
            v = (0.5 * height - (ti.cast(y, ti.f32) + 0.5) * scale) * px
            columns = mid.shape[2]
            middle = 0.5 * ti.cast(columns, ti.f32) - 0.5
            lamp_u = 0.62 * row[raster.EXTENT_U] * ieee.cos(row[SUN])
            lamp_v = 0.55 * row[raster.EXTENT_V] * ieee.sin(1.37 * row[SUN])
            slope = row[RELIEF] / (ti.static(0.02) * 240.0 * cell)
            age = tables[raster.BEATS_ROW, 0]
            wave = row[WAVE] * tables[raster.BEATS_ROW + 1, 0] / (1.0 + 2.5 * age * age)
            front = age * 1.7
            high_tone = ramp(row, 1.0)
            for strip in range(strips):
                light = ti.Matrix([[0.0] * LANES] * 3)
                for i in range(LANES):
                    u = ((ti.cast(strip * LANES + i, ti.f32) + 0.5) * scale - 0.5 * width) * px
                    place = u / cell + middle
                    whole = ti.floor(place)
                    w, d = weights(place - whole), slopes(place - whole)
                    at = ti.cast(whole, ti.i32) - 1
                    a, b, bx, by = 0.0, 0.0, 0.0, 0.0
                    for k in ti.static(range(4)):
                        x = ti.min(ti.max(at + k, 0), columns - 1)
                        b_here = mid[1, y, x]
                        a += w[k] * mid[0, y, x]
                        b += w[k] * b_here
                        bx += d[k] * b_here
                        by += w[k] * mid[3, y, x]
                    nx, ny = -slope * bx, slope * by
                    inverse = 1.0 / ti.sqrt(1.0 + nx * nx + ny * ny)
                    r2 = u * u + v * v
                    r = ti.sqrt(r2)
                    # A lamp close over the skin: what it does not reach lies in the dark.
                    lu, lv = lamp_u - u, lamp_v - v
                    far2 = lu * lu + lv * lv
                    near = 1.0 / ti.sqrt(far2 + 0.5)
                    fall = 1.0 / (1.0 + 0.9 * far2)
                    facing = (0.707 + nx * lu + ny * lv) * near * inverse
                    diffuse = ieee.clamp01(facing)
                    # The lamp's image on the wet skin: the half vector between light and eye.
                    middle_z = 0.707 * near + 1.0
                    half = (middle_z + (nx * lu + ny * lv) * near) * inverse
                    spot = ieee.clamp01(half / ti.sqrt(far2 * near * near + middle_z * middle_z))
                    spot = spot * spot
                    spot = spot * spot
                    spot = spot * spot
                    spot = spot * spot
                    spot = spot * spot
                    body = ieee.smoothstep(0.07, 0.26, b)
                    rim = body * (1.0 - body) * 4.0
                    band = band_at(tables, raster.BANDS_ROW, ieee.low(0.62 * r, 1.0))
                    off = r - front
                    pulse = wave / (1.0 + 60.0 * off * off)
                    tone = (
                        0.17
                        + 0.30 * body
                        + 1.1 * (b - 0.22)
                        + row[TONE]
                        + 0.14 * ieee.sin(1.3 * u - 1.1 * v + row[SUN])
                    )
                    lamp = (0.12 + 1.15 * fall) * (0.16 + 0.84 * diffuse)
                    skin = ramp(row, tone) * (lamp * (0.22 + 0.88 * body))
                    glow = ramp(row, 0.58 + 0.30 * band) * (rim * (row[LIT] * band * band) + pulse * (0.10 + rim))
                    wet = high_tone * (spot * row[SHINE] * (0.15 + 0.85 * body) * fall)
                    color = (skin + glow + wet) * row[GAIN]
                    for c in ti.static(range(3)):
                        light[c, i] = color[c]
                for c in ti.static(range(3)):
                    line = ((3 * image + c) * rows + y) * strips + strip
                    found = raster.VEC([light[c, i] for i in ti.static(range(LANES))])
                    if ti.static(not LOOPS.partial):
                        found += 0.0 * out[line]
                    out[line] = found

    return show


class _Skin:
    """See engine.effects.base.Drawer."""

    memory = True

    def __init__(
        self, kernels: tuple[Callable[..., None], ...], slots: Slots,
        width: int, height: int, scale: int, seed: int,
    ) -> None:  # fmt: skip
        self._move, self._show = (Launch(one) for one in kernels)
        self._react, self._lift, self._grow = Launch(react_twice), Launch(compile_lift(sloped=True)), Launch(sow)
        self._feed, self._kill, self._vary = slots.params("feed", "kill", "vary")
        grid = Grid.of(width, height, SHORT[scale])
        rows, columns = raster.Raster(width, height).plane(scale)
        shape = (2, grid.rows, grid.strips, LANES)
        self._old, self._new, self._map = (aligned(shape, np.float32) for _ in range(3))
        self._mid = aligned((4, rows, grid.strips, LANES), np.float32)
        self._place = grid.place(width, height, scale)
        self._size = (float(height), float(width), float(scale), columns // LANES, rows, grid.cell)
        self._salt = seed & 0xFFFF
        self._grown, self._held = False, Held()

    def reset(self) -> None:
        """Nothing has grown yet; the first step lets it."""
        self._grown = False
        self._held.forget()

    def step(self, row: NDArray[np.float32], tables: NDArray[np.float32], index: int) -> None:
        """Move, then react."""
        held, rounds = self._held, ROUNDS
        held.take(row, tables, index)
        if not self._grown:
            self._grow(_cells(self._old), _cells(self._map), self._size[-1], self._salt)
            self._grown, rounds = True, GROWTH
        else:
            self._move(_cells(self._old), self._new, held.row, held.tables, self._size[-1], self._salt)
            self._old, self._new = self._new, self._old
        numbers = [float(held.row[place]) for place in (self._feed, self._kill, self._vary)]
        for _ in range(rounds):
            self._react(self._old, self._new, self._map, *numbers)

    def draw(self, row: NDArray[np.float32], tables: NDArray[np.float32], planes: Planes, first: int) -> None:
        """Blow the skin up and light it."""
        self._lift(self._old, self._mid, *self._place)
        self._show(planes.flat, first, row, tables, _cells(self._mid), *self._size)


def _cells(strips: NDArray[np.float32]) -> NDArray[np.float32]:
    return strips.reshape(strips.shape[0], strips.shape[1], -1)


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    kernels = compile_move(slots), _compile_show(slots)  # once for all tasks: Taichi never forgets a kernel
    return Program(drawer=partial(_Skin, kernels, slots))
