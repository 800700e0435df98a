"""Where a run stands, gathered from its events: counts, what runs on which worker, how fast, and how long it will take.

It reads the clock to know rates; nothing of it reaches a frame. Events that come out of order, twice or not at all
(a worker was killed) may make a figure wrong for a while, but never raise.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Event = Mapping[str, Any]

RECENT = 3
"""Failures that are kept to be shown; all of them are in the record."""

KNOWN_S = 5.0
"""Seconds of drawing after which a rate is worth showing; before, it is mostly start-up."""


@dataclass
class Running:
    """A task under way. fps: of the video; done, total: frames, or the share analysed."""

    task: str
    worker: str
    frames: int
    fps: float
    stage: str = ""
    done: float = 0.0
    total: float = 1.0
    _first: tuple[float, float] | None = None
    drawn_fps: float = 0.0

    @property
    def share(self) -> float:
        """How much of its present stage is done, 0..1."""
        return min(1.0, self.done / self.total) if self.total > 0 else 0.0

    @property
    def realtime(self) -> float:
        """Video seconds drawn a second, 0 while unknown."""
        return self.drawn_fps / self.fps if self.fps > 0 else 0.0

    @property
    def made(self) -> float:
        """Video seconds drawn."""
        return self.done / self.fps if self.stage == "render" and self.fps > 0 else 0.0

    def update(self, event: Event, now: float) -> None:
        """Take a progress event."""
        if event["stage"] != self.stage:
            self._first, self.drawn_fps = None, 0.0
        self.stage, self.done, self.total = event["stage"], float(event["done"]), float(event["total"])
        self.fps = event.get("fps") or self.fps
        if self.stage == "render" and self._first is None:
            self._first = (now, self.done)
        elif self._first is not None and now > self._first[0] and self.done > self._first[1]:
            self.drawn_fps = (self.done - self._first[1]) / (now - self._first[0])


class RunState:
    """Feed it every event in order. `batch`: of a run, not of an export; `tasks` is None where nobody said how many."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._began = now()
        self._drawing: float | None = None
        self._length: float | None = None
        self._finished = 0.0
        self._out = 0.0
        self.batch = False
        self.tasks: int | None = None
        self.done = self.skipped = self.failed = self.retrying = 0
        self.running: dict[str, Running] = {}
        self.failures: deque[tuple[str, str]] = deque(maxlen=RECENT)
        self.message = ""

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return self._now() - self._began

    @property
    def made(self) -> float:
        """Video seconds made so far, those of half-finished tasks included."""
        return self._finished + sum(one.made for one in self.running.values())

    @property
    def realtime(self) -> float | None:
        """Video seconds made per second of the run since its first task began; None before it is known."""
        if self._drawing is None or self._now() - self._drawing < KNOWN_S or self.made <= 0:
            return None
        return self.made / (self._now() - self._drawing)

    @property
    def left(self) -> float | None:
        """Seconds until the end at the rate so far; None before it is known.

        Taken from the video seconds left. What was skipped without a word on its length counts as long as the average.
        """
        rate, length = self.realtime, self._length
        if rate is None or length is None:
            return None
        return max(0.0, length - self._out - self.made) / rate

    def update(self, event: Event) -> None:
        """Take an event."""
        take = getattr(self, f"_{event['event']}", None)
        if take is not None:
            take(event)

    def _run_started(self, event: Event) -> None:
        self._began, self.batch = self._now(), True
        self.tasks = event.get("tasks")
        self._length = event.get("video_seconds")

    def _waiting(self, event: Event) -> None:
        if self._drawing is None:  # later, one worker waits while others go on
            self.message = str(event["message"])

    def _stopping(self, event: Event) -> None:
        self._length = None  # what is left will not be made
        self.message = str(event["message"])

    def _task_started(self, event: Event) -> None:
        now = self._now()
        if self._drawing is None:
            self._drawing, self.message = now, ""
        again = event["task"] in self.running
        if event.get("attempt", 1) > 1 and not again:
            self.retrying = max(0, self.retrying - 1)
        one = Running(event["task"], str(event.get("worker", "1")), event["frames"], float(event["fps"]))
        self.running[event["task"]] = one
        if self.tasks is None and not again:  # nobody told the length of it all: an export
            self._length = (self._length or 0.0) + one.frames / one.fps

    def _progress(self, event: Event) -> None:
        one = self.running.get(event["task"])
        if one is not None:
            one.worker = str(event.get("worker", one.worker))
            one.update(event, self._now())

    def _task_retry(self, event: Event) -> None:
        self.running.pop(event["task"], None)
        self.retrying += 1

    def _task_done(self, event: Event) -> None:
        self.done += 1
        self._finished += self._seconds_of(event)
        self.running.pop(event["task"], None)

    def _task_failed(self, event: Event) -> None:
        if event["task"] not in self.running and self.retrying:  # given up while it waited for its next attempt
            self.retrying -= 1
        self._out += self._seconds_of(event)
        self.running.pop(event["task"], None)
        if event["exit_status"] != 130:  # what was interrupted is not broken
            self.failed += 1
            self.failures.append((str(event["task"]), str(event["message"])))

    def _task_skipped(self, event: Event) -> None:
        self.skipped += 1
        self._out += self._seconds_of(event)

    def _seconds_of(self, event: Event) -> float:
        """Length of a task's video: as its events say, else the average."""
        known = self.running.get(event["task"])
        frames = event.get("frames", known.frames if known else 0)
        fps = event.get("fps", known.fps if known else 0.0)
        if frames and fps:
            return float(frames / fps)
        return self._length / self.tasks if self._length and self.tasks else 0.0
