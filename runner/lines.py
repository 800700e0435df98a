"""Plain lines for logs and CI: a line when something begins or ends, and now and then where the run stands."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

from runner.eventwords import Event, counts, describe, pace, task_pace
from runner.runstate import RunState

LINE_S = 10.0
"""Seconds between two lines that tell where the run stands, however many workers there are."""


class Lines:
    """Prints to a stream that is no terminal."""

    def __init__(self, stream: TextIO, now: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._now = stream, now
        self._state = RunState(now)
        self._last = now()
        self._told_skipped = False

    def __call__(self, event: Event) -> None:
        """Print the event if a person wants to know of it now."""
        self._state.update(event)
        name = event["event"]
        if name == "task_started" and self._state.skipped and not self._told_skipped:
            self._told_skipped = True
            self._print(f"{self._state.skipped:,} up to date")
        line = describe(event)
        if line:
            self._print(line)
        elif self._now() - self._last >= LINE_S:
            self._print(f"  {self._standing()}")

    def close(self) -> None:
        """Nothing to do."""

    def _standing(self) -> str:
        state = self._state
        running = list(state.running.values())
        if (not state.batch or state.tasks == 1) and len(running) == 1:
            one = running[0]
            return f"{one.stage} {100 * one.share:.0f}% {task_pace(one)}".rstrip()
        known = pace(state)
        return f"{counts(state)}, {len(running)} running" + (f", {known}" if known else "")

    def _print(self, line: str) -> None:
        self._last = self._now()
        print(line, file=self._stream, flush=True)
