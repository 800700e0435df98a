"""Echo: feedback with stirrers in it, and its mirrored, enlarged echo laid over it, in the manner of MilkDrop.

Each step turns the last picture, draws it out, bends it around three stirrers, dims it towards the palette's deep
colours, and adds the waveform as a line and as a flower. The state is one word a cell (engine.kernels.words).
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import taichi as ti
from numpy.typing import NDArray

from engine.effects.base import STEP_RATE, Program, Slots
from engine.effects.grids import Grid
from engine.kernels import ieee, noise, raster, words
from engine.launch import Launch
from engine.loops import LOOPS
from engine.planes import Planes, aligned, flat
from engine.scene import LANES

SHORT = {1: 576, 2: 432, 4: 288}
"""Cells along the canvas' shorter side, by the scale of the planes."""
STIRRERS = ((0.62, 0.31, 0.0, 1.0), (0.55, 0.23, 2.2, -0.8), (0.35, 0.41, 4.1, 0.7))
"""(how far out, how fast it wanders, its phase, how strong and which way round)."""


@ti.func
def _light_at(state: ti.template(), fx, fy, columns):
    """The root of the light at a place of the grid, between its four cells."""
    ix, iy = ti.cast(fx, ti.i32), ti.cast(fy, ti.i32)
    wx, wy = fx - ti.cast(ix, ti.f32), fy - ti.cast(iy, ti.f32)
    at = iy * columns + ix
    a, b = words.unpack(state[at]), words.unpack(state[at + 1])
    d, e = words.unpack(state[at + columns]), words.unpack(state[at + columns + 1])
    above = a + (b - a) * wx
    return above + (d + (e - d) * wx - above) * wy


def _compile_step(slots: Slots):
    ZOOM, ROTATE, STIR, FADE, TINT, GAIN = slots.params("zoom", "rotate", "stir", "fade", "tint", "gain")
    LINE, FLOWER, PETALS, HEIGHT, WIDTH, PHASE = slots.params("line", "flower", "petals", "height", "width", "phase")
    ramp = slots.ramp
    size = slots.size

    @ti.kernel
    def step(
        old: words.WORDS, new: raster.FLAT_PIXELS, values: raster.VALUES, tables: raster.TABLES, salt: ti.i32,
        cell: ti.f32, across: ti.i32, rows: ti.i32, columns: ti.i32,
    ):  # fmt: skip
        ti.loop_config(serialize=LOOPS.serial)
        for y in range(rows):
            row = ti.Vector([0.0] * size)
            for k in ti.static(range(size)):
                row[k] = values[k]
            half_x, half_y = 0.5 * ti.cast(columns, ti.f32), 0.5 * ti.cast(rows, ti.f32)
            v = (half_y - ti.cast(y, ti.f32) - 0.5) * cell
            turn = row[ROTATE] * (1.0 / STEP_RATE)
            grow = 1.0 - row[ZOOM] * (1.0 / STEP_RATE)
            stir = row[STIR] * (1.0 / STEP_RATE)
            phase = row[PHASE]
            # What is old keeps most of the palette's deep colour, which it shows at last.
            deep = ramp(row, 0.42)
            most = ieee.high(ieee.high(deep[0], deep[1]), ieee.high(deep[2], 1e-3))
            keep = ti.Vector([0.0, 0.0, 0.0])
            for k in ti.static(range(3)):
                share = 1.0 + row[TINT] * (1.0 - ti.sqrt(deep[k] / most))
                keep[k] = ieee.exp2(-share / (STEP_RATE * 2.0 * ieee.high(row[FADE], 0.02)))
            last_x, last_y = ti.cast(columns - 1, ti.f32) - 0.001, ti.cast(rows - 1, ti.f32) - 0.001
            line_width = 1.0 / ieee.high(row[WIDTH], cell)
            first = ramp(row, 0.76 + 0.22 * ieee.sin(0.7 * phase)) * (row[LINE] * row[GAIN] * 0.25)
            second = ramp(row, 0.76 + 0.22 * ieee.sin(0.7 * phase + 2.2)) * (row[FLOWER] * row[GAIN] * 0.25)
            wide = ti.cast(across - 1, ti.f32)
            for strip in range(columns // LANES):
                packed = ti.Vector([0] * LANES, dt=ti.i32)
                for i in range(LANES):
                    x = strip * LANES + i
                    u = (ti.cast(x, ti.f32) + 0.5 - half_x) * cell
                    r2 = u * u + v * v
                    su, sv = (u - v * turn) * grow, (u * turn + v) * grow
                    for k in ti.static(range(len(STIRRERS))):
                        far, pace, begin, power = ti.static(STIRRERS[k])
                        du = u - far * row[raster.EXTENT_U] * ieee.sin(pace * phase + begin)
                        dv = v - far * row[raster.EXTENT_V] * ieee.cos(1.3 * pace * phase + 2.0 * begin)
                        round_it = power * stir / (0.10 + du * du + dv * dv)
                        su -= dv * round_it
                        sv += du * round_it
                    fx = ieee.low(ieee.high(su / cell + (half_x - 0.5), 0.0), last_x)
                    fy = ieee.low(ieee.high((half_y - 0.5) - sv / cell, 0.0), last_y)
                    root = _light_at(old, fx, fy, columns)
                    # The wave as a line across the picture, and bent around the middle, there and back.
                    along = ieee.clamp01(0.5 + 0.5 * u / row[raster.EXTENT_U])
                    at = ti.cast(along * wide, ti.i32)
                    rise = tables[raster.WAVE_ROW + 1, at] * row[HEIGHT]
                    near = ti.abs(v - tables[raster.WAVE_ROW, at] * row[HEIGHT]) * line_width
                    beam = ieee.clamp01(1.5 - near / ti.sqrt(1.0 + rise * rise))
                    r = ti.sqrt(r2)
                    angle = ieee.angle(v, u) * (1.0 / ieee.TAU) + 0.03 * phase
                    there = ti.abs(ieee.fract(angle * row[PETALS]) - 0.5) * 2.0
                    other = ti.cast((0.1 + 0.8 * there) * wide, ti.i32)
                    away = r - 0.46 - 0.55 * row[HEIGHT] * tables[raster.WAVE_ROW + 2, other]
                    steep = 0.28 * row[HEIGHT] * row[PETALS] * row[raster.EXTENT_U] / (r + 0.1)
                    steep = steep * tables[raster.WAVE_ROW + 3, other]
                    bow = ieee.clamp01(1.5 - ti.abs(away) * line_width / ti.sqrt(1.0 + steep * steep))
                    # Steep lines spread the light of their length: noise must not fill the picture.
                    beam = beam * beam / (1.0 + 0.15 * ti.abs(rise))
                    bow = bow * bow / (1.0 + 0.35 * ti.abs(steep))
                    light = ti.Vector([0.0, 0.0, 0.0])
                    for k in ti.static(range(3)):
                        kept = root[k] * keep[k]
                        light[k] = ti.sqrt(kept * kept + first[k] * beam + second[k] * bow)
                    packed[i] = words.pack(light, noise.quick2(x + salt, y))
                new[y * (columns // LANES) + strip] = packed

    return step


def _compile_show(slots: Slots):
    ECHO, ECHO_ZOOM, FLIP = slots.params("echo", "echo_zoom", "flip")
    ramp = slots.ramp
    size = slots.size

    @ti.kernel
    def show(
        state: words.WORDS, out: raster.FLAT, image: ti.i32, values: raster.VALUES,
        height: ti.f32, width: ti.f32, scale: ti.f32, strips: ti.i32, lines: ti.i32,
        cell: ti.f32, rows: ti.i32, columns: ti.i32,
    ):  # fmt: skip
        ti.loop_config(serialize=LOOPS.serial)
        for y in range(lines):
            row = ti.Vector([0.0] * size)
            for k in ti.static(range(size)):
                row[k] = values[k]
            v = (0.5 * height - (ti.cast(y, ti.f32) + 0.5) * scale) * row[raster.PX]
            half_x, half_y = 0.5 * ti.cast(columns, ti.f32), 0.5 * ti.cast(rows, ti.f32)
            last_x, last_y = ti.cast(columns - 1, ti.f32) - 0.001, ti.cast(rows - 1, ti.f32) - 0.001
            fy = ieee.low(ieee.high((half_y - 0.5) - v / cell, 0.0), last_y)
            # Flipped by degrees: a turn about the upright axis, seen from the front.
            flip_u = ieee.cos(row[FLIP] * ieee.PI) / row[ECHO_ZOOM]
            ey = ieee.low(ieee.high((half_y - 0.5) + v / (cell * row[ECHO_ZOOM]), 0.0), last_y)
            ground = ramp(row, 0.08)
            for strip in range(strips):
                light = ti.Matrix([[0.0] * LANES] * 3)
                for i in range(LANES):
                    u = ((ti.cast(strip * LANES + i, ti.f32) + 0.5) * scale - 0.5 * width) * row[raster.PX]
                    fx = ieee.low(ieee.high(u / cell + (half_x - 0.5), 0.0), last_x)
                    ex = ieee.low(ieee.high(u * flip_u / cell + (half_x - 0.5), 0.0), last_x)
                    own = _light_at(state, fx, fy, columns)
                    other = _light_at(state, ex, ey, columns)
                    for c in ti.static(range(3)):
                        total = (own[c] * own[c] + row[ECHO] * other[c] * other[c]) * words.RANGE
                        # Haze is pressed down: smoke has an edge.
                        light[c, i] = total * total / (total + 0.14) + ground[c]
                for c in ti.static(range(3)):
                    at = ((3 * image + c) * lines + y) * strips + strip
                    found = raster.VEC([light[c, i] for i in ti.static(range(LANES))])
                    if ti.static(not LOOPS.partial):
                        found += 0.0 * out[at]
                    out[at] = found

    return show


class _Feedback:
    """See engine.effects.base.Drawer."""

    memory = True

    def __init__(
        self, kernels: tuple[Callable[..., None], ...], width: int, height: int, scale: int, seed: int
    ) -> None:
        self._step, self._show = (Launch(one) for one in kernels)
        grid = Grid.of(width, height, SHORT[scale])
        rows, columns = raster.Raster(width, height).plane(scale)
        self._old, self._new = (aligned((grid.rows, grid.columns), np.int32) for _ in range(2))
        self._grid = (grid.cell, width, grid.rows, grid.columns)
        self._size = (float(height), float(width), float(scale), columns // LANES, rows)
        self._shape = (grid.cell, grid.rows, grid.columns)
        self._seed = seed & 0xFFFF

    def reset(self) -> None:
        """Black."""
        self._old[:] = 0

    def step(self, row: NDArray[np.float32], tables: NDArray[np.float32], index: int) -> None:
        """Bend, dim, add."""
        salt = (index * 7919 + self._seed) & 0x7FFFFFF
        self._step(self._old.reshape(-1), flat(self._new), row, tables, salt, *self._grid)
        self._old, self._new = self._new, self._old

    def draw(self, row: NDArray[np.float32], tables: NDArray[np.float32], planes: Planes, first: int) -> None:
        """The state and its echo, blown up."""
        self._show(self._old.reshape(-1), planes.flat, first, row, *self._size, *self._shape)


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    kernels = _compile_step(slots), _compile_show(slots)  # once for all tasks: Taichi never forgets a kernel
    return Program(drawer=partial(_Feedback, kernels))
