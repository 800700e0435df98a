"""Particles: a tilted disc of light points; every ring of it belongs to a band and is thrown up by it.

Where a point is depends on the row, the bands and the seed alone, so a frame needs no earlier one.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import taichi as ti
from numpy.typing import NDArray

from engine.effects.base import Memoryless, Program, Slots
from engine.effects.spectrum import band_at
from engine.kernels import ieee, noise, raster, splat
from engine.launch import Launch
from engine.loops import LOOPS
from engine.planes import Planes

MOST = 12000


def _compile(slots: Slots):
    COUNT, SPIN, TILT, LIFT, SIZE, GAIN, ZOOM, YAW, KICK = slots.params(
        "count", "spin", "tilt", "lift", "size", "gain", "zoom", "yaw", "kick"
    )
    (OPACITY,) = slots.params("opacity")
    ramp = slots.ramp

    @ti.kernel
    def place(
        values: raster.VALUES, tables: raster.TABLES, points: raster.TABLES,
        salt: ti.i32, height: ti.f32, width: ti.f32, scale: ti.f32,
    ):  # fmt: skip
        ti.loop_config(serialize=LOOPS.serial)
        for n in range(points.shape[0]):
            a = noise.unit(noise.hash2(n * 4, salt))
            b = noise.unit(noise.hash2(n * 4 + 1, salt))
            c = noise.unit(noise.hash2(n * 4 + 2, salt))
            d = noise.unit(noise.hash2(n * 4 + 3, salt))
            out = a * (0.45 + 0.55 * a)
            band = band_at(tables, raster.BANDS_ROW, out)
            arm = ti.floor(d * 3.0) / 3.0
            wide = (b - 0.5) * (0.10 + 0.45 * c * c)
            turn = ieee.fract(arm + wide + out * 0.8 + values[SPIN] * (0.06 / (0.25 + out)))
            radius = (0.12 + 1.05 * out) * (1.0 + values[KICK] * (1.0 - out))
            sx = ieee.sin(turn * ieee.TAU)
            cx = ieee.cos(turn * ieee.TAU)
            px = radius * cx
            pz = radius * sx
            swing = 0.55 + 0.45 * c
            py = (c - 0.5) * 0.10 * (1.2 - out) + values[LIFT] * (band * band - 0.2) * swing * (0.35 + 0.65 * out)
            ct = ieee.cos(values[TILT])
            st = ieee.sin(values[TILT])
            cw = ieee.cos(values[YAW])
            sw = ieee.sin(values[YAW])
            x1 = px * cw - pz * sw
            z1 = px * sw + pz * cw
            y2 = py * ct - z1 * st
            z2 = py * st + z1 * ct
            away = 2.6 + z2
            eye = values[ZOOM] * 2.6 / ieee.high(away, 0.3)
            unit = 0.5 * ieee.low(width, height) / scale
            u = x1 * eye
            v = (y2 - 0.05 - 0.08 * values[LIFT] * ct) * eye
            points[n, 0] = 0.5 * width / scale + u * unit
            points[n, 1] = 0.5 * height / scale - v * unit
            blur = 1.0 + 1.6 * ti.abs(z2) * c
            reach = ieee.high(values[SIZE] * eye * blur * (0.6 + 0.8 * d) * unit, 1.0)
            points[n, 2] = ti.select(ti.cast(n, ti.f32) < values[COUNT], ieee.low(reach, splat.LARGEST), 0.0)
            dim = values[SIZE] * eye * unit * (0.6 + 0.8 * d) / reach
            warm = 1.0 - out
            light = values[GAIN] * (0.16 + 1.4 * band * band + 0.5 * warm * warm) * (0.35 + 0.65 * c) * dim * dim
            tone = ramp(values, 0.28 + 0.34 * band + 0.42 * warm * warm)
            for k in ti.static(range(3)):
                points[n, 3 + k] = tone[k] * light * values[OPACITY]

    return place


class _Disc(Memoryless):
    """See engine.effects.base.Drawer."""

    def __init__(self, kernel: Callable[..., None], count: int, width: int, height: int, scale: int, seed: int) -> None:
        self._place, self._splat = Launch(kernel), splat.Splat()
        self._count = count
        self._points = np.zeros((MOST, splat.FIELDS), np.float32)
        self._size = (float(height), float(width), float(scale))
        self._salt = seed & 0x7FFFFFFF

    def draw(self, row: NDArray[np.float32], tables: NDArray[np.float32], planes: Planes, first: int) -> None:
        """Place the points of this frame and add up their light."""
        points = self._points[: min(MOST, int(row[self._count]) + 1)]
        self._place(row, tables, points, self._salt, *self._size)
        self._splat(points, planes, first)


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    kernel = _compile(slots)  # once for all tasks: Taichi never forgets a kernel
    return Program(adds=True, drawer=partial(_Disc, kernel, slots.places["count"]))
