"""The grain of film as a tile of whole numbers: seeded noise, made as coarse as the canvas is large."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.kernels.film import TILE

SPREAD = 32.0
"""The numbers' standard deviation."""
FINE = 540
"""Lines of a picture to which noise is smoothed once more: grains grow with the canvas."""


def make_tile(lines: int, seed: int) -> NDArray[np.int32]:
    """Numbers around 0 with a standard deviation of SPREAD, int32 [TILE * TILE / 8, 8]; the tile's edges fit.

    lines: of the picture's shorter side. In whole numbers, so that they are the same everywhere.
    """
    index = np.arange(TILE * TILE, dtype=np.uint32) + np.uint32((seed * 2654435761) & 0xFFFFFFFF)
    mixed = _hash(index)
    # Four bytes added up are near enough to a bell curve.
    noise = sum((mixed >> np.uint32(8 * k) & np.uint32(255)).astype(np.int64) for k in range(4)) - 510
    noise = noise.reshape(TILE, TILE)
    for _ in range(min((lines + FINE // 2) // FINE, 8)):
        for axis in (0, 1):
            noise = np.roll(noise, 1, axis) + 2 * noise + np.roll(noise, -1, axis)
    mean = int(noise.sum()) / noise.size
    spread = float(np.sqrt(int((noise * noise).sum()) / noise.size - mean * mean))
    scaled = np.floor((noise - mean) * (SPREAD / spread) + 0.5)
    return np.clip(scaled, -127, 127).astype(np.int32).reshape(-1, 8)


def _hash(x: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """engine.kernels.noise.hash32."""
    h = (x ^ (x >> np.uint32(16))) * np.uint32(0x7FEB352D)
    h = (h ^ (h >> np.uint32(15))) * np.uint32(0x846CA68B)
    return h ^ (h >> np.uint32(16))
