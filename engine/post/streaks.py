"""Streaks: horizontal flares of bright lights, as of a lens for wide screens, in the image that bloom starts from."""

import numpy as np
import taichi as ti
from numpy.typing import NDArray

from engine import portable
from engine.effects.base import Slots
from engine.kernels.raster import BLOOM_SCALE, LANES, PLANES
from engine.launch import Launch
from engine.loops import LOOPS
from engine.planes import Planes

GAIN = 0.35
"""Of the light that a cell adds to its row; a bright point of two cells shall be seen, a wide light not swamp all."""
CORE, SHARE = 0.22, 0.6
"""Near a light a streak is a short one of so much of the length, for this share of it."""
BLUE = (0.25, 0.5, 1.0)


@ti.func
def _bright(value, threshold):
    return ti.max(value - threshold, 0.0)


@ti.kernel
def _draw(
    source: PLANES, out: PLANES, threshold: ti.f32, far: ti.f32, near: ti.f32, red: ti.f32, green: ti.f32, blue: ti.f32
):
    """Every row smeared to the right, then to the left: exponentials of two lengths, held below 1."""
    ti.loop_config(serialize=LOOPS.serial)
    for c, y in ti.ndrange(3, out.shape[1]):
        tint = ti.select(c == 0, red, ti.select(c == 1, green, blue))
        wide, narrow = ti.sqrt(1.0 - far) * GAIN * (1.0 - SHARE), ti.sqrt(1.0 - near) * GAIN * SHARE
        p, q = 0.0, 0.0
        for strip in range(out.shape[2]):
            here = source[c, y, strip]
            found = ti.Vector([0.0] * LANES)
            for i in ti.static(range(LANES)):
                light = _bright(here[i], threshold)
                p, q = p * far + light * wide, q * near + light * narrow
                found[i] = p + q
            out[c, y, strip] = found
        p, q = 0.0, 0.0
        for step in range(out.shape[2]):
            strip = out.shape[2] - 1 - step
            here, found = source[c, y, strip], out[c, y, strip]
            for k in ti.static(range(LANES)):
                i = ti.static(LANES - 1 - k)
                light = _bright(here[i], threshold)
                total = (found[i] + p + q) * tint
                p, q = (p + light * wide) * far, (q + light * narrow) * near
                found[i] = total / (1.0 + total)
            out[c, y, strip] = found


class Streaks:
    """The streaks of pictures whose shorter side has so many pixels; `planes` is as large as the bloom's first."""

    def __init__(self, like: Planes, post: Slots, short: int) -> None:
        self.planes = Planes(1, like.rows, like.columns)
        names = ("streaks.strength", "streaks.threshold", "streaks.length", "streaks.blue")
        self._places = post.params(*names)
        self._cells = 0.5 * short / BLOOM_SCALE
        self._draw = Launch(_draw)

    def strength(self, row: NDArray[np.float32]) -> float:
        """How much of `planes` is added to the picture."""
        return float(row[self._places[0]])

    def draw(self, source: Planes, row: NDArray[np.float32]) -> None:
        """Fill `planes` with the streaks of a picture's light."""
        threshold, length, blue = (float(row[place]) for place in self._places[1:])
        cells = max(length * self._cells, 1.0)
        falls = portable.exp(np.array([-1.0 / cells, -1.0 / max(CORE * cells, 0.5)])).astype(np.float32)
        tint = [float(np.float32(1.0 + (one - 1.0) * blue)) for one in BLUE]
        self._draw(source.strips, self.planes.strips, threshold, float(falls[0]), float(falls[1]), *tint)
