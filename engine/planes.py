"""Buffers that kernels read and write in strips: aligned memory, seen as vectors or as single numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.scene import LANES

ALIGNMENT = 64


def aligned(shape: tuple[int, ...], kind: type[Any]) -> NDArray[Any]:
    """Zeros that start at a multiple of ALIGNMENT bytes: LLVM moves vectors with instructions that demand it."""
    wanted = int(np.prod(shape)) * np.dtype(kind).itemsize
    raw = np.zeros(wanted + ALIGNMENT, np.uint8)
    start = -raw.ctypes.data % ALIGNMENT
    found: NDArray[Any] = raw[start : start + wanted].view(kind).reshape(shape)
    return found


def flat(strips: NDArray[Any]) -> NDArray[Any]:
    """An array of strips seen as one run of them."""
    return strips.reshape(-1, LANES)


@dataclass
class Planes:
    """`images` pictures of rows x columns cells, columns a multiple of LANES, three planes each; linear light.

    strips: float32 [3 * images, rows, columns / LANES, LANES]; cells: the same memory as [3 * images, rows, columns];
    flat: the same as one run of strips.
    """

    images: int
    rows: int
    columns: int
    strips: NDArray[np.float32] = field(init=False)
    cells: NDArray[np.float32] = field(init=False)
    flat: NDArray[np.float32] = field(init=False)

    def __post_init__(self) -> None:
        self.strips = aligned((3 * self.images, self.rows, self.columns // LANES, LANES), np.float32)
        self.cells = self.strips.reshape(3 * self.images, self.rows, self.columns)
        self.flat = flat(self.strips)
