"""Grade: white balance as gains of light, then tones as polynomials of encoded values."""

from collections.abc import Callable
from typing import Any

import taichi as ti

from engine.effects.base import Slots
from engine.kernels import ieee

WARM, MAGENTA, AGAINST = 0.32, 0.2, 0.08
"""How far temperature and tint go at 1: red against blue, green down, and red and blue up with it."""
PARTED = 0.6
"""How much more contrast red has than green, and green than blue, at a split of 1."""


def make_colours(slots: Slots) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Two ti.funcs (red, green, blue, row) -> three channels: of light before the curve, of encoded values after it.

    Channels are numbers or vectors. A contrast of k adds k y (1 - y) (2 y - 1) to an encoded y, which keeps black,
    middle grey and white, and order for k in -2..1.
    """
    TEMPERATURE, TINT, CONTRAST, SPLIT, MIDS, LIFT = slots.params(
        "grade.temperature", "grade.tint", "grade.contrast", "grade.split", "grade.mids", "grade.lift"
    )

    @ti.func
    def balance(red, green, blue, row: ti.template()):
        warm, magenta = WARM * row[TEMPERATURE], row[TINT]
        beside = 1.0 + AGAINST * magenta
        return red * ((1.0 + warm) * beside), green * (1.0 - MAGENTA * magenta), blue * ((1.0 - warm) * beside)

    @ti.func
    def one(y, contrast, row: ti.template()):
        # Coefficients of y, which are the same for a whole row: half the cost of the same sum as it is told above.
        lift, k, rest = row[LIFT], ieee.low(contrast, 1.0), 1.0 - row[LIFT]
        a, b, c = rest * (1.0 + row[MIDS] - k), rest * (3.0 * k - row[MIDS]), rest * (-2.0 * k)
        return ieee.clamp01(lift + y * (a + y * (b + y * c)))

    @ti.func
    def toned(red, green, blue, row: ti.template()):
        contrast, part = row[CONTRAST], PARTED * row[SPLIT]
        return one(red, contrast + part, row), one(green, contrast, row), one(blue, contrast - part, row)

    return balance, toned
