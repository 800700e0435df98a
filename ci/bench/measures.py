"""Figures of a moving picture: how much it moves, flickers, goes dark; and how alike two pictures are. numpy alone.

A level is one of 255 of luma (0.2126 R + 0.7152 G + 0.0722 B of the encoded picture).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from flashes import LUMINANCE, Flashes
from numpy.typing import NDArray

Array = NDArray[np.float64]
Image = NDArray[np.float32]

LINEAR = np.array(
    [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in np.arange(256) / 255.0], np.float32
)
"""sRGB bytes -> linear light (IEC 61966-2-1)."""
SEEN, FLASHING = 320, 120
"""Columns of what is measured; of what is asked for flashes: a quarter of a degree each, of a picture's 30."""
BLOCK, STRIDE = 8, 4
"""Windows of SSIM and the steps between them, in pixels."""


@dataclass
class Moving:
    """Figures a frame. light: mean level. motion[i]: mean absolute difference of frames i and i + 1, in levels.

    alternation[i]: of the frames i .. i + 3, the mean over all pixels of the least of the three differences where
    their signs alternate, else 0: of a checkerboard that flips this is its motion, of a thing that passes 0.
    """

    light: list[float] = field(default_factory=list)
    motion: list[float] = field(default_factory=list)
    alternation: list[float] = field(default_factory=list)
    flashes: Flashes | None = None


def luma(frame: NDArray[np.uint8]) -> Image:
    """Levels 0..255, float32 [height, width], of a frame uint8 [height, width, >= 3]."""
    return frame[..., :3].astype(np.float32) @ LUMINANCE


def shrink(image: Image, columns: int) -> Image:
    """The means of square blocks, so that about `columns` remain; rows and columns left over are cut off."""
    block = max(1, round(image.shape[1] / columns))
    height, width = (size // block for size in image.shape[:2])
    cut = image[: height * block, : width * block].reshape(height, block, width, block, *image.shape[2:])
    return cut.mean(axis=(1, 3))


def view(frame: NDArray[np.uint8]) -> Image:
    """`luma`, shrunk."""
    return shrink(luma(frame), SEEN)


def watch(frames: Iterable[NDArray[np.uint8]], fps: int) -> Moving:
    """The figures of successive frames."""
    found, before = Moving(), None
    differences: list[Image] = []
    for frame in frames:
        now, linear = view(frame), shrink(LINEAR[frame[..., :3]], FLASHING)
        found.light.append(float(now.mean()))
        if before is None or found.flashes is None:
            found.flashes = Flashes(linear, fps)
        else:
            found.flashes.add(linear)
            differences = [*differences[-2:], now - before]
            found.motion.append(float(np.abs(differences[-1]).mean()))
            if len(differences) == 3:
                found.alternation.append(alternating(differences))
        before = now
    return found


def alternating(differences: list[Image]) -> float:
    """The mean over all pixels of the least of three successive differences where their signs alternate."""
    one, two, three = differences
    flips = (one * two < 0.0) & (two * three < 0.0)
    least = np.minimum(np.minimum(np.abs(one), np.abs(two)), np.abs(three))
    return float(np.where(flips, least, 0.0).mean())


def longest(where: NDArray[np.bool_]) -> int:
    """The length of the longest run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], where.astype(np.int8), [0]))))
    return int((edges[1::2] - edges[::2]).max(initial=0))


def smooth(values: Array, length: int) -> Array:
    """The moving mean over `length` values, where there are so many."""
    total = np.concatenate(([0.0], np.cumsum(values)))
    return (total[length:] - total[:-length]) / length


def flicker(motion: Array, alternation: Array, second: int, least: float) -> float:
    """The greatest share of alternation in motion, over a second each; 0 where alternation stays below `least` levels.

    1: every pixel alternates from frame to frame; white noise has 0.25; motion has little.
    """
    length = min(second, len(alternation))
    if length == 0:
        return 0.0
    part, whole = smooth(alternation, length), smooth(motion[2:], length)
    return float(np.where(part >= least, part / np.maximum(whole, 1e-9), 0.0).max())


def correlation(one: Array, other: Array, least: float) -> float:
    """Pearson's; nan where the standard deviation of `other` is below `least`, 0 where only `one` hardly varies."""
    if other.std() < least:
        return float("nan")
    return float(np.corrcoef(one, other)[0, 1]) if one.std() > 1e-9 else 0.0


def ssim(one: Image, other: Image) -> float:
    """Mean structural similarity of two pictures in levels (Wang et al. 2004, with square windows): 1 where equal."""
    first, then = (_windows(np.asarray(image, np.float64)) for image in (one, other))
    mean, mean_then = first.mean(axis=-1), then.mean(axis=-1)
    apart, apart_then = first - mean[..., None], then - mean_then[..., None]
    both = (apart * apart_then).mean(axis=-1)
    spread, spread_then = (apart**2).mean(axis=-1), (apart_then**2).mean(axis=-1)
    small, smaller = (0.01 * 255.0) ** 2, (0.03 * 255.0) ** 2
    above = (2.0 * mean * mean_then + small) * (2.0 * both + smaller)
    return float((above / ((mean**2 + mean_then**2 + small) * (spread + spread_then + smaller))).mean())


def _windows(image: Array) -> Array:
    found = np.lib.stride_tricks.sliding_window_view(image, (BLOCK, BLOCK))[::STRIDE, ::STRIDE]
    return found.reshape(*found.shape[:2], BLOCK * BLOCK)
