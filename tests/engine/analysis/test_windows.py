"""Means and maxima over windows of rows against the plain definition."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.analysis import windows

SIGNAL = st.lists(st.integers(-1000, 1000), min_size=1, max_size=40).map(lambda one: np.array(one, np.float64))


@given(SIGNAL, st.integers(1, 60))
def test_a_moving_mean_is_centred_and_shorter_at_the_ends(values: np.ndarray, width: int) -> None:
    half = max(0, (width - 1) // 2)
    expected = [values[max(0, i - half) : i + half + 1].mean() for i in range(len(values))]
    assert np.allclose(windows.moving_mean(values, width), expected, rtol=0, atol=1e-9)


@given(SIGNAL, st.integers(0, 50), st.integers(0, 50))
def test_a_sliding_maximum_sees_its_window_alone(values: np.ndarray, before: int, after: int) -> None:
    expected = [values[max(0, i - before) : i + after + 1].max() for i in range(len(values))]
    assert windows.sliding_max(values, before, after).tolist() == expected


def test_averages_leave_out_an_incomplete_group() -> None:
    rows = np.array([[1.0, 10.0], [3.0, 20.0], [5.0, 60.0], [7.0, 80.0], [9.0, 0.0]])
    assert windows.averaged(rows, 2).tolist() == [[2.0, 15.0], [6.0, 70.0]]


def test_no_rows_are_no_trouble() -> None:
    assert windows.moving_mean(np.empty(0), 5).shape == (0,)
