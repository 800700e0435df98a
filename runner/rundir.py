"""A run directory, read back: what a run came to, be it finished, interrupted, killed or still under way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.errors import InputError
from runner import eventlog
from runner.summary import Summary

EVENTS, SUMMARY, REPORT = "events.jsonl", "summary.json", "report.html"


def events(folder: Path) -> Iterator[dict[str, Any]]:
    """The events of the folder's last run, lazily. Raises InputError for a folder that holds no run."""
    path = folder / EVENTS
    try:
        begins = [number for number, event in enumerate(eventlog.read(path)) if event["event"] == "run_started"]
        skip = begins[-1] if begins else 0  # --run-dir may have been given twice
        for number, event in enumerate(eventlog.read(path)):
            if number >= skip:
                yield event
    except OSError as error:
        raise _no_run(folder, error) from error


def summary(folder: Path) -> dict[str, Any]:
    """The run's summary: as its events say, which also holds for one that was killed. Raises InputError."""
    told = Summary()
    for event in events(folder):
        told.update(event)
    return told.to_dict()


def failed(folder: Path) -> frozenset[str]:
    """The ids of the tasks that failed in a run. Raises InputError."""
    try:
        found = json.loads((folder / SUMMARY).read_bytes())
        return frozenset(str(one["task"]) for one in found["failures"])
    except (OSError, ValueError, KeyError, TypeError):  # killed before its end, or written on a full disk
        return frozenset(one["task"] for one in summary(folder)["failures"])


def _no_run(folder: Path, error: OSError) -> InputError:
    if not folder.exists():
        message = f"no such run directory: '{folder}'"
    elif isinstance(error, FileNotFoundError | NotADirectoryError):
        message = f"'{folder}' is no run directory: it holds no {EVENTS}"
    else:
        message = f"cannot read '{folder / EVENTS}': {error.strerror}"
    return InputError(message, "runs are kept in out/.runs, or where --run-dir says")
