"""Types of options."""

from __future__ import annotations

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.commands.types import Size, Workers


@pytest.mark.parametrize(
    ("text", "size"),
    [("2GB", 2 * 10**9), ("1.5 GiB", 3 * 2**29), ("800M", 8 * 10**8), ("512", 512), ("1k", 1000), ("4TiB", 2**42)],
)
def test_sizes(text: str, size: int) -> None:
    assert Size().convert(text, None, None) == size


@given(st.text(max_size=12))
def test_a_size_is_a_number_of_bytes_or_an_error(text: str) -> None:
    try:
        assert Size().convert(text, None, None) >= 1
    except click.BadParameter as error:
        assert "no size" in error.message


@pytest.mark.parametrize(("text", "count"), [("1", 1), ("8", 8), ("auto", 0), ("0", 0)])
def test_workers(text: str, count: int) -> None:
    assert Workers().convert(text, None, None) == count


@pytest.mark.parametrize("text", ["-1", "2.5", "many", "", "99999", "²"])
def test_no_workers(text: str) -> None:
    with pytest.raises(click.BadParameter, match="no number of workers"):
        Workers().convert(text, None, None)
