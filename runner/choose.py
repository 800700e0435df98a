"""Job files -> the tasks that are meant: all errors at once, `--only`, and how `plan` lists them."""

from __future__ import annotations

import fnmatch
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engine.errors import InputError, RenderError
from runner import job as jobs
from runner import plan, rundir
from runner.diagnostics import JobError
from runner.jobspec import Job
from runner.task import Task


@dataclass(frozen=True, slots=True)
class Chosen:
    """Checked jobs, and which of their tasks are meant."""

    jobs: tuple[Job, ...]
    out_root: Path
    only: str | None
    benches: tuple[Path, ...] = ()
    ids: frozenset[str] | None = None

    def tasks(self) -> Iterator[Task]:
        """The tasks, lazily, in the order of the jobs."""
        for job in self.jobs:
            for task in plan.tasks(job, self.out_root):
                if self.only is not None and not fnmatch.fnmatchcase(task.id, self.only):
                    continue
                if self.ids is None or task.id in self.ids:
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
    ids = rundir.failed(options["only_failed"]) if options["only_failed"] else None
    chosen = Chosen(exports, options["out_root"], options["only"], benches, ids)
    plan.check_collisions(chosen.tasks())
    if chosen.only is not None and next(chosen.tasks(), None) is None:
        raise InputError(f"no task matches --only '{chosen.only}'", "`trackreel plan -q` lists the task ids")
    if ids and next(chosen.tasks(), None) is None:
        message = f"these jobs have none of the tasks that failed in '{options['only_failed']}'"
        raise InputError(message, "name the jobs of that run, with the same --set")
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
        yield f"  ffmpeg  {shlex.join(plan.ffmpeg_command(task))}"


def commands(chosen: Chosen) -> Iterator[str]:
    """The very ffmpeg command of each task."""
    return (shlex.join(plan.ffmpeg_command(task)) for task in chosen.tasks())


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


def _overrides(sets: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in sets:
        key, equals, value = text.partition("=")
        if not equals:
            raise InputError(f"--set {text}: no '='", "write --set KEY=VALUE, such as --set video.height=1080")
        found[key] = value
    return found
