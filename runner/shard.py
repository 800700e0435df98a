"""Tasks over machines: `--shard 2/5` is the second of five parts of about equal cost.

Each task goes, in order, to the part that has the least so far (the first of equals). That depends on nothing but the
tasks and their order, so machines with the same jobs and options agree without talking to each other: every task is in
exactly one part, and what is up to date already changes nothing. One pass, and memory for the parts alone.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Mapping
from dataclasses import dataclass

from engine.errors import InputError

MAX_PARTS = 10_000
_QUARTERS: Mapping[str, int] = {"fast": 3, "balanced": 4, "high": 8, "ultra": 16}
"""Quality -> what a pixel costs, in quarters of a balanced one: the samples, and less for small soft images."""


@dataclass(frozen=True, slots=True)
class Shard:
    """Part `index` (from 1) of `count` parts."""

    index: int
    count: int


class Splitter:
    """Deals the tasks of one pass out to the parts."""

    def __init__(self, shard: Shard) -> None:
        self._index = shard.index - 1
        self._loads = [(0, index) for index in range(shard.count)]  # a heap already

    def takes(self, cost: int) -> bool:
        """Whether the next task, of this cost, belongs to the part that is asked for."""
        load, index = self._loads[0]
        heapq.heapreplace(self._loads, (load + cost, index))
        return index == self._index


def parse(text: str) -> Shard:
    """The shard that "I/N" names. Raises InputError."""
    match = re.fullmatch(r"([0-9]{1,9})/([0-9]{1,9})", text)
    if match is None:
        raise InputError(f"--shard {text}: not of the form I/N", "--shard 2/5 is the second of five parts")
    index, count = int(match[1]), int(match[2])
    if not 1 <= count <= MAX_PARTS:
        raise InputError(f"--shard {text}: there can be 1 to {MAX_PARTS} parts", "--shard 2/5 is the second of five")
    if not 1 <= index <= count:
        raise InputError(f"--shard {text}: there is no part {index}", f"parts are numbered 1 to {count}")
    return Shard(index, count)


def cost(frames: int, width: int, height: int, quality: str) -> int:
    """What a task costs, in quarters of a pixel at balanced quality; see `megapixels` for people."""
    return frames * width * height * _QUARTERS[quality]


def megapixels(cost_of_task: int) -> float:
    """A cost in megapixels at balanced quality."""
    return cost_of_task / 4e6
