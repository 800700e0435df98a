"""A run of chosen tasks: what is needed of them, in order, and the run's record."""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self, TextIO

from engine.errors import OutputError, RenderError
from runner import execute, interrupt, progress
from runner.choose import Chosen, needed
from runner.manifest import write_atomic
from runner.session import Session


def run(chosen: Chosen, options: Mapping[str, Any], *, quiet: bool, on_error: Callable[[RenderError], Any]) -> int:
    """Make what is missing or out of date; the exit status. The first Ctrl-C finishes the running task."""
    folder = options["run_dir"] or chosen.out_root / ".runs" / _run_name()
    shown = progress.choose(quiet=quiet, json_events=options["json_events"])
    try:
        with Record(folder, shown) as record, interrupt.after_task(record.stopping) as stop:
            record({"event": "run_started", "jobs": [str(path) for path in options["jobs"]], "run_dir": str(folder)})
            with Session(record) as session:
                tally = execute.run(
                    needed(chosen.tasks(), force=options["force"]), session, stop, fail_fast=options["fail_fast"]
                )
            record.finish(tally)
    finally:
        shown.close()
    for name, error in tally.failures:
        on_error(_named(name, error))
    return tally.exit_status


class Record:
    """The run directory: events.jsonl as things happen, summary.json at the end. Passes events on to a reporter."""

    def __init__(self, folder: Path, shown: progress.Reporter) -> None:
        self._folder, self._shown = folder, shown
        self._began = _now()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file: TextIO = (folder / "events.jsonl").open("a", encoding="utf-8")
        except OSError as error:
            raise OutputError(f"cannot write {folder}: {error.strerror}", "choose another --run-dir") from error

    def __call__(self, event: Mapping[str, Any]) -> None:
        """Take an event; progress is shown, not kept."""
        stamped = {"time": _now(), **event}
        if event["event"] != "progress":
            self._file.write(json.dumps(stamped, ensure_ascii=False) + "\n")
            self._file.flush()
        self._shown(stamped)

    def stopping(self) -> None:
        """Say that the run stops after this task."""
        self({"event": "stopping", "message": "finishing the running task; press Ctrl-C again to stop at once"})

    def finish(self, tally: execute.Tally) -> None:
        """Write the summary."""
        counts = {"done": tally.done, "skipped": tally.skipped, "failed": tally.failed}
        self({"event": "run_finished", **counts, "exit_status": tally.exit_status})
        summary = {
            "version": 1,
            "started": self._began,
            "finished": _now(),
            **counts,
            "interrupted": tally.interrupted,
            "exit_status": tally.exit_status,
            "failures": [
                {"task": name, "message": error.message, "hint": error.hint, "exit_status": error.exit_status}
                for name, error in tally.failures
            ],
        }
        write_atomic(self._folder / "summary.json", json.dumps(summary, indent=2, ensure_ascii=False) + "\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _named(name: str, error: RenderError) -> RenderError:
    error.message = f"{name}: {error.message}"
    return error


def _run_name() -> str:
    return f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
