"""Vectorscope: left against right as an electron beam with afterglow, in a space that can be turned.

What both sides share swings up and down, what they do not share to the sides; into the depth goes the shared part a
moment later, so that music in one channel draws loops too once the figure is turned.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import taichi as ti
from numpy.typing import NDArray

from engine.effects.base import STEP_RATE, Program, Slots
from engine.kernels import beam, ieee, raster
from engine.launch import Launch
from engine.loops import LOOPS
from engine.planes import Planes
from engine.scene import LANES
from engine.timeline import WAVE

MOST, MOST_COPIES = 420, 8
TAPS = 13
WEIGHTS = (0.0071, 0.0268, 0.0546, 0.0831, 0.1079, 0.1252, 0.1906, 0.1252, 0.1079, 0.0831, 0.0546, 0.0268, 0.0071)
USUAL = 0.8
"""How far a figure reaches, in half heights, whose size is evened out."""
Kernels = tuple[Callable[..., None], Callable[..., None]]


def _compile_place(slots: Slots):
    SIZE, WIDE, DELAY, YAW, TURN, SOFT, SPAN = slots.params("size", "wide", "delay", "yaw", "turn", "soft", "span")

    @ti.func
    def soft(tables: ti.template(), side: ti.template(), x, near, last):
        """A side's wave at a column, smoothed by a Hann window of TAPS places that are `near` columns apart."""
        total = 0.0
        for k in ti.static(range(TAPS)):
            at = ieee.low(ieee.high(x + (k - TAPS // 2) * near, 0.0), last - 0.001)
            low = ti.cast(at, ti.i32)
            a = tables[raster.WAVE_ROW + 2 * side, low]
            b = tables[raster.WAVE_ROW + 2 * side, low + 1]
            total += ti.static(WEIGHTS[k]) * (a + (b - a) * (at - ti.cast(low, ti.f32)))
        return total

    @ti.kernel
    def place(
        values: raster.VALUES, tables: raster.TABLES, points: raster.TABLES, count: ti.i32, copies: ti.i32,
        width: ti.i32, middle_x: ti.f32, middle_y: ti.f32, unit: ti.f32,
    ):  # fmt: skip
        ti.loop_config(serialize=LOOPS.serial)
        for n in range(count * copies):
            k = n % count
            share = ti.cast(k, ti.f32) / ti.cast(count - 1, ti.f32)
            whole = ti.cast(width - 1, ti.f32)
            x = (0.5 + (share - 0.5) * values[SPAN] - 0.5 * values[DELAY]) * whole
            near = values[SOFT] * whole * (0.25 / WAVE)
            later = x + values[DELAY] * whole
            left = soft(tables, 0, x, near, whole)
            right = soft(tables, 1, x, near, whole)
            depth = 0.5 * (soft(tables, 0, later, near, whole) + soft(tables, 1, later, near, whole))
            up = 0.5 * (left + right)
            side = 0.5 * (right - left) * values[WIDE]
            across = side * ieee.cos(values[YAW]) + depth * ieee.sin(values[YAW])
            # In silence the beam still draws a small circle.
            across += 0.03 * ieee.sin(share * ieee.TAU)
            up += 0.03 * ieee.cos(share * ieee.TAU)
            away = depth * ieee.cos(values[YAW]) - side * ieee.sin(values[YAW])
            eye = values[SIZE] * 2.6 / (2.6 + away)
            # Copies are turned about the middle; every other one is seen in a mirror.
            number = n // count
            angle = values[TURN] + ieee.TAU * ti.cast(number, ti.f32) / ti.cast(copies, ti.f32)
            mirrored = ti.select(number % 2 == 1, -1.0, 1.0)
            u = across * mirrored * ieee.cos(angle) - up * ieee.sin(angle)
            v = across * mirrored * ieee.sin(angle) + up * ieee.cos(angle)
            points[n, 0] = middle_x + u * eye * unit
            points[n, 1] = middle_y - v * eye * unit
            # Nearer is brighter, and what was later in the window.
            strength = ieee.high(1.0 - 0.7 * away, 0.2) * (0.3 + 0.7 * share) / ti.sqrt(ti.cast(copies, ti.f32))
            points[n, 2] = ti.select(k == count - 1, 0.0, strength)

    return place


def _compile_show(slots: Slots):
    GAIN, GRID = slots.params("gain", "grid")
    ramp = slots.ramp
    size = slots.size

    @ti.kernel
    def show(
        plane: raster.PLANES, values: raster.VALUES, planes: raster.PLANES, first: ti.i32, scale: ti.f32,
        height: ti.f32, width: ti.f32,
    ):  # fmt: skip
        ti.loop_config(serialize=LOOPS.serial)
        for y in range(plane.shape[1]):
            px = values[raster.PX] * scale
            v = (0.5 * height - (ti.cast(y, ti.f32) + 0.5) * scale) * values[raster.PX]
            sharp = 1.0 / px
            fine = ieee.low(0.003 * sharp, 1.0)
            row = ti.Vector([0.0] * size)
            for k in ti.static(range(size)):
                row[k] = values[k]
            for strip in range(plane.shape[2]):
                loaded = plane[0, y, strip]
                lit = ti.Matrix([[0.0] * LANES] * 3)
                here = ti.Vector([0.0] * LANES)
                for i in ti.static(range(LANES)):
                    here[i] = loaded[i]
                for i in range(LANES):
                    u = ((ti.cast(strip * LANES + i, ti.f32) + 0.5) * scale - 0.5 * width) * row[raster.PX]
                    light = here[i] * row[GAIN]
                    share = light / (light + 1.0)
                    color = ramp(row, 0.26 + 0.72 * share) * (share * (0.5 + 1.4 * share))
                    # Graticule: circles, a cross and its diagonals, as on a mastering meter.
                    r = ti.sqrt(u * u + v * v)
                    ring = ti.abs(ieee.fract(r * 3.3333 + 0.5) - 0.5) * 0.3
                    axis = ieee.low(ti.abs(u - v), ti.abs(u + v)) * 0.7071
                    axis = ieee.low(axis, ieee.low(ti.abs(u), ti.abs(v)))
                    line = ieee.clamp01(1.3 - ieee.low(ring, axis) * sharp) * fine
                    line *= ieee.clamp01((0.93 - r) * sharp + 0.5)
                    mesh = line * (0.35 + 0.65 * ieee.clamp01(1.0 - r)) + 0.30 * ieee.high(1.0 - r * 0.7, 0.0)
                    color += ramp(row, 0.30) * (mesh * row[GRID])
                    for c in ti.static(range(3)):
                        lit[c, i] = color[c]
                for c in ti.static(range(3)):
                    found = raster.VEC([lit[c, i] for i in ti.static(range(LANES))])
                    if ti.static(not LOOPS.partial):
                        found += 0.0 * planes[3 * first + c, y, strip]
                    planes[3 * first + c, y, strip] = found

    return show


class _Tube:
    """See engine.effects.base.Drawer: the state is the light on the screen, one number a cell."""

    memory = True

    def __init__(
        self, kernels: Kernels, slots: tuple[int, ...], width: int, height: int, scale: int, _seed: int
    ) -> None:  # fmt: skip
        self._place, self._show = (Launch(one) for one in kernels)
        self._dim, self._stroke = Launch(beam.dim), Launch(beam.stroke)
        self._fade, self._beam, self._copies, self._even = slots
        self._reach = USUAL
        rows, columns = raster.Raster(width, height).plane(scale)
        self._plane = Planes(1, rows, columns)
        self._points = np.zeros((MOST * MOST_COPIES, 3), np.float32)
        self._size, self._width = (float(height), float(width)), width
        self._scale = float(scale)

    def reset(self) -> None:
        """Dark."""
        self._plane.cells[:] = 0.0
        self._reach = USUAL

    def step(self, row: NDArray[np.float32], tables: NDArray[np.float32], index: int) -> None:
        """Fade, then let the beam run once along the window."""
        height, width = self._size
        unit = 0.5 * min(width, height) / self._scale
        count, copies = min(MOST, self._width), min(max(int(row[self._copies]), 1), MOST_COPIES)
        middle = (0.5 * width / self._scale, 0.5 * height / self._scale)
        self._place(row, tables, self._points, count, copies, self._width, *middle, unit)
        filled = self._even_out(self._points[: count * copies], middle, unit, float(row[self._even]))
        keep = 1.0 - 1.0 / (1.0 + 1.4427 * STEP_RATE * float(row[self._fade]))
        radius = max(float(row[self._beam]) * unit, 0.9)
        light = (1.0 - keep) * unit * unit / count * filled  # small figures do not glare
        self._dim(self._plane.strips, keep)
        self._stroke(self._points, self._plane.cells, count * copies, radius, light)

    def _even_out(self, points: NDArray[np.float32], middle: tuple[float, float], unit: float, share: float) -> float:
        """Bring figures of quiet music nearer to the size of loud ones: what is usual rises quickly and falls slowly.

        Returns how much of the usual size the figure has now, at most 1.
        """
        for axis, centre in enumerate(middle):
            points[:, axis] -= np.float32(centre)
        reach = float(np.abs(points[:, :2]).max()) / unit
        self._reach += (reach - self._reach) * (0.12 if reach > self._reach else 0.012)
        factor = 1.0 / (1.0 - share + share * max(self._reach, 0.03) / USUAL)
        for axis, centre in enumerate(middle):
            points[:, axis] = points[:, axis] * np.float32(factor) + np.float32(centre)
        return min(factor * self._reach / USUAL, 1.0)

    def draw(self, row: NDArray[np.float32], tables: NDArray[np.float32], planes: Planes, first: int) -> None:
        """The light in its colours, before the graticule."""
        self._show(self._plane.strips, row, planes.strips, first, self._scale, *self._size)


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    kernels = (_compile_place(slots), _compile_show(slots))  # once for all tasks: Taichi never forgets a kernel
    return Program(drawer=partial(_Tube, kernels, slots.params("fade", "beam", "copies", "even")))
