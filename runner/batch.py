"""A run of chosen tasks: what is needed of them, in order, and the run's record."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from engine.errors import RenderError
from runner import budget, interrupt, lock, pool, progress
from runner.choose import Chosen, needed
from runner.jobtask import Report, Terms
from runner.ledger import Ledger
from runner.record import Record
from runner.task import Task


def run(chosen: Chosen, options: Mapping[str, Any], *, quiet: bool, on_error: Callable[[RenderError], Any]) -> int:
    """Make what is missing or out of date; the exit status. The first Ctrl-C finishes the running task."""
    folder = options["run_dir"] or chosen.out_root / ".runs" / _run_name()
    workers = budget.workers(options["workers"]) if options["backend"] != "sequential" else 1
    shown = progress.choose(quiet=quiet, json_events=options["json_events"])
    try:
        with (
            Record(folder, shown) as record,
            lock.held(chosen.out_root, None if options["no_wait"] else _waiting(record)),
            interrupt.after_task(record.stopping) as stop,
        ):
            jobs = [str(path) for path in options["jobs"]]
            record({"event": "run_started", "jobs": jobs, "run_dir": str(folder), "workers": workers})
            ledger = Ledger(
                _fitted(needed(chosen.tasks(), force=options["force"]), workers, record),
                record,
                stop,
                terms(folder, options),
                fail_fast=options["fail_fast"],
            )
            tally = pool.run(ledger, workers)
            record.finish(tally)
    finally:
        shown.close()
    for name, error in tally.failures:
        on_error(_named(name, error))
    return tally.exit_status or int(not record.complete)


def terms(folder: Path, options: Mapping[str, Any]) -> Terms:
    """How the options want tasks made."""
    return Terms(
        run_dir=str(folder),
        cwd=str(Path.cwd()),
        retries=options["retries"],
        stall_timeout=options["stall_timeout"],
        task_timeout=options["task_timeout"],
        max_memory=options["max_memory"],
    )


def _waiting(report: Report) -> Callable[[str], None]:
    return lambda message: report({"event": "waiting", "message": message})


def _fitted(
    planned: Iterator[tuple[Task, str | None]], workers: int, report: Report
) -> Iterator[tuple[Task, str | None]]:
    """The tasks with as many render threads as they get; says once when there are far more threads than processors."""
    told = False
    for task, reason in planned:
        fitted = budget.fit(task, workers)
        if not told and reason is not None and (warning := budget.warning(fitted, workers)):
            report({"event": "warning", "message": warning, "hint": budget.HINT})
            told = True
        yield fitted, reason


def _named(name: str, error: RenderError) -> RenderError:
    error.message = f"{name}: {error.message}"
    return error


def _run_name() -> str:
    return f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
