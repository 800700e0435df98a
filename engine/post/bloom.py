"""Bloom: light spread around bright parts, as a pyramid of blurs of the linear image.

The scheme is Jorge Jimenez' ("Next generation post processing in Call of Duty: Advanced Warfare", 2014): halve with a
tent filter, which does not flicker, then double back while mixing in each level.
"""

from __future__ import annotations

import numpy as np

from engine.kernels.planes import compile_blur
from engine.kernels.raster import LANES
from engine.launch import Launch
from engine.planes import Planes

LEVELS = 5


class Bloom:
    """The pyramid's buffers; `first` is the finest level: the preview is drawn there, the blurred light read there."""

    def __init__(self, rows: int, columns: int) -> None:
        self.levels = [Planes(1, rows, columns)]
        while len(self.levels) < LEVELS and min(rows, columns) >= 8:
            rows, columns = (rows + 1) // 2, -(-columns // (2 * LANES)) * LANES
            self.levels.append(Planes(1, rows, columns))
        self._blur = Launch(compile_blur(len(self.levels))) if len(self.levels) > 1 else None
        self._strips = [self.levels[min(k, len(self.levels) - 1)].strips for k in range(LEVELS)]

    @property
    def first(self) -> Planes:
        """The finest level."""
        return self.levels[0]

    def blur(self, spread: float) -> None:
        """Blur `first` in place; `spread` 0..1 moves the weight from the fine levels to the coarse ones."""
        if self._blur is not None:
            self._blur(*self._strips, float(np.float32(spread)))
