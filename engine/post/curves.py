"""Curves from linear light to encoded values: what a tonemap's option `curve` chooses between.

Each is x * sqrt((a + b x) / (1 + c x + d x^2 + e x^3)), one division and one root, fitted to a known curve followed by
the sRGB transfer and within 0.8/255 of the two:

reinhard: Erik Reinhard et al., "Photographic tone reproduction for digital images" (2002), with white at 6.
hable: John Hable's curve of Uncharted 2 ("Filmic tonemapping operators", 2010), exposure bias 2, white at 11.2.
agx: Troy Sobotka's AgX in Benjamin Wrensch's polynomial form (2023): colours are brought together before the curve and
drawn apart after it, so that a bright light of any colour goes to white.
none: the sRGB transfer alone.

filmic is engine.kernels.color.display.
"""

from collections.abc import Callable
from typing import Any

import taichi as ti

from engine.kernels import color as colour
from engine.kernels import ieee

FITS = {
    "reinhard": (293.507231, 217.554975, 213.381441, 543.843582, 171.518503),
    "hable": (138.854943, 2885.26077, 117.149957, 3177.92663, 2348.96521),
    "agx": (181.07663, 429.909921, 79.8069985, 497.258274, 414.059998),
    "none": (237.418901, 5564.29991, 151.401168, 4845.04197, 824.639852),
}
"""a, b, c, d, e."""
BRIGHTEST = 64.0
"""Light above it is shown as bright as it."""

TOGETHER = (
    (0.842479062, 0.0784336, 0.0792237),
    (0.0423282, 0.878468636, 0.0791661),
    (0.0423757, 0.0784336, 0.879142973),
)
APART = (
    (1.196879005, -0.0980208811, -0.0990297563),
    (-0.0528968517, 1.151903129, -0.0989611769),
    (-0.0529716156, -0.0980434501, 1.151073672),
)


def make_curve(name: str) -> Callable[..., Any]:
    """A ti.func (red, green, blue) of linear light (each >= 0) -> three encoded channels 0..1, numbers or vectors."""
    if name == "filmic":
        return _filmic
    a, b, c, d, e = FITS[name]

    @ti.func
    def one(light):
        x = ieee.low(light, BRIGHTEST)
        return ieee.low(x * ti.sqrt((a + b * x) / (1.0 + x * (c + x * (d + x * e)))), 1.0)

    @ti.func
    def apart(red, green, blue):
        return one(red), one(green), one(blue)

    to_red, to_green, to_blue = (_make_weighted(row) for row in TOGETHER)
    from_red, from_green, from_blue = (_make_weighted(row) for row in APART)

    @ti.func
    def agx(red, green, blue):
        r = one(to_red(red, green, blue))
        g = one(to_green(red, green, blue))
        b = one(to_blue(red, green, blue))
        return (
            ieee.clamp01(from_red(r, g, b)),
            ieee.clamp01(from_green(r, g, b)),
            ieee.clamp01(from_blue(r, g, b)),
        )

    return agx if name == "agx" else apart


@ti.func
def _filmic(red, green, blue):
    return colour.display(red), colour.display(green), colour.display(blue)


def _make_weighted(weights):
    """A ti.func: the weighted sum of three channels."""
    red_share, green_share, blue_share = weights

    @ti.func
    def weighted(red, green, blue):
        return red_share * red + green_share * green + blue_share * blue

    return weighted
