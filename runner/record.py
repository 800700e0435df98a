"""The run directory: events.jsonl as things happen, summary.json at the end; every event also goes to a reporter."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from engine.errors import OutputError, RenderError
from runner.eventlog import EventLog
from runner.manifest import write_atomic
from runner.progress import Reporter
from runner.summary import Summary

STOPPING = "finishing what runs; press Ctrl-C again to stop at once"


class Outcome(Protocol):
    """What a run knows at its end; the counts and failures are those of its events."""

    @property
    def interrupted(self) -> bool:
        """Whether the user stopped it."""
        ...

    @property
    def exit_status(self) -> int:
        """The status that the tasks alone mean."""
        ...


class Record:
    """Takes events from any thread and from signal handlers, stamps, keeps and shows them one after the other.

    The constructor raises OutputError where the folder cannot be made. Later, a full disk does not stop a run: it is
    told once as an event `warning`, and `complete` says whether all was written in the end.
    """

    def __init__(self, folder: Path, shown: Reporter) -> None:
        self.folder, self._shown = folder, shown
        self._summary = Summary()
        self._waiting: deque[Mapping[str, Any]] = deque()
        self._turn, self._busy = threading.RLock(), False
        self._told = self._failed = False
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._log = EventLog(folder / "events.jsonl")
        except OSError as error:
            raise OutputError(f"cannot write {folder}: {error.strerror}", "choose another --run-dir") from error

    @property
    def complete(self) -> bool:
        """Whether everything that was to be written so far is."""
        return not (self._failed or self._log.pending)

    @property
    def exit_status(self) -> int:
        """The command's: what the tasks mean, and 1 where all is well but the record is not complete."""
        return int(self.summary["exit_status"]) or int(not self.complete)

    @property
    def summary(self) -> dict[str, Any]:
        """What is known so far (see schemas/summary.schema.json)."""
        return self._summary.to_dict()

    def __call__(self, event: Mapping[str, Any]) -> None:
        """Take an event; progress is shown, not kept."""
        self._waiting.append({"time": _now(), **event})
        with self._turn:
            if self._busy:  # a signal handler interrupted us in this very thread: the loop below takes its event too
                return
            self._busy = True
            try:
                while self._waiting:
                    self._take(self._waiting.popleft())
            finally:
                self._busy = False

    def stopping(self) -> None:
        """Say that the run stops after what runs now."""
        self({"event": "stopping", "message": STOPPING})

    def finish(self, outcome: Outcome, error: RenderError | None = None) -> None:
        """Tell the end, and write the summary. error: what ended the run itself, if something did."""
        counts = {name: self.summary[name] for name in ("done", "skipped", "failed")}
        why = {"message": error.message, "hint": error.hint} if error else {}
        self({"event": "run_finished", **counts, "exit_status": outcome.exit_status, **why})
        summary = {**self.summary, "interrupted": outcome.interrupted}
        try:
            write_atomic(self.folder / "summary.json", json.dumps(summary, indent=2) + "\n")
        except OutputError as problem:
            self._failed = True
            self.warn(problem.message)

    def close(self) -> None:
        """Close the files."""
        self._log.close()

    def warn(self, message: str) -> None:
        """Tell of something that could not be written. Once: with a full disk there would be one for each event."""
        if not self._told:
            self._told = True
            self({"event": "warning", "message": message, "hint": "the videos are not affected; free some space"})

    def _take(self, event: Mapping[str, Any]) -> None:
        self._summary.update(event)
        if event["event"] != "progress":
            try:
                self._log.write(event)
            except OSError as error:
                self.warn(f"cannot write {self.folder / 'events.jsonl'}: {error.strerror or error}")
        self._shown(event)


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
