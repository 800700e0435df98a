"""How many threads there are for the processors that we may use."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from runner.task import Task

HINT = "use fewer workers, or set encode.threads lower (it belongs to the recipe: outputs are then made again)"
CROWDED = 5
"""Threads for each processor from which on more of them help nobody; an encoder's wait for frames most of the time."""


@cache
def processors() -> int:
    """Processors that this process may use: affinity and a container's quota count."""
    import joblib

    return int(joblib.cpu_count())


def workers(wanted: int) -> int:
    """The number of workers; 0 asks for as many as the processors feed: each keeps about two busy."""
    return wanted or max(1, processors() // 2)


def fit(task: Task, count: int) -> Task:
    """The task with its share of the processors for render threads, which change no frame. The encoder's are pinned."""
    if count == 1:
        return task
    return replace(task, threads=min(task.threads, max(1, processors() // count)))


def warning(task: Task, count: int) -> str | None:
    """What to say when that many workers with such tasks get in each other's way."""
    threads = count * (task.threads + task.encode.threads)
    if count == 1 or threads <= CROWDED * processors():
        return None
    return (
        f"{count} workers with {task.threads} render and {task.encode.threads} encoder threads each"
        f" are {threads} threads for {processors()} processors"
    )
