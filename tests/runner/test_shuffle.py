from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from runner import shuffle
from runner.shuffle import shuffled


@given(st.integers(0, 3000), st.integers(0, 2**64))
def test_the_same_items_in_an_order_that_the_seed_decides(count: int, seed: int) -> None:
    found = list(shuffled(range(count), seed))
    assert sorted(found) == list(range(count))
    assert found == list(shuffled(range(count), seed))


def test_another_seed_is_another_order_and_no_more_is_read_than_the_window() -> None:
    assert list(shuffled(range(50), 1)) != list(shuffled(range(50), 2)) != list(range(50))
    plan = iter(range(10**9))
    next(shuffled(plan, 1))
    assert next(plan) == shuffle.WINDOW


def test_an_order_stays_what_it_was() -> None:
    """A seed in a bug report must mean the same next year, with another Python."""
    assert list(shuffled("abcdefgh", 7)) == list("fbdaechg")
