"""A run of chosen tasks: what is needed of them, in order, and the run's record."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from engine.errors import MissingError, RenderError
from runner import budget, failures, finish, interrupt, lock, loky, onfinish, pool, progress
from runner.choose import Chosen, needed
from runner.jobtask import Report
from runner.ledger import Ledger
from runner.record import Record
from runner.shuffle import shuffled
from runner.tally import Tally
from runner.task import Task
from runner.terms import Terms

if TYPE_CHECKING:  # it needs packages that need not be installed
    from runner.cluster import Cluster


@dataclass(frozen=True, slots=True)
class Voice:
    """How a run speaks at its end: `error` prints one as the contract says, `say` a line on stderr."""

    error: Callable[[RenderError], Any]
    say: Callable[[str], Any]


class Errand(Protocol):
    """What a run is for, where it does not make videos."""

    def tasks(self, folder: Path) -> Iterator[tuple[Task, str]]:
        """Each task with why it runs; `folder` is the run's, for what nobody wants to keep."""
        ...

    def conclude(self, tally: Tally, report: Report, /) -> None:
        """Look at what was made; what is wrong with it joins the failures. Raises RenderError."""
        ...


def run(chosen: Chosen, options: Mapping[str, Any], voice: Voice, *, quiet: bool, errand: Errand | None = None) -> int:
    """Make what is missing or out of date, or what the errand wants; the exit status.

    The first Ctrl-C finishes the running tasks.

    Raises InputError for an --on-finish command that cannot be run, OutputError where there can be no run directory.
    """
    hook = onfinish.parse(options["on_finish"])
    folder = options["run_dir"] or chosen.out_root / ".runs" / _run_name()
    shown = progress.choose(quiet=quiet, json_events=options["json_events"])
    with ExitStack() as stack:
        stack.callback(shown.close)
        cluster = stack.enter_context(_cluster(options)) if options["backend"] == "dask" else None
        record = Record(folder, shown)
        with finish.always(record, shown, hook, voice.say):
            tally = _make(chosen, options, record, cluster, errand)
            if errand is not None:
                errand.conclude(tally, record)
            record.finish(tally)
            shown.close()
            _explain(tally, record, voice)
    return record.exit_status


def _cluster(options: Mapping[str, Any]) -> AbstractContextManager[Cluster]:
    """The cluster that the options name. Raises MissingError: the packages for it are not installed."""
    try:
        from runner import cluster
    except ModuleNotFoundError as error:
        message = f"--backend dask needs the package '{error.name}', which is not installed"
        raise MissingError(message, "pip install 'trackreel[cluster]'") from error
    return cluster.connected(options["scheduler"], options["cluster_timeout"])


def _make(
    chosen: Chosen, options: Mapping[str, Any], record: Record, cluster: Cluster | None, errand: Errand | None
) -> Tally:
    if cluster is not None:
        workers = options["workers"] or cluster.size
    else:
        workers = budget.workers(options["workers"]) if options["backend"] != "sequential" else 1
    with (
        # An errand writes to its own folder alone.
        nullcontext()
        if errand is not None
        else lock.held(chosen.out_root, None if options["no_wait"] else _waiting(record), _part(chosen)),
        interrupt.after_task(record.stopping) as stop,
    ):
        record(
            {
                "event": "run_started",
                "command": failures.recorded(options["arguments"]),
                "jobs": [str(path) for path in options["jobs"]],
                "run_dir": str(record.folder),
                "workers": workers,
                "tasks": chosen.totals.tasks,
                "video_seconds": round(chosen.totals.video_seconds, 3),
            }
        )
        planned: Iterator[tuple[Task, str | None]] = (
            needed(chosen.tasks(), force=options["force"]) if errand is None else errand.tasks(record.folder)
        )
        if options.get("shuffle") is not None:
            planned = shuffled(planned, options["shuffle"])
        # A cluster's hosts have processors of their own; what they have of them is not ours to share out.
        fitted = planned if cluster is not None else _fitted(planned, workers, record)
        ledger = Ledger(fitted, record, stop, terms(record.folder, options))
        events = ledger.terms.spool
        if cluster is not None:
            return pool.run(ledger, cluster.workers(workers, events, chosen.out_root, record))
        return pool.run(ledger, loky.Workers(workers, events) if workers > 1 else None)


def _explain(tally: Tally, record: Record, voice: Voice) -> None:
    """Failures one by one, then by reason, and how to run just those again."""
    summary = record.summary
    for name, error in tally.failures[: failures.SHOWN_ERRORS]:
        voice.error(_named(name, error))
    hidden = len(tally.failures) - failures.SHOWN_ERRORS
    if hidden > 0:
        voice.say(f"and {hidden:,} more: see {record.folder / 'summary.json'}")
    for line in failures.table(summary["failures"], record.folder, summary["command"]):
        voice.say(line)


def terms(folder: Path, options: Mapping[str, Any]) -> Terms:
    """How the options want tasks made."""
    return Terms(
        run_dir=str(folder),
        cwd=str(Path.cwd()),
        retries=options["retries"],
        stall_timeout=options["stall_timeout"],
        task_timeout=options["task_timeout"],
        max_memory=options["max_memory"],
        fail_fast=options["fail_fast"],
    )


def _part(chosen: Chosen) -> str:
    """The share of the output root that this run works on; empty: all of it."""
    part = chosen.shard
    return "" if part is None else f"{part.index}-of-{part.count}"


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
