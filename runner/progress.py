"""What a person or a program sees while tasks run: a live view on a terminal, plain lines elsewhere, JSON on request.

A reporter is a callable that takes events (see schemas/event.schema.json) and has `close`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import Any, Protocol, TextIO

from runner.eventwords import describe
from runner.lines import Lines

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
    """The reporter for these options and this terminal. It survives that nobody is there any more to read."""
    if json_events:
        return Guarded(JsonLines(sys.stdout))
    if quiet:
        return Guarded(Silent())
    if sys.stderr.isatty() and os.environ.get("TERM") not in {"dumb", "unknown"} and not os.environ.get("CI"):
        from runner.liveview import LiveView

        return Guarded(LiveView())
    return Guarded(Lines(sys.stderr))


class Silent:
    """Shows warnings alone (errors are printed by the command line)."""

    def __call__(self, event: Event) -> None:
        """Drop the event."""
        _warn(event)

    def close(self) -> None:
        """Nothing to do."""


class JsonLines:
    """One JSON object a line, flushed, so that a pipe's reader sees each event at once."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __call__(self, event: Event) -> None:
        """Print the event."""
        _warn(event)
        # Escapes beyond ASCII: whatever the encoding of stdout, every name can be printed.
        self._stream.write(json.dumps(event) + "\n")
        self._stream.flush()

    def close(self) -> None:
        """Nothing to do."""


class Guarded:
    """Another reporter, until its reader goes away (`| head`, a closed terminal): the run goes on without."""

    def __init__(self, reporter: Reporter) -> None:
        self.reporter: Reporter = reporter

    def __call__(self, event: Event) -> None:
        """Pass the event on."""
        try:
            self.reporter(event)
        except (OSError, ValueError):  # ValueError: the stream is closed
            self.close()
            self.reporter = Nobody()

    def close(self) -> None:
        """Close the other."""
        try:
            self.reporter.close()
        except (OSError, ValueError):
            self.reporter = Nobody()


class Nobody:
    """Shows nothing at all. Takes stdout away where its reader is gone, or Python would complain at exit."""

    def __init__(self) -> None:
        try:
            sys.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def __call__(self, event: Event) -> None:
        """Drop the event."""

    def close(self) -> None:
        """Nothing to do."""


def _warn(event: Event) -> None:
    if event["event"] == "warning":
        sys.stderr.write(describe(event) + "\n")
        sys.stderr.flush()
