"""The copies that the dive goes to are where the table says, as large and as turned."""

from __future__ import annotations

from cmath import phase
from math import log2

import pytest

from engine.effects.mandelbrot import PLACES


@pytest.mark.parametrize("place", PLACES)
def test_a_copy_is_where_the_table_says(place: tuple[float, ...]) -> None:
    centre, size = complex(*place[:2]), complex(*place[2:4])
    period = round(2.0 ** place[6])
    z, product, total = 0j, 1.0 + 0j, 1.0 + 0j
    for _ in range(period - 1):
        z = z * z + centre
        product *= 2.0 * z
        total += 1.0 / product
    assert abs(z * z + centre) < 1e-6
    assert abs(1.0 / (total * product * product) / size - 1.0) < 1e-6
    assert place[4:] == pytest.approx((log2(abs(size)), phase(size), log2(period)), abs=1e-6)


def test_every_seed_has_an_order_of_all_of_them() -> None:
    """An odd step leads through all places only where their number is a power of two."""
    assert len(PLACES).bit_count() == 1
