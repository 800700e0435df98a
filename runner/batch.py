"""A run of chosen tasks: what is needed of them, in order, and the run's record."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from engine.errors import RenderError
from runner import execute, interrupt, progress
from runner.choose import Chosen, needed
from runner.record import Record
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
    return tally.exit_status or int(not record.complete)


def _named(name: str, error: RenderError) -> RenderError:
    error.message = f"{name}: {error.message}"
    return error


def _run_name() -> str:
    return f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
