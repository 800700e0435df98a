"""The events of a run, gathered for its report: when what ran where, what took longest, what was skipped and why."""

from __future__ import annotations

import datetime as dt
import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from runner.summary import Summary

SLOWEST = 15
NAMED = 20
"""Skipped tasks named for each reason."""

Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time on a worker. begin, end: seconds since the run's start. kind: done, failed, again or open."""

    begin: float
    end: float
    kind: str
    task: str


class RunLog:
    """Feed it every event in order. Memory grows by a span a task, some hundred bytes."""

    def __init__(self) -> None:
        self.summary = Summary()
        self.spans: defaultdict[str, list[Span]] = defaultdict(list)
        self.skipped: Counter[str] = Counter()
        self.skipped_names: defaultdict[str, list[str]] = defaultdict(list)
        self.wall = 0.0
        self._first: float | None = None
        self._open: dict[str, tuple[float, str]] = {}
        self._slowest: list[tuple[float, int, dict[str, Any]]] = []
        self._count = 0

    def update(self, event: Event) -> None:
        """Take an event; figures that lack are left out."""
        self.summary.update(event)
        self.wall = max(self.wall, self._time(event))
        name = event["event"]
        if name == "task_started":
            self._open[event["task"]] = (self._time(event), str(event.get("worker", "1")))
        elif name in {"task_done", "task_failed", "task_retry"}:
            interrupted = event.get("exit_status") == 130
            kind = {"task_done": "done", "task_retry": "again"}.get(name, "open" if interrupted else "failed")
            self._end(str(event["task"]), self._time(event), kind)
        elif name == "task_skipped":
            self.skipped[event["reason"]] += 1
            if len(self.skipped_names[event["reason"]]) < NAMED:
                self.skipped_names[event["reason"]].append(event["task"])
        if name == "task_done":
            self._remember(event)

    def close(self) -> None:
        """No more events: what is still open was cut off (or is under way)."""
        for task in list(self._open):
            self._end(task, self.wall, "open")

    @property
    def slowest(self) -> list[dict[str, Any]]:
        """The tasks that took longest."""
        return [event for _, _, event in sorted(self._slowest, reverse=True)]

    def _end(self, task: str, now: float, kind: str) -> None:
        found = self._open.pop(task, None)
        if found is not None:
            self.spans[found[1]].append(Span(found[0], now, kind, task))

    def _remember(self, event: Event) -> None:
        self._count += 1
        kept = {name: event.get(name) for name in ("task", "seconds", "frames", "fps", "worker")}
        entry = (float(event["seconds"]), -self._count, kept)
        if len(self._slowest) < SLOWEST:
            heapq.heappush(self._slowest, entry)
        else:
            heapq.heappushpop(self._slowest, entry)

    def _time(self, event: Event) -> float:
        try:
            now = dt.datetime.fromisoformat(str(event.get("time", ""))).timestamp()
        except ValueError:
            return self.wall
        if self._first is None:
            self._first = now
        return max(0.0, now - self._first)


def gather(events: Iterable[Event]) -> RunLog:
    """A closed log of events."""
    log = RunLog()
    for event in events:
        log.update(event)
    log.close()
    return log
