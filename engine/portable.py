"""Float64 maths that gives the same bits on every CPU.

np.sin, np.exp, np.log and np.power pick another code path per CPU and differ in the last bit. Everything here is made
of operations that IEEE 754 defines exactly (+ - * / floor and bit moves), or rounded to a grid far coarser than that
bit. The errors stated are against the correctly rounded result.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

FINE = float(2**32)
"""Steps a unit of the grid on which constants made by the C library are put."""

# ln 2 in two parts (Cody and Waite 1980): k * LN2_HIGH is exact for |k| < 2**20.
LN2_HIGH = 6.93147180369123816490e-01
LN2_LOW = 1.90821492927058770002e-10
# pi/2 in two parts, likewise.
HALF_PI_HIGH = 1.57079632673412561417e00
HALF_PI_LOW = 6.07710050650619224932e-11

_EXP = [1.0]
for _k in range(1, 15):
    _EXP.append(_EXP[-1] / _k)
_SIN = (1.0, -1 / 6, 1 / 120, -1 / 5040, 1 / 362880, -1 / 39916800, 1 / 6227020800, -1 / 1307674368000)
_COS = (1.0, -0.5, 1 / 24, -1 / 720, 1 / 40320, -1 / 3628800, 1 / 479001600, -1 / 87178291200)
_ATANH = tuple(1 / (2 * k + 1) for k in range(13))
_LOG2 = tuple(2.0 / (math.log(2.0) * n) for n in (1, 3, 5, 7, 9, 11))
_ROOT_HALF = 0.7071067811865476


def exp(x: Array) -> Array:
    """e**x, within 2 units in the last place; 0 below -745, infinity above 709.78."""
    bounded = np.clip(x, -800.0, 800.0)
    k = np.floor(bounded / (LN2_HIGH + LN2_LOW) + 0.5)
    r = (bounded - k * LN2_HIGH) - k * LN2_LOW
    return np.ldexp(_horner(_EXP, r), k.astype(np.int64))


def log(x: Array) -> Array:
    """The natural logarithm of x > 0, within 3 units in the last place (1e-15 absolute near 1); NaN elsewhere."""
    mantissa, exponent = np.frexp(np.where(x > 0.0, x, np.nan))
    small = mantissa < _ROOT_HALF
    mantissa = np.where(small, mantissa * 2.0, mantissa)
    k = exponent.astype(np.float64) - small
    s = (mantissa - 1.0) / (mantissa + 1.0)
    return k * LN2_HIGH + (k * LN2_LOW + 2.0 * s * _horner(_ATANH, s * s))


def log2(x: Array) -> Array:
    """The base-2 logarithm of x > 0 within 1e-9 absolute: log((1+s)/(1-s)) by its series, |s| < 0.172."""
    mantissa, exponent = np.frexp(x)
    s = (mantissa - _ROOT_HALF) / (mantissa + _ROOT_HALF)
    square = s * s
    series = np.full_like(s, _LOG2[-1])
    for term in _LOG2[-2::-1]:
        series *= square
        series += term
    series *= s
    series += exponent
    series -= 0.5
    return series


def sin(x: Array) -> Array:
    """The sine of x radians, within 2e-15 for |x| < 1e4, with an error that grows by 1e-16 |x| beyond."""
    return _sin_quadrant(x, 0)


def cos(x: Array) -> Array:
    """The cosine of x radians, as `sin`."""
    return _sin_quadrant(x, 1)


def power(x: Array, y: Array) -> Array:
    """x**y for x >= 0 as exp(y log x): relative error about 1e-16 (1 + |y log x|); 0**0 is 1, x < 0 gives NaN."""
    positive = exp(y * log(np.where(x > 0.0, x, np.where(x < 0.0, np.nan, 1.0))))
    at_zero = np.where(y > 0.0, 0.0, np.where(y < 0.0, np.inf, 1.0))
    return np.where(x == 0.0, at_zero, positive)


def integer_power(x: Array, n: int) -> Array:
    """x**n by repeated squaring, any sign of x, n >= 0; rounding errors of at most 2 log2(n) products."""
    result = np.ones_like(x)
    while n:
        if n & 1:
            result = result * x
        n >>= 1
        if n:
            x = x * x
    return result


def rounded(values: Array, grid: float = 65536.0) -> Array:
    """Round to multiples of 1/grid, still float64: decisions on such values cannot be moved by noise of 1e-16."""
    return np.floor(values * grid + 0.5) / grid


def hann(size: int) -> Array:
    """The periodic Hann window [size], peak 1, on a grid of 2^-32 (cosines differ between CPUs below that)."""
    wave = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(size) / size)
    return np.floor(wave * FINE + 0.5) / FINE


def decay(seconds: float, rate: float) -> float:
    """The share of a step that a one-pole smoother with this time constant takes in 1/rate seconds; 2^-32 grid."""
    return math.floor((1.0 - math.exp(-1.0 / (seconds * rate))) * FINE + 0.5) / FINE


def _sin_quadrant(x: Array, quarter_turns: int) -> Array:
    # Beyond this, k * HALF_PI_HIGH is no longer exact; fmod is, for any size.
    x = np.where(np.abs(x) > 1e4, np.fmod(x, 2.0 * np.pi), x)
    k = np.floor(x / (HALF_PI_HIGH + HALF_PI_LOW) + 0.5)
    r = (x - k * HALF_PI_HIGH) - k * HALF_PI_LOW
    quadrant = np.mod(k + quarter_turns, 4.0)
    squared = r * r
    value = np.where(np.mod(quadrant, 2.0) == 0.0, r * _horner(_SIN, squared), _horner(_COS, squared))
    return np.where(quadrant < 2.0, value, -value)


def _horner(coefficients: tuple[float, ...] | list[float], x: Array) -> Array:
    total = np.full_like(x, coefficients[-1])
    for one in reversed(coefficients[:-1]):
        total = total * x + one
    return total
