"""`--shuffle SEED`: the tasks of a run in another order, the same for the same seed. Nothing but the order changes."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

WINDOW = 1024
"""How many are read ahead: fewer tasks are shuffled as a whole, and more take no more memory."""


def shuffled(items: Iterable[T], seed: int) -> Iterator[T]:
    """The items, each of the next WINDOW equally likely to come first; read lazily."""
    dice = random.Random(seed)  # noqa: S311 - an order, no secret
    held: list[T] = []
    for item in items:
        held.append(item)
        if len(held) == WINDOW:
            yield _take(held, dice)
    while held:
        yield _take(held, dice)


def _take(held: list[T], dice: random.Random) -> T:
    index = dice.randrange(len(held))
    held[index], held[-1] = held[-1], held[index]
    return held.pop()
