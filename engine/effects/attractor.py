"""Attractor: silk of light points, a few steps along a strange attractor of Clifford Pickover's kind.

Points start on a fixed grid and take STEPS steps under parameters that move slowly. So few steps fold the grid like
cloth and carry each point smoothly from frame to frame; after many it would jump about. No frame needs an earlier one.
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

THREADS, ALONG = 128, 128
"""The grid: threads of cloth, and points along each."""
STEPS, SHOWN = 4, 2
"""Steps that a point takes, and how many of the last ones are shown."""
COARSE = 14
TOTAL = THREADS * ALONG * SHOWN


def _compile(slots: Slots):
    MORPH, YAW, TILT, ZOOM, STRETCH, LIVELY, SIZE, GAIN, OPACITY = slots.params(
        "morph", "yaw", "tilt", "zoom", "stretch", "lively", "size", "gain", "opacity"
    )
    ramp = slots.ramp

    @ti.func
    def parameters(values: ti.template(), salt):
        s = values[MORPH]
        first = noise.unit(noise.hash2(1, salt)) * ieee.TAU
        second = noise.unit(noise.hash2(2, salt)) * ieee.TAU
        return ti.Vector(
            [
                1.55 + 0.35 * ieee.sin(0.31 * s + first),
                1.65 + 0.35 * ieee.sin(0.23 * s + second),
                0.75 + 0.45 * ieee.sin(0.19 * s + first + 2.0),
                0.75 + 0.45 * ieee.cos(0.27 * s + second),
            ]
        )

    @ti.func
    def step(p, x, y):
        return (
            ieee.sin(p[0] * y * 1.5) + p[2] * ieee.cos(p[0] * x),
            ieee.sin(p[1] * x * 1.5) + p[3] * ieee.cos(p[1] * y),
        )

    @ti.kernel
    def frame(values: raster.VALUES, middle: raster.VALUES, salt: ti.i32):
        """The mean of a coarse grid's points, and how far they lie from it: what the picture is centred on."""
        ti.loop_config(serialize=LOOPS.serial)
        for _ in range(1):
            p = parameters(values, salt)
            mean, square = ti.Vector([0.0, 0.0, 0.0]), 0.0
            for n in range(COARSE * COARSE):
                x = ti.cast(n % COARSE, ti.f32) * (2.0 / (COARSE - 1)) - 1.0
                y = ti.cast(n // COARSE, ti.f32) * (2.0 / (COARSE - 1)) - 1.0
                z = 0.0
                for _k in range(STEPS):
                    z = x
                    x, y = step(p, x, y)
                mean += ti.Vector([x, y, z])
                square += x * x + y * y + z * z
            mean *= 1.0 / (COARSE * COARSE)
            spread = square * (1.0 / (COARSE * COARSE)) - mean.dot(mean)
            for c in ti.static(range(3)):
                middle[c] = mean[c]
            middle[3] = 0.62 / ti.sqrt(ieee.high(spread, 0.04))

    @ti.kernel
    def place(
        values: raster.VALUES, tables: raster.TABLES, middle: raster.VALUES, points: raster.TABLES,
        salt: ti.i32, height: ti.f32, width: ti.f32, scale: ti.f32,
    ):  # fmt: skip
        ti.loop_config(serialize=LOOPS.serial)
        for thread in range(THREADS):
            p = parameters(values, salt)
            cw, sw = ieee.cos(values[YAW]), ieee.sin(values[YAW])
            ct, st = ieee.cos(values[TILT]), ieee.sin(values[TILT])
            unit = 0.5 * ieee.low(width, height) / scale
            wide = 1.0 + values[STRETCH] * (values[raster.EXTENT_U] - 1.0)
            high = 1.0 + values[STRETCH] * (values[raster.EXTENT_V] - 1.0)
            across = (ti.cast(thread, ti.f32) + 0.5) / THREADS
            band = band_at(tables, raster.BANDS_ROW, ti.abs(2.0 * across - 1.0))
            lively = 1.0 - 0.7 * ieee.low(values[LIVELY], 1.0) + values[LIVELY] * 1.5 * band * band
            for n in range(ALONG):
                x = 2.0 * across - 1.0
                y = (ti.cast(n, ti.f32) + 0.5) * (2.0 / ALONG) - 1.0
                z = 0.0
                for k in ti.static(range(STEPS)):
                    z = x
                    x, y = step(p, x, y)
                    if ti.static(k >= STEPS - SHOWN):
                        at = (thread * ALONG + n) * SHOWN + (k - (STEPS - SHOWN))
                        px = (x - middle[0]) * middle[3]
                        py = (y - middle[1]) * middle[3]
                        pz = (z - middle[2]) * middle[3]
                        x1 = px * cw - pz * sw
                        z1 = px * sw + pz * cw
                        y2 = py * ct - z1 * st
                        z2 = py * st + z1 * ct
                        eye = values[ZOOM] * 2.6 / ieee.high(2.6 + z2, 0.6)
                        points[at, 0] = 0.5 * width / scale + x1 * eye * wide * unit
                        points[at, 1] = 0.5 * height / scale - y2 * eye * high * unit
                        wanted = values[SIZE] * eye * unit
                        reach = ieee.low(ieee.high(wanted, 1.0), splat.LARGEST)
                        points[at, 2] = reach
                        near = ieee.clamp01(0.5 - 0.55 * z2)
                        thin = ieee.low(wanted / reach, 1.0)
                        light = values[GAIN] * values[OPACITY] * lively * (0.2 + 1.1 * near * near) * thin * thin
                        tone = ramp(values, 0.22 + 0.30 * across + 0.28 * near + 0.22 * band)
                        for j in ti.static(range(3)):
                            points[at, 3 + j] = tone[j] * light

    return frame, place


class _Cloth(Memoryless):
    """See engine.effects.base.Drawer."""

    def __init__(
        self, kernels: tuple[Callable[..., None], ...], width: int, height: int, scale: int, seed: int
    ) -> None:
        self._frame, self._place = (Launch(one) for one in kernels)
        self._splat = splat.Splat()
        self._middle = np.zeros(4, np.float32)
        self._points = np.zeros((TOTAL, splat.FIELDS), np.float32)
        self._size = (float(height), float(width), float(scale))
        self._salt = seed & 0x7FFFFFFF

    def draw(self, row: NDArray[np.float32], tables: NDArray[np.float32], planes: Planes, first: int) -> None:
        """Add the light of every point."""
        self._frame(row, self._middle, self._salt)
        self._place(row, tables, self._middle, self._points, self._salt, *self._size)
        self._splat(self._points, planes, first)


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    kernels = _compile(slots)  # once for all tasks: Taichi never forgets a kernel
    return Program(adds=True, drawer=partial(_Cloth, kernels))
