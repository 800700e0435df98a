"""Portable maths for kernels: the same bits on every CPU.

Built from + - * / sqrt floor, comparisons and bit casts alone: `ti.sin` and friends call the host's libm, which differs
between machines and does not vectorise. Coefficients are minimax fits (iteratively reweighted least squares over
Chebyshev nodes, float64), the splits are Cody and Waite's. The stated errors are the maximum against float64, measured
by tests/engine/kernels/test_ieee.py. No `from __future__ import annotations` here: it breaks kernels.
"""

import taichi as ti

PI = 3.14159265358979
TAU = 6.28318530717959
HALF_PI = 1.57079632679490
ATAN4 = (0.99921447, -0.32118172, 0.14628065, -0.03899718)


@ti.func
def fract(x):
    """x - floor(x), in 0..1; 1 itself for x just below 0, where the difference rounds up."""
    return x - ti.floor(x)


@ti.func
def low(a, b):
    """The smaller of two numbers. One instruction where `ti.min`, which cares for NaN, takes three."""
    return ti.select(a < b, a, b)


@ti.func
def high(a, b):
    """The larger of two numbers; see `low`."""
    return ti.select(a > b, a, b)


@ti.func
def clamp01(x):
    """x limited to 0..1."""
    return low(high(x, 0.0), 1.0)


@ti.func
def mix(a, b, t):
    """Linear interpolation from a (t = 0) to b (t = 1)."""
    return a + (b - a) * t


@ti.func
def smoothstep(low, high, x):
    """Hermite step from 0 at `low` to 1 at `high`; the two must differ."""
    t = clamp01((x - low) / (high - low))
    return t * t * (3.0 - 2.0 * t)


@ti.func
def _arch(r):
    """The sine for |r| <= pi / 2."""
    q = r * r
    return r + r * q * (-1.66666571e-01 + q * (8.33301727e-03 + q * (-1.98066140e-04 + q * 2.60005244e-06)))


@ti.func
def sin(x):
    """Sine of x in radians; absolute error below 2e-7 for |x| <= 10000."""
    k = ti.floor(x * 0.318309886 + 0.5)
    # pi in two parts: the first has few bits, so that k times it is exact.
    r = (x - k * 3.140625) - k * 0.000967653589793
    odd = k - 2.0 * ti.floor(k * 0.5)
    return _arch(r) * (1.0 - 2.0 * odd)


@ti.func
def cos(x):
    """Cosine of x in radians; absolute error below 2e-7 for |x| <= 10000."""
    # Not sin(x + pi / 2): that sum is rounded, by 3e-5 at x = 1000. The half here is exact.
    k = ti.floor(x * 0.318309886)
    h = k + 0.5
    r = (x - h * 3.140625) - h * 0.000967653589793
    odd = k - 2.0 * ti.floor(k * 0.5)
    return _arch(r) * (2.0 * odd - 1.0)


@ti.func
def sincos(x):
    """Sine and cosine of x in radians for pictures, for |x| <= 10000: two for one and a half; errors 2e-7 and 9e-6."""
    k = ti.floor(x * 0.318309886 + 0.5)
    r = (x - k * 3.140625) - k * 0.000967653589793
    odd = k - 2.0 * ti.floor(k * 0.5)
    sign = 1.0 - 2.0 * odd
    q = r * r
    across = 1.0 + q * (-0.499935627 + q * (0.0415070653 + q * -0.00127575197))
    return _arch(r) * sign, across * sign


@ti.func
def exp2(x):
    """2 to the power x for x limited to -126..127; relative error below 1.2e-7."""
    v = low(high(x, -126.0), 127.0)
    k = ti.floor(v + 0.5)
    r = v - k
    tail = 5.55032761e-02 + r * (9.61800929e-03 + r * (1.34003206e-03 + r * 1.54748719e-04))
    y = 1.0 + r * (6.93147206e-01 + r * (2.40226513e-01 + r * tail))
    return y * ti.bit_cast((ti.cast(k, ti.i32) + 127) << 23, ti.f32)


@ti.func
def exp(x):
    """e to the power x for x limited to -87..88; relative error below 4e-6 at the ends, 4e-7 for |x| <= 4."""
    return exp2(x * 1.44269504)


@ti.func
def log2(x):
    """Binary logarithm of a positive normal float; absolute error below 1e-7 plus half of the result's last place."""
    bits = ti.bit_cast(x, ti.i32)
    # Adding the distance from sqrt(1/2) to 1 moves the exponent's step to sqrt(2): the mantissa stays near 1.
    shifted = bits + (0x3F800000 - 0x3F3504F3)
    k = (shifted >> 23) - 127
    m = ti.bit_cast((shifted & 0x007FFFFF) + 0x3F3504F3, ti.f32)
    s = (m - 1.0) / (m + 1.0)
    q = s * s
    return ti.cast(k, ti.f32) + s * (2.88539007 + q * (0.961800760 + q * (0.576584650 + q * 0.434253850)))


@ti.func
def power(x, y):
    """x to the power y for x >= 0 (0 gives 0 for y > 0); relative error below 2e-6 for results in 1e-6..1e6."""
    return ti.select(x > 1e-30, exp2(y * log2(ti.max(x, 1e-30))), 0.0)


@ti.func
def tanh(x):
    """Hyperbolic tangent; absolute error below 2e-7."""
    e = exp2(low(high(x, -10.0), 10.0) * 2.88539008)
    return (e - 1.0) / (e + 1.0)


@ti.func
def atan2(y, x):
    """Angle of (x, y) in -pi..pi, 0 for (0, 0); absolute error below 4e-7."""
    ax = ti.abs(x)
    ay = ti.abs(y)
    r = low(ax, ay) / high(high(ax, ay), 1e-30)
    q = r * r
    tail = 0.09642218 + q * (-0.05591255 + q * (0.02186307 + q * -0.00405458))
    a = r * (0.99999934 + q * (-0.33329861 + q * (0.19946568 + q * (-0.13908639 + q * tail))))
    a = ti.select(ay > ax, HALF_PI - a, a)
    a = ti.select(x < 0.0, PI - a, a)
    return ti.select(y < 0.0, -a, a)


@ti.func
def angle(y, x):
    """`atan2` for pictures: half the cost, absolute error below 1e-4."""
    ax = ti.abs(x)
    ay = ti.abs(y)
    r = low(ax, ay) / high(high(ax, ay), 1e-30)
    q = r * r
    a = r * (ATAN4[0] + q * (ATAN4[1] + q * (ATAN4[2] + q * ATAN4[3])))
    a = ti.select(ay > ax, HALF_PI - a, a)
    a = ti.select(x < 0.0, PI - a, a)
    return ti.select(y < 0.0, -a, a)
