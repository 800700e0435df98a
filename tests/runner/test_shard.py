"""Shards: every task in exactly one, about equal, the same wherever it is worked out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from runner import shard
from runner.shard import Shard, Splitter


def split(costs: list[int], count: int) -> list[list[int]]:
    splitters = [Splitter(Shard(index + 1, count)) for index in range(count)]
    return [[place for place, cost in enumerate(costs) if one.takes(cost)] for one in splitters]


@given(st.lists(st.integers(1, 10**12), max_size=60), st.integers(1, 7))
def test_the_parts_are_the_whole_and_disjoint(costs: list[int], count: int) -> None:
    parts = split(costs, count)
    assert sorted(place for part in parts for place in part) == list(range(len(costs)))
    loads = [sum(costs[place] for place in part) for part in parts]
    assert max(loads) - min(loads) <= max(costs, default=0)


def test_a_later_task_does_not_move_an_earlier_one() -> None:
    costs = [3, 1, 4, 1, 5, 9, 2, 6]
    assert [part for part in split(costs, 3)[0] if part < 5] == split(costs[:5], 3)[0]


@pytest.mark.parametrize("text", ["", "1", "0/3", "4/3", "1/0", "-1/2", "1/2/3", "a/b", "1/99999999", "1.0/2", "٣/4"])
def test_shards_that_are_none(text: str) -> None:
    with pytest.raises(InputError, match="--shard"):
        shard.parse(text)


def test_cost_is_frames_times_pixels_times_quality() -> None:
    assert shard.parse("2/5") == Shard(2, 5)
    assert shard.megapixels(shard.cost(10, 1000, 500, "balanced")) == 5.0
    assert shard.cost(10, 1000, 500, "ultra") == 4 * shard.cost(10, 1000, 500, "balanced")
