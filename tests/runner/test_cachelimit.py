"""The limit as the environment and options give it."""

from __future__ import annotations

import pytest

from engine.errors import InputError
from runner import cachelimit


def test_a_size_of_any_spelling_or_an_error_that_names_its_place() -> None:
    assert cachelimit.parse_size("2 GiB", "x") == 2**31
    assert cachelimit.parse_size("0", "x") == 0
    for text in ("", "much", "-1"):
        with pytest.raises(InputError, match="TRACKREEL_CACHE_SIZE"):
            cachelimit.parse_size(text, "TRACKREEL_CACHE_SIZE")
