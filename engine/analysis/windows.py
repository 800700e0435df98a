"""Means and maxima of a signal over windows of rows, from operations that are exact on every CPU or summed in order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def moving_mean(values: Array, width: int) -> Array:
    """Centred mean over `width` rows (axis 0, forced odd); at the ends over the rows that exist."""
    count = len(values)
    half = min(max(0, (width - 1) // 2), max(count - 1, 0))
    if half == 0 or count == 0:
        return values.copy()
    size = 2 * half + 1
    total = np.empty((count + 2 * half + 1, *values.shape[1:]))
    total[: half + 1] = 0.0
    np.cumsum(values, axis=0, out=total[half + 1 : half + 1 + count])
    total[half + 1 + count :] = total[half + count]
    mean: Array = total[size:] - total[:-size]
    there = np.minimum(np.arange(1, count + 1) + half, count) - np.maximum(np.arange(count) - half, 0)
    mean /= there.reshape((-1,) + (1,) * (values.ndim - 1))
    return mean


def averaged(values: Array, by: int) -> Array:
    """Means of `by` consecutive rows along axis 0, an incomplete last group left out.

    Slices are faster than a short axis.
    """
    values = values[: len(values) // by * by]
    out = values[0::by].copy()
    for offset in range(1, by):
        out += values[offset::by]
    if by > 1:
        out *= 1.0 / by
    return out


def sliding_max(values: Array, before: int, after: int) -> Array:
    """Maximum of values[i - before : i + after + 1] for every i; 1-D. Windows are cut at the ends."""
    padded = np.concatenate((np.full(before, -np.inf), values, np.full(after, -np.inf)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, before + after + 1)
    out: Array = windows.max(axis=1)
    return out
