"""Colour: OKLab palettes as polynomials, the filmic curve, the sRGB transfer, packing.

Inside the engine a colour is linear light with BT.709/sRGB primaries, 1.0 = display white; packed frames are RGBA8 with
the sRGB transfer.
"""

from collections.abc import Sequence

import taichi as ti

from engine.kernels import ieee, noise
from engine.oklab import palette_at, root

RAMP_NODES = 5
RAMP_SIZE = RAMP_NODES * 3
LUMA = (0.2126, 0.7152, 0.0722)


def ramp_coefficients(colors: Sequence[str]) -> list[float]:
    """A palette as three polynomials of degree 4, `RAMP_SIZE` numbers [power][channel]: no table, no gathering.

    The polynomials pass through the square roots of the palette's colours at five Chebyshev nodes (roots, because they
    are smoother than linear light and cannot turn negative when squared again). Between the nodes they round the
    palette's corners: by up to 0.27 of the root and 0.08 in the mean for the built-in palettes.
    """
    nodes = [0.0, 0.1464466094, 0.5, 0.8535533906, 1.0]
    samples = [[root(max(c, 0.0), 2) for c in palette_at(colors, t)] for t in nodes]
    table = [[0.0] * 3 for _ in nodes]
    for channel in range(3):
        for n, coefficient in enumerate(_interpolate(nodes, [s[channel] for s in samples])):
            table[n][channel] = coefficient
    return [value for entry in table for value in entry]


def _interpolate(xs: Sequence[float], ys: Sequence[float]) -> list[float]:
    """Monomial coefficients of the polynomial through the points (Newton's divided differences)."""
    n = len(xs)
    divided = list(ys)
    for order in range(1, n):
        for i in range(n - 1, order - 1, -1):
            divided[i] = (divided[i] - divided[i - 1]) / (xs[i] - xs[i - order])
    result = [0.0] * n
    result[0] = divided[n - 1]
    for degree, i in enumerate(range(n - 2, -1, -1), start=1):
        for k in range(degree, 0, -1):
            result[k] = result[k - 1] - xs[i] * result[k]
        result[0] = divided[i] - xs[i] * result[0]
    return result


def make_ramp(base: int):
    """A ti.func from (row, t in 0..1) to the palette's linear colour; `base` is the palette's place in the row."""

    @ti.func
    def ramp(row: ti.template(), t):
        x = ieee.clamp01(t)
        color = ti.Vector([0.0, 0.0, 0.0])
        for c in ti.static(range(3)):
            value = row[base + 12 + c]
            for n in ti.static((3, 2, 1, 0)):
                value = value * x + row[base + 3 * n + c]
            color[c] = value * value
        return color

    return ramp


@ti.func
def luminance(color):
    """Relative luminance of a linear colour."""
    return LUMA[0] * color[0] + LUMA[1] * color[1] + LUMA[2] * color[2]


@ti.func
def display(x):
    """Linear light (x >= 0) to the encoded value 0..1 through a filmic curve: a x / sqrt(b x^2 + c x + 1).

    Fitted to Krzysztof Narkowicz's ACES curve (2015) followed by the sRGB transfer and within 1.8/255 of the two, with
    one division and one root where they take two and three.
    """
    return ieee.low(5.2450745 * x / ti.sqrt(x * (27.114663 * x + 5.396325) + 1.0), 1.0)


@ti.func
def pack(color, x, y, salt, strength):
    """RGBA8 in one word (R lowest) of an encoded colour 0..1, alpha 255; `strength` levels of noise against banding.

    The three channels share one hash, turned: neighbouring channels must not round the same way.
    """
    h = noise.quick2(x + salt, y)
    dice = ti.cast(ti.cast(h >> 8, ti.i32), ti.f32) * (1.0 / 16777216.0)
    turned = dice + ti.select(dice < 0.5, 0.5, -0.5)
    base = 0.5 - 0.5 * strength
    r = _level(color[0], base + dice * strength)
    g = _level(color[1], base + turned * strength)
    b = _level(color[2], base + (1.0 - dice) * strength)
    return r | (g << 8) | (b << 16) | ti.i32(-16777216)


@ti.func
def _level(value, offset):
    return ti.cast(ieee.high(ieee.low(value * 255.0 + offset, 255.0), 0.0), ti.i32)
