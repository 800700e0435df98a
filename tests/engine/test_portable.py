from __future__ import annotations

import math

import numpy as np
import pytest

from engine import portable

RNG = np.random.default_rng(7)


@pytest.mark.parametrize(
    ("ours", "theirs", "low", "high", "relative"),
    [
        (portable.exp, np.exp, -700.0, 700.0, 5e-16),
        (portable.log, np.log, 1e-300, 1e300, 1e-15),
        (portable.log, np.log, 0.5, 2.0, 1e-15),
    ],
)
def test_exp_and_log_are_within_their_stated_error(ours, theirs, low, high, relative) -> None:
    x = RNG.uniform(low, high, 20000)
    expected = theirs(x)
    assert np.max(np.abs(ours(x) - expected) / np.maximum(np.abs(expected), 1e-300)) < max(relative, 1e-15)


@pytest.mark.parametrize(("ours", "theirs"), [(portable.sin, math.sin), (portable.cos, math.cos)])
@pytest.mark.parametrize(("size", "error"), [(10.0, 2e-15), (1e4, 2e-15), (1e8, 2e-8)])
def test_sin_and_cos_are_within_their_stated_error(ours, theirs, size, error) -> None:
    x = RNG.uniform(-size, size, 5000)
    assert np.max(np.abs(ours(x) - np.array([theirs(one) for one in x]))) < error


def test_power_agrees_with_python_for_fractional_exponents() -> None:
    x, y = RNG.uniform(0.0, 50.0, 2000), RNG.uniform(-3.0, 3.0, 2000)
    expected = np.array([a**b for a, b in zip(x, y, strict=True)])
    assert np.max(np.abs(portable.power(x, y) / expected - 1.0)) < 5e-15


def test_power_at_its_edges() -> None:
    with np.errstate(all="ignore"):
        result = portable.power(np.array([0.0, 0.0, -1.0]), np.array([2.5, 0.0, 0.5]))
    assert result[0] == 0.0
    assert result[1] == 1.0
    assert np.isnan(result[2])


@pytest.mark.parametrize("n", [0, 1, 2, 3, 7, 64])
def test_integer_power_keeps_the_sign(n) -> None:
    assert portable.integer_power(np.array([-2.0, 3.0]), n).tolist() == [(-2.0) ** n, 3.0**n]


def test_extremes_do_not_hang_or_lie() -> None:
    with np.errstate(all="ignore"):
        assert portable.exp(np.array([-1e308, 1e308])).tolist() == [0.0, math.inf]
    assert np.abs(portable.sin(np.array([1e300]))).max() <= 1.0
