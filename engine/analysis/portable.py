"""Maths that gives the same bits on every CPU.

Only + - * / sqrt floor and exact bit work, or results rounded to a grid.

numpy picks SIMD versions of exp, log, cos and power by CPU, and they differ in the last bit.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

FINE = float(2**32)
TERMS = tuple(2.0 / (math.log(2.0) * n) for n in (1, 3, 5, 7, 9, 11))
ROOT_HALF = 0.7071067811865476


def log2(values: Array) -> Array:
    """Base-2 logarithm of float64 > 0, absolute error below 1e-9: log((1+s)/(1-s)) by its series, |s| < 0.172."""
    mantissa, exponent = np.frexp(values)
    s = (mantissa - ROOT_HALF) / (mantissa + ROOT_HALF)
    square = s * s
    series = np.full_like(s, TERMS[-1])
    for term in TERMS[-2::-1]:
        series *= square
        series += term
    series *= s
    series += exponent
    series -= 0.5
    return series


def hann(size: int) -> Array:
    """The periodic Hann window [size], peak 1, on a grid of 2^-32 (cosines differ between CPUs below that)."""
    wave = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(size) / size)
    return np.floor(wave * FINE + 0.5) / FINE


def decay(seconds: float, rate: float) -> float:
    """The share of a step that a one-pole smoother with this time constant takes in 1/rate seconds; 2^-32 grid."""
    return math.floor((1.0 - math.exp(-1.0 / (seconds * rate))) * FINE + 0.5) / FINE


def rounded(values: Array, grid: float = 65536.0) -> Array:
    """Round to multiples of 1/grid, still float64: decisions on such values cannot be moved by noise of 1e-16."""
    return np.floor(values * grid + 0.5) / grid


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
