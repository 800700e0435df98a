"""Job files -> the tasks that are meant: all errors at once, with `--only` and `--shard`."""

from __future__ import annotations

import fnmatch
import re
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from engine.errors import InputError, RenderError
from runner import collision, jobvalues, plan, rundir, shard
from runner import job as jobs
from runner.diagnostics import JobError
from runner.jobspec import Job, Settings
from runner.shard import Shard
from runner.status import status
from runner.task import Task


@dataclass(frozen=True, slots=True)
class Totals:
    """How much is chosen; `video_seconds`: the length of all videos together."""

    tasks: int = 0
    frames: int = 0
    video_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Chosen:
    """Checked jobs, and which tasks are meant: one of `only` and of `ids`, and of these a part."""

    jobs: tuple[Job, ...]
    out_root: Path
    only: tuple[str, ...]
    benches: tuple[Path, ...] = ()
    verifies: tuple[Job, ...] = ()
    updates: tuple[Job, ...] = ()
    ids: frozenset[str] | None = None
    shard: Shard | None = None
    totals: Totals = Totals()

    def tasks(self) -> Iterator[Task]:
        """The tasks, lazily, in the order of the jobs."""
        wanted = _filter(self.only, self.ids, self.shard)
        for job in self.jobs:
            yield from plan.tasks(job, self.out_root, wanted, checked=True)

    def names(self, task: str) -> bool:
        """Whether --only, if given, names this task."""
        return _matcher(self.only)(task)

    def goldens(self) -> Chosen:
        """The verify jobs instead, with their own shares and totals."""
        other = replace(self, jobs=self.verifies, verifies=())
        return replace(other, totals=other.count())

    def count(self) -> Totals:
        """What `tasks` come to."""
        tasks = frames = 0
        length = Fraction()
        for task in self.tasks():
            tasks, frames, length = tasks + 1, frames + task.frame_count, length + task.duration
        return Totals(tasks, frames, float(length))


def check(path: Path) -> RenderError | None:
    """What is wrong with a job file."""
    try:
        jobs.load(path, {})
    except RenderError as error:
        return error
    return None


def choose(options: Mapping[str, Any]) -> Chosen:
    """Load and check every job file; all their errors at once. Raises InputError, MissingError."""
    only, part = tuple(options["only"]), None if options.get("shard") is None else shard.parse(options["shard"])
    ids = rundir.failed(options["only_failed"]) if options.get("only_failed") else None
    counter = _Counter(options["out_root"], _filter(only, ids, None), part)
    loaded: list[Job] = []
    wrong: list[RenderError] = []
    overrides = _overrides(options["sets"])
    for path in options["jobs"]:
        try:
            loaded.append(jobs.load(path, overrides, counter))
        except RenderError as error:
            wrong.append(error)
    if wrong:
        found = [one for error in wrong for one in getattr(error, "diagnostics", ())]
        raise wrong[0] if len(wrong) == 1 or not found else JobError.of(found)
    if counter.problem is not None:
        raise counter.problem
    exports, benches, verifies, updates = (
        tuple(one for one in loaded if one.kind == kind) for kind in ("export", "bench", "verify", "update-goldens")
    )
    names = tuple(one.path for one in benches)
    chosen = Chosen(exports, options["out_root"], only, names, verifies, updates, ids, part, counter.totals())
    if exports and verifies:
        chosen = replace(chosen, totals=chosen.count())
    _check_collisions(exports, only, ids)
    _check_collisions(verifies, only, ids)
    if not counter.matching and ids:
        message = f"these jobs have none of the tasks that failed in '{options['only_failed']}'"
        raise InputError(message, "name the jobs of that run, with the same --set")
    if not counter.matching and only and not updates:
        named = " ".join(f"--only '{one}'" for one in only)
        raise InputError(f"no task matches {named}", "`trackreel plan -q` lists the task ids")
    return chosen


def needed(tasks: Iterator[Task], *, force: bool) -> Iterator[tuple[Task, str | None]]:
    """Each task with why it runs, None where it is up to date. What we made ourselves may be replaced."""
    for task in tasks:
        now = status(task)
        ours = now.state in {"changed", "missing", "current"}
        if now.current and not force:
            yield task, None
        else:
            yield (replace(task, overwrite=True) if ours or force else task), "forced" if now.current else str(now)


def _matcher(only: Sequence[str]) -> Callable[[str], bool]:
    matches = re.compile("|".join(fnmatch.translate(one) for one in only or ("*",))).match
    return lambda task: matches(task) is not None


def _filter(only: Sequence[str], ids: frozenset[str] | None, part: Shard | None) -> plan.Wanted | None:
    """Which tasks of one pass are meant, by id and cost; None: all. --only and --only-failed go before --shard."""
    if not only and ids is None and part is None:
        return None
    matches = _matcher(only)
    takes: Callable[[int], bool] = (lambda _: True) if part is None else shard.Splitter(part).takes
    return lambda task, cost: matches(task) and (ids is None or task in ids) and takes(cost)


class _Counter:
    """Adds up what is chosen while the jobs are checked, and looks whether the outputs may be written."""

    def __init__(self, out_root: Path, wanted: plan.Wanted | None, part: Shard | None) -> None:
        self._root, self._matches = out_root, wanted or (lambda *_: True)
        self._takes = shard.Splitter(part).takes if part else lambda _: True
        self._tasks = self._frames = self.matching = 0
        self._seconds = 0.0
        self._rates: dict[object, float] = {}
        self.problem: InputError | None = None

    def __call__(self, task: str, frames: int, settings: Settings, final: str, audio: Path) -> None:
        """Take note of a task that the check of a job has found."""
        video = settings["video"]
        cost = shard.cost(frames, int(video["width"]), int(video["height"]), settings["engine"]["quality"])
        if not self._matches(task, cost):
            return
        self.matching += 1
        try:
            plan.check_output(final, audio, self._root)
        except InputError as error:
            self.problem = self.problem or error
        if self._takes(cost):
            fps = video["fps"]
            if fps not in self._rates:
                self._rates[fps] = float(jobvalues.rate(fps))
            self._tasks += 1
            self._frames += frames
            self._seconds += frames / self._rates[fps]

    def totals(self) -> Totals:
        """What was counted."""
        return Totals(self._tasks, self._frames, self._seconds)


def _check_collisions(exports: Sequence[Job], only: Sequence[str], ids: frozenset[str] | None) -> None:
    """Raise InputError where two jobs write the same file; within a job its check has looked."""
    twice = collision.shared(sum((job.places for job in exports), array("q"))) if len(exports) > 1 else set[int]()
    owners: dict[str, str] = {}
    for job in exports if twice else ():
        for task in plan.tasks(job, wanted=_filter(only, ids, None)):
            key = collision.plain(task.id)
            if hash(key) in twice and key in owners:
                raise InputError(
                    f"the output {task.outputs.final.name} is written by '{owners[key]}' and '{job.name}'",
                    "give the jobs other names or output paths",
                )
            if hash(key) in twice:
                owners[key] = job.name


def _overrides(sets: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in sets:
        key, equals, value = text.partition("=")
        if not equals:
            raise InputError(f"--set {text}: no '='", "write --set KEY=VALUE, such as --set video.height=1080")
        found[key] = value
    return found
