"""What `run`, `plan` and `validate` do with job files: choose tasks, decide what is needed, keep the run's record."""

from __future__ import annotations

import datetime as dt
import fnmatch
import json
import secrets
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self, TextIO

from engine.errors import InputError, OutputError, RenderError
from runner import execute, interrupt, plan, progress
from runner import job as jobs
from runner.diagnostics import JobError
from runner.jobspec import Job
from runner.manifest import write_atomic
from runner.session import Session
from runner.task import Task


@dataclass(frozen=True, slots=True)
class Chosen:
    """Checked jobs, and which of their tasks are meant."""

    jobs: tuple[Job, ...]
    out_root: Path
    only: str | None
    benches: tuple[Path, ...] = ()

    def tasks(self) -> Iterator[Task]:
        """The tasks, lazily, in the order of the jobs."""
        for job in self.jobs:
            for task in plan.tasks(job, self.out_root):
                if self.only is None or fnmatch.fnmatchcase(task.id, self.only):
                    yield task


def check(path: Path) -> RenderError | None:
    """What is wrong with a job file."""
    try:
        job = jobs.load(path, {})
        if job.kind == "export":
            plan.check_collisions(plan.tasks(job))
    except RenderError as error:
        return error
    return None


def choose(options: Mapping[str, Any]) -> Chosen:
    """Load and check every job file; all their errors at once. Raises InputError, MissingError."""
    loaded: list[Job] = []
    wrong: list[RenderError] = []
    overrides = _overrides(options["sets"])
    for path in options["jobs"]:
        try:
            loaded.append(jobs.load(path, overrides))
        except RenderError as error:
            wrong.append(error)
    if wrong:
        found = [one for error in wrong for one in getattr(error, "diagnostics", ())]
        raise wrong[0] if len(wrong) == 1 or not found else JobError.of(found)
    for job in loaded:
        if job.kind not in {"export", "bench"}:
            message = f"{job.path}: jobs of kind '{job.kind}' cannot be run by this version"
            raise InputError(message, "it runs jobs of kind 'export' and 'bench'")
    exports = tuple(one for one in loaded if one.kind == "export")
    benches = tuple(one.path for one in loaded if one.kind == "bench")
    chosen = Chosen(exports, options["out_root"], options["only"], benches)
    plan.check_collisions(chosen.tasks())
    if chosen.only is not None and next(chosen.tasks(), None) is None:
        raise InputError(f"no task matches --only '{chosen.only}'", "`trackreel plan -q` lists the task ids")
    return chosen


def listing(chosen: Chosen, *, short: bool) -> Iterator[str]:
    """Each task in lines for a person: id, frames, why it would run, output, and the ffmpeg command."""
    for task in chosen.tasks():
        if short:
            yield task.id
            continue
        canvas = task.canvas
        yield f"{task.id}: {plan.status(task)}"
        yield f"  output  {task.outputs.final}"
        size = f"{canvas.width}x{canvas.height} at {canvas.fps} fps"
        yield f"  frames  {task.frame_count} from {task.first_frame} ({size})"
        yield f"  ffmpeg  {shlex.join(execute.ffmpeg_command(task))}"


def commands(chosen: Chosen) -> Iterator[str]:
    """The very ffmpeg command of each task."""
    return (shlex.join(execute.ffmpeg_command(task)) for task in chosen.tasks())


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


def needed(tasks: Iterator[Task], *, force: bool) -> Iterator[tuple[Task, str | None]]:
    """Each task with why it runs, None where it is up to date. What we made ourselves may be replaced."""
    for task in tasks:
        status = plan.status(task)
        ours = status.state in {"changed", "missing", "current"}
        if status.current and not force:
            yield task, None
        else:
            yield (
                (replace(task, overwrite=True) if ours or force else task),
                "forced" if status.current else str(status),
            )


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


def _overrides(sets: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in sets:
        key, equals, value = text.partition("=")
        if not equals:
            raise InputError(f"--set {text}: no '='", "write --set KEY=VALUE, such as --set video.height=1080")
        found[key] = value
    return found


def _named(name: str, error: RenderError) -> RenderError:
    error.message = f"{name}: {error.message}"
    return error


def _run_name() -> str:
    return f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
