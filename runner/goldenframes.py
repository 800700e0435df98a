"""How far frames of 8-bit values are apart: two pictures, or all frames that two runs kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from engine.sinks import raw
from runner.golden import Golden

PEAK = 255.0
SAME = 100.0
"""Decibels of what is the same; nothing is told of more."""


@dataclass(frozen=True, slots=True)
class Apart:
    """PSNR in decibels, over R, G and B; pixel: the largest difference of a channel, in steps of 0 to 255."""

    psnr: float
    pixel: int


def decibels(difference: NDArray[Any]) -> float:
    """PSNR of differences of 8-bit values; SAME where there is none."""
    mean = float(np.mean(difference.astype(np.float64) ** 2))
    return SAME if mean == 0.0 else min(SAME, 10.0 * float(np.log10(PEAK**2 / mean)))


def apart(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> Apart:
    """How far two frames of one size are apart. Raises InputError for frames of different sizes."""
    if one.shape != other.shape:
        raise InputError(f"a picture is of {one.shape[1]}x{one.shape[0]} pixels", "record the golden anew")
    difference = np.abs(one[..., :3].astype(np.int16) - other[..., :3])
    return Apart(decibels(difference), int(difference.max()))


def compare(one: Golden, other: Golden) -> list[Apart]:
    """How far each frame of two recordings of a task is apart. Raises InputError where they are not there."""
    return [apart(*pair) for pair in zip(_frames(one), _frames(other), strict=True)]


def _frames(recorded: Golden) -> Iterator[NDArray[np.uint8]]:
    """The frames that a run kept, one by one: they may be more than memory holds."""
    path = recorded.base / raw.NAME
    shape = (recorded.hashes.height, recorded.hashes.width, 4)
    try:
        yield from np.memmap(path, np.uint8, "r").reshape((-1, *shape))
    except (OSError, ValueError) as error:
        raise InputError(f"{Path(path).name} cannot be read: {error}") from error
