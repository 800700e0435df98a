"""Sizes as people write and read them."""

from __future__ import annotations

import pytest

from engine.errors import InputError
from runner import cachelimit


@pytest.mark.parametrize(
    ("text", "size"), [("0", 0), ("500MB", 500_000_000), ("2 GB", 2_000_000_000), ("1.5g", 1_500_000_000), ("7", 7)]
)
def test_sizes(text: str, size: int) -> None:
    assert cachelimit.parse_size(text, "x") == size


@pytest.mark.parametrize("text", ["", "much", "-1", "1e9", "2 XB", "1.GB", "٣", "nan"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(InputError, match="TRACKREEL_CACHE_SIZE"):
        cachelimit.parse_size(text, "TRACKREEL_CACHE_SIZE")


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1 kB"), (12_345_678, "12.3 MB"), (2 * 10**9, "2 GB")],
)
def test_sizes_for_people(size: int, words: str) -> None:
    assert cachelimit.readable(size) == words
