"""What a person or a program sees while tasks run: a bar on a terminal, plain lines elsewhere, JSON events on request.

A reporter is a callable that takes the events of runner.execute (see schemas/event.schema.json) and has `close`.
It reads the clock to show rates; nothing of it reaches a frame.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TextIO

LINE_S = 10.0
"""Seconds between two progress lines where there is no terminal."""

Event = Mapping[str, Any]


class Reporter(Protocol):
    """Where events go."""

    def __call__(self, event: Event) -> None:
        """Take one event."""
        ...

    def close(self) -> None:
        """Leave the terminal in order."""
        ...


def choose(*, quiet: bool, json_events: bool) -> Reporter:
    """The reporter for these options and this terminal."""
    if json_events:
        return JsonLines(sys.stdout)
    if quiet:
        return Silent()
    if sys.stderr.isatty():
        return Bar()
    return Lines(sys.stderr)


class Silent:
    """Shows nothing (errors are printed by the command line)."""

    def __call__(self, event: Event) -> None:
        """Drop the event."""

    def close(self) -> None:
        """Nothing to do."""


class JsonLines:
    """One JSON object a line, flushed, so that a pipe's reader sees each event at once."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __call__(self, event: Event) -> None:
        """Print the event."""
        self._stream.write(json.dumps(event, ensure_ascii=False) + "\n")
        self._stream.flush()

    def close(self) -> None:
        """Nothing to do."""


class Lines:
    """A line when something begins or ends, and one every LINE_S seconds in between."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._rate = Rate()
        self._last = 0.0

    def __call__(self, event: Event) -> None:
        """Print the event if a person wants to know of it now."""
        now = time.monotonic()
        if event["event"] == "task_started":
            self._rate = Rate()
            self._last = now
        elif event["event"] == "progress":
            self._rate.update(event)
            if now - self._last < LINE_S:
                return
            self._last = now
        line = describe(event, self._rate)
        if line:
            print(line, file=self._stream, flush=True)

    def close(self) -> None:
        """Nothing to do."""


class Bar:
    """A rich progress bar for the running task, with lines above it for what is finished."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.completed:.0f}/{task.total:.0f} frames"),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._rate = Rate()
        self._task: TaskID | None = None
        self._progress.start()

    def __call__(self, event: Event) -> None:
        """Move the bar."""
        name = event["event"]
        if name == "task_started":
            self._rate = Rate()
            self._task = self._progress.add_task(str(event["task"]), total=event["frames"], rate="analysing")
        elif name == "progress" and self._task is not None and event["stage"] == "render":
            self._rate.update(event)
            self._progress.update(self._task, completed=event["done"], total=event["total"], rate=self._rate.text())
        elif name in {"task_done", "task_failed"} and self._task is not None:
            self._progress.remove_task(self._task)
            self._task = None
        line = describe(event, self._rate)
        if line and name not in {"task_started", "progress"}:
            self._progress.console.print(line, markup=False, highlight=False, soft_wrap=True)

    def close(self) -> None:
        """Give the terminal back."""
        self._progress.stop()


class Rate:
    """Frames a second and the realtime factor of the running task, from the first frame on."""

    def __init__(self) -> None:
        self._first: tuple[float, int] | None = None
        self.fps = 0.0
        self.realtime = 0.0

    def update(self, event: Event) -> None:
        """Take a progress event of the render stage."""
        if event["stage"] != "render":
            return
        now = time.monotonic()
        if self._first is None:
            self._first = (now, event["done"])
            return
        start, done = self._first
        if now > start and event["done"] > done:
            self.fps = (event["done"] - done) / (now - start)
            self.realtime = self.fps / event["fps"]

    def text(self) -> str:
        """`94 fps 3.1x`, or nothing before the second event."""
        return f"{self.fps:.0f} fps {self.realtime:.1f}x" if self.fps else ""


def _progress_words(event: Event, rate: Rate) -> str:
    percent = 100 * event["done"] / max(1, event["total"])
    return f"  {event['stage']} {percent:.0f}% {rate.text()}".rstrip()


def _done_words(event: Event, _: Rate) -> str:
    seconds = max(event["seconds"], 1e-6)
    speed, realtime = event["frames"] / seconds, event["frames"] / event["fps"] / seconds
    return f"{event['task']}: {event['output']} in {event['seconds']:.1f} s ({speed:.0f} fps, {realtime:.2f}x realtime)"


def _why(reason: str) -> str:
    """A run says why it makes a task; an export was asked for."""
    return "" if reason == "export" else f" ({reason})"


_WORDS: Mapping[str, Callable[[Event, Rate], str]] = {
    "task_started": lambda event, _: f"{event['task']}: {event['frames']} frames{_why(event['reason'])}",
    "progress": _progress_words,
    "task_done": _done_words,
    "task_skipped": lambda event, _: f"{event['task']}: {event['reason']}",
    "task_failed": lambda event, _: f"{event['task']}: failed",
    "stopping": lambda event, _: str(event["message"]),
    "run_finished": lambda event, _: f"{event['done']} made, {event['skipped']} up to date, {event['failed']} failed",
}


def describe(event: Event, rate: Rate) -> str:
    """The event as a line for a person; empty where it is of no interest. The command line explains failures."""
    words = _WORDS.get(event["event"])
    return words(event, rate) if words else ""
