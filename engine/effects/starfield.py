"""Starfield: a flight through stars; each belongs to a band, and near ones are drawn out into streaks.

A star's place follows from how far the flight has come, so a frame needs no earlier one.
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

MOST = 5000
NEAREST = 0.035
"""Where a star leaves, as a share of the way from the farthest."""


def _compile(slots: Slots):
    COUNT, TRAVEL, STREAK, ROLL, SWAY, SIZE, GAIN, LIVELY, OPACITY = slots.params(
        "count", "travel", "streak", "roll", "sway", "size", "gain", "lively", "opacity"
    )
    ramp = slots.ramp

    @ti.kernel
    def place(
        values: raster.VALUES, tables: raster.TABLES, lines: raster.TABLES,
        salt: ti.i32, height: ti.f32, width: ti.f32, scale: ti.f32,
    ):  # fmt: skip
        ti.loop_config(serialize=LOOPS.serial)
        for n in range(lines.shape[0]):
            c = noise.unit(noise.hash2(n * 2, salt))
            e = noise.unit(noise.hash2(n * 2 + 1, salt))
            at = c - values[TRAVEL]
            z = at - ti.floor(at)
            # Each time that a star comes back it has another place.
            cycle = ti.cast(ti.floor(at), ti.i32)
            seed = noise.hash2(n, cycle + salt)
            a = noise.unit(seed) * 2.0 - 1.0
            b = noise.unit(noise.hash32(seed + ti.u32(1))) * 2.0 - 1.0
            wide, high = values[raster.EXTENT_U], values[raster.EXTENT_V]
            turn = values[ROLL]
            x, y = a * 1.25 * wide, b * 1.25 * high
            rx = x * ieee.cos(turn) - y * ieee.sin(turn)
            ry = x * ieee.sin(turn) + y * ieee.cos(turn)
            near = z + NEAREST
            far = near + values[STREAK]
            mx = values[SWAY] * 0.30 * ieee.sin(values[raster.T] * 0.11 + 6.0 * values[raster.SEED])
            my = values[SWAY] * 0.20 * ieee.sin(values[raster.T] * 0.083 + 1.0)
            unit = 0.5 * ieee.low(width, height) / scale
            lens = 0.42
            lines[n, 0] = (wide + mx + rx * (lens / far)) * unit
            lines[n, 1] = (high - my - ry * (lens / far)) * unit
            lines[n, 2] = (wide + mx + rx * (lens / near)) * unit
            lines[n, 3] = (high - my - ry * (lens / near)) * unit
            magnitude = 0.25 + e * e * e
            wanted = values[SIZE] * (0.35 + 0.65 * magnitude) * (0.6 + 0.10 / near) * unit
            reach = ieee.low(ieee.high(wanted, 0.9), 6.0)
            lines[n, 4] = ti.select(ti.cast(n, ti.f32) < values[COUNT], reach, 0.0)
            dx, dy = lines[n, 2] - lines[n, 0], lines[n, 3] - lines[n, 1]
            length = ti.sqrt(dx * dx + dy * dy)
            thin = ieee.low(streak.thin(wanted, reach, length), 1.0)
            appear = ieee.clamp01((1.0 - z) * 4.0)
            band = band_at(tables, raster.BANDS_ROW, c)
            light = values[GAIN] * values[OPACITY] * appear * appear * magnitude * thin
            light *= (1.0 - 0.6 * ieee.low(values[LIVELY], 1.0)) + values[LIVELY] * band * band * 1.6
            # The light of a streak is that of its star, spread out.
            light *= (0.25 + 0.22 / near) / (1.0 + 0.06 * length / wanted)
            tone = ramp(values, 0.40 + 0.5 * (1.0 - z) + 0.25 * (e - 0.5))
            for k in ti.static(range(3)):
                lines[n, 5 + k] = tone[k] * light
            lines[n, 8] = 0.05

    return place


class _Flight(Memoryless):
    """See engine.effects.base.Drawer."""

    def __init__(self, kernel: Callable[..., None], count: int, width: int, height: int, scale: int, seed: int) -> None:
        self._place, self._streaks = Launch(kernel), streak.Streaks()
        self._count = count
        self._lines = np.zeros((MOST, streak.FIELDS), np.float32)
        self._size = (float(height), float(width), float(scale))
        self._salt = seed & 0x7FFFFFFF

    def draw(self, row: NDArray[np.float32], tables: NDArray[np.float32], planes: Planes, first: int) -> None:
        """Add the light of every star of this moment."""
        lines = self._lines[: min(MOST, int(row[self._count]) + 1)]
        self._place(row, tables, lines, self._salt, *self._size)
        self._streaks(lines, planes, first)


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    kernel = _compile(slots)  # once for all tasks: Taichi never forgets a kernel
    return Program(adds=True, drawer=partial(_Flight, kernel, slots.places["count"]))
