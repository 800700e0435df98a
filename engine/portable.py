"""Float64 maths for arrays from + - * / floor and bit moves alone: the same bits on every CPU.

np.sin, np.exp, np.log and np.power pick another code path per CPU and differ in the last bit. Everything here is made
of operations that IEEE 754 defines exactly. The errors stated are against the correctly rounded result.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

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


def exp(x: Array) -> Array:
    """e**x, within 2 units in the last place; 0 below -745, infinity above 709.78."""
    bounded = np.clip(x, -800.0, 800.0)
    k = np.floor(bounded / (LN2_HIGH + LN2_LOW) + 0.5)
    r = (bounded - k * LN2_HIGH) - k * LN2_LOW
    return np.ldexp(_horner(_EXP, r), k.astype(np.int64))


def log(x: Array) -> Array:
    """The natural logarithm of x > 0, within 3 units in the last place (1e-15 absolute near 1); NaN elsewhere."""
    mantissa, exponent = np.frexp(np.where(x > 0.0, x, np.nan))
    small = mantissa < 0.7071067811865476
    mantissa = np.where(small, mantissa * 2.0, mantissa)
    k = exponent.astype(np.float64) - small
    s = (mantissa - 1.0) / (mantissa + 1.0)
    return k * LN2_HIGH + (k * LN2_LOW + 2.0 * s * _horner(_ATANH, s * s))


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
