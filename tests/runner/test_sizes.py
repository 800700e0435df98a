"""Numbers of bytes as people write and read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner import sizes


@pytest.mark.parametrize(
    ("text", "size"),
    [("0", 0), ("500MB", 500_000_000), ("2 GB", 2 * 10**9), ("1.5g", 1_500_000_000), ("7", 7), ("1.5GiB", 3 * 2**29)],
)
def test_sizes(text: str, size: int) -> None:
    assert sizes.parse(text) == size


@pytest.mark.parametrize("text", ["", "much", "-1", "1e9", "2 XB", "1.GB", "\u0663", "nan"])
def test_what_is_no_size(text: str) -> None:
    assert sizes.parse(text) is None


@given(st.integers(0, 999_999_999_999))
def test_a_plain_number_is_itself(size: int) -> None:
    assert sizes.parse(str(size)) == size


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1 kB"), (12_345_678, "12.3 MB"), (2 * 10**9, "2 GB")],
)
def test_sizes_for_people(size: int, words: str) -> None:
    assert sizes.readable(size) == words
