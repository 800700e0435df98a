"""Stars: a seeded field of twinkling points."""

from collections.abc import Callable
from functools import partial

import numpy as np
import taichi as ti
from numpy.typing import NDArray

from engine.effects.base import Memoryless, Program, Slots
from engine.kernels import ieee, noise, raster, splat
from engine.launch import Launch
from engine.loops import LOOPS
from engine.planes import Planes

MOST = 1200


def _compile(slots: Slots):
    DENSITY, SIZE, TWINKLE, GAIN, DRIFT, OPACITY = slots.params(
        "density", "size", "twinkle", "gain", "drift", "opacity"
    )

    @ti.kernel
    def place(values: raster.VALUES, points: raster.TABLES, salt: ti.i32, height: ti.f32, width: ti.f32, scale: ti.f32):
        ti.loop_config(serialize=LOOPS.serial)
        for n in range(points.shape[0]):
            a = noise.unit(noise.hash2(n * 4, salt))
            b = noise.unit(noise.hash2(n * 4 + 1, salt))
            c = noise.unit(noise.hash2(n * 4 + 2, salt))
            d = noise.unit(noise.hash2(n * 4 + 3, salt))
            short = ieee.low(width, height)
            across = width / short
            # The sky is a band twice as wide as the canvas; what leaves on the left returns on the right.
            turn = ieee.fract(a - values[DRIFT] * (0.5 / (2.0 * across)))
            points[n, 0] = (turn * 1.1 - 0.05) * width / scale
            points[n, 1] = b * height / scale
            magnitude = c * c * c
            wanted = values[SIZE] * (0.5 + magnitude) * 0.5 * short / scale
            reach = ieee.high(wanted, 0.9)
            share = wanted / reach
            wave = ieee.sin(values[raster.T] * (1.5 + 4.0 * d) + 40.0 * a)
            warm = 0.35 * (d - 0.5)
            light = (0.15 + 1.6 * magnitude) * (1.0 + values[TWINKLE] * wave) * share * share
            light = light * values[GAIN] * values[OPACITY]
            points[n, 2] = ti.select(d < values[DENSITY], ieee.low(reach, splat.LARGEST), 0.0)
            points[n, 3] = light * (1.0 + warm)
            points[n, 4] = light
            points[n, 5] = light * (1.0 - warm)

    return place


class _Sky(Memoryless):
    """See engine.effects.base.Drawer."""

    def __init__(self, kernel: Callable[..., None], width: int, height: int, scale: int, seed: int) -> None:
        self._place, self._splat = Launch(kernel), splat.Splat()
        self._points = np.zeros((MOST, splat.FIELDS), np.float32)
        self._size = (float(height), float(width), float(scale))
        self._salt = seed & 0x7FFFFFFF

    def draw(self, row: NDArray[np.float32], tables: NDArray[np.float32], planes: Planes, first: int) -> None:
        """Add the stars of this moment."""
        self._place(row, self._points, self._salt, *self._size)
        self._splat(self._points, planes, first)


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    kernel = _compile(slots)  # once for all tasks: Taichi never forgets a kernel
    return Program(adds=True, drawer=partial(_Sky, kernel))
