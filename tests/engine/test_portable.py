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


def test_log2_is_within_its_stated_error() -> None:
    values = RNG.uniform(1e-12, 1e6, 5000)
    assert np.abs(portable.log2(values) - np.log2(values)).max() < 1e-9
    assert portable.log2(np.array([1.0, 8.0, 0.25])) == pytest.approx([0.0, 3.0, -2.0], abs=1e-9)


def test_the_hann_window_is_symmetric_and_on_its_grid() -> None:
    window = portable.hann(64)
    assert (window[0], window[32]) == (0.0, 1.0)
    assert np.array_equal(window[1:], window[1:][::-1])
    assert np.array_equal(window * portable.FINE, np.floor(window * portable.FINE))


def test_a_smoothers_decay_does_not_depend_on_its_steps() -> None:
    one, two = portable.decay(0.5, 30.0), portable.decay(0.5, 60.0)
    assert (1.0 - two) ** 2 == pytest.approx(1.0 - one, abs=1e-8)
