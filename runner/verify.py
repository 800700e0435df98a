"""`trackreel verify`: renders without encoding and compares with the goldens; writes nothing below them."""

from __future__ import annotations

import contextlib
import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from engine import ffmpeg
from engine.errors import InputError, MismatchError, MissingError, OutputError
from engine.sinks import raw
from runner import batch, explain, goldencompare, goldenfiles, goldenresult, plan, versions
from runner import golden as goldens
from runner.batch import Voice
from runner.choose import Chosen, Totals
from runner.golden import Golden
from runner.goldenrecording import Recordings, reference_of
from runner.goldenresult import CLOSE, EQUAL, MISSING, UNUSED, GoldenResult, Limits
from runner.jobspec import Job
from runner.jobtask import Report
from runner.jobvalues import absolute
from runner.tally import Tally
from runner.task import Task

Look = Callable[[GoldenResult], None]


@dataclass
class Verification:
    """An errand (see runner.batch.Errand) that compares; `results` has everything afterwards, in the jobs' order.

    whole: what another backend than cpu draws is drawn on the cpu too, and compared with that, whole.
    """

    chosen: Chosen
    look: Look | None = None
    whole: bool = False
    results: list[GoldenResult] = field(default_factory=list)
    run_dir: Path = Path()
    _drawn: Recordings | None = None

    def tasks(self, folder: Path) -> Iterator[tuple[Task, str]]:
        """The tasks that draw what is compared; not those that have no golden. `run_dir` is then known."""
        self.run_dir = folder
        self._drawn = drawn = Recordings(folder)
        with contextlib.suppress(OSError):  # of an earlier run with the same --run-dir
            (folder / explain.PAGE).unlink()
        tasks = itertools.chain(self._mine(), map(reference_of, self._twice()))
        return ((drawn.task(task), "to be compared") for task in tasks)

    def totals(self) -> Totals:
        """What there is to do."""
        once, twice = self.chosen.totals, list(self._twice())
        seconds = once.video_seconds + float(sum(task.duration for task in twice))
        return Totals(once.tasks + len(twice), once.frames + sum(task.frame_count for task in twice), seconds)

    def _mine(self) -> Iterator[Task]:
        """The tasks that have a golden; those that are compared whole keep their frames."""
        for task in self.chosen.tasks():
            if goldencompare.has_golden(task):
                yield replace(task, action="keep") if self._is_twice(task) else task

    def _twice(self) -> Iterator[Task]:
        """Of these the ones that are drawn on the cpu too: after all others, as it takes another render process."""
        return filter(self._is_twice, self._mine()) if self.whole else iter(())

    def _is_twice(self, task: Task) -> bool:
        return self.whole and task.backend != "cpu" and goldens.kind(task) == goldens.FRAMES

    def conclude(self, tally: Tally, report: Report) -> None:
        """Compare; every golden that is not as it should be joins the failures. `look` is given each of these."""
        drawn = self._drawn or Recordings(self.run_dir)
        if tally.interrupted:
            drawn.remove()
        else:
            self._compare(tally, report, drawn)
            for path in drawn.folder.rglob(raw.NAME):  # much of it, and the pictures show what differs
                path.unlink(missing_ok=True)
            drawn.keep()

    def _compare(self, tally: Tally, report: Report, drawn: Recordings) -> None:
        failed = {task for task, _ in tally.failures}
        now = versions.collect(ffmpeg_here())
        recipes: dict[str, str] = {}
        limits = {job.name: job.base["golden"].get("tolerance", {}) for job in self.chosen.jobs}
        for task in self.chosen.tasks():
            reference = reference_of(task)
            if failed & {task.id, reference.id}:
                continue
            recipes[task.id] = goldens.digest(goldens.recipe(task))
            given = limits[task.job].get(task.backend, {})
            other = drawn.of(reference) if self._is_twice(task) else None
            found = goldencompare.compare(task, drawn.of(task), Limits(**given), now, other)
            self.results.append(found)
            if other is not None and found.recorded is not other:
                drawn.forget(reference)
            if not found.failed:
                drawn.forget(task)
        self.results += self._unused()
        for index, result in enumerate(self.results):
            self.results[index] = named = _renamed(result, recipes.get(result.task, ""), self.results)
            report(named.to_dict())
            if named.status != EQUAL and self.look is not None:
                self.look(named)
            if named.failed:
                tally.failed += 1
                tally.failures.append((named.task, MismatchError(named.message, named.hint)))

    def _unused(self) -> list[GoldenResult]:
        """Goldens that no task has. Of a part they are looked for among those that --only names, by the first shard."""
        chosen = self.chosen
        if chosen.ids is not None or (chosen.shard is not None and chosen.shard.index != 1):
            return []
        return [
            GoldenResult(
                task=base.relative_to(root).as_posix(),
                job=job.name,
                of="",
                status=UNUSED,
                message="no task has this golden any more",
                hint="`prune: true` in the update job removes it; or give its task back",
                golden=_load(base),
            )
            for job, root, base in unused(chosen.jobs)
            if chosen.names(base.relative_to(root).as_posix())
        ]


def run(chosen: Chosen, options: Mapping[str, Any], voice: Voice, *, quiet: bool) -> int:
    """Verify; the exit status. What differs is an error each; a line with the sum follows, and a page that explains."""
    page = explain.Page()
    errand = Verification(chosen, look=page.add, whole=options.get("whole", False))
    chosen = replace(chosen, totals=errand.totals())
    status = batch.run(chosen, options, voice, quiet=quiet, errand=errand)
    for result in errand.results:
        if not result.failed and result.status not in {EQUAL, CLOSE}:
            voice.say(f"{result.task}: {result.message}")
    for line in () if quiet else goldenresult.table(errand.results):
        voice.say(line)
    if errand.results and not quiet:
        voice.say(summary(errand.results))
    try:
        if (path := page.write(errand.run_dir)) is not None:
            voice.say(f"what differs, in pictures: {path}")
    except OutputError as error:  # the verdict stands without
        voice.error(error)
    return status


def summary(results: list[GoldenResult]) -> str:
    """`12 goldens: 10 equal, 1 mismatch, 1 missing`."""
    counts = Counter(one.status for one in results)
    parts = ", ".join(f"{counts[status]} {status}" for status in goldenresult.STATUSES if counts[status])
    return f"{len(results)} {'golden' if len(results) == 1 else 'goldens'}: {parts}"


def root_of(job: Job) -> Path:
    """The folder that a verify job names for its goldens."""
    return absolute(job.folder, job.base["golden"]["dir"])


def unused(jobs: tuple[Job, ...]) -> Iterator[tuple[Job, Path, Path]]:
    """Goldens in the folders of these jobs that none of them has a task for: (job, folder, golden without suffix)."""
    used = {task.outputs.final.with_suffix("") for job in jobs for task in plan.tasks(job, checked=True)}
    seen = set[Path]()
    for job in jobs:
        root = root_of(job)
        for name in goldenfiles.names(root / job.name):
            base = root / job.name / name
            if base not in used and base not in seen:
                seen.add(base)
                yield job, root, base


def _renamed(result: GoldenResult, recipe: str, results: list[GoldenResult]) -> GoldenResult:
    """Of a missing golden: whether one that nobody uses is of the same recipe."""
    if result.status != MISSING:
        return result
    for other in results:
        if other.status == UNUSED and other.golden is not None and other.golden.note["digest"] == recipe:
            message = f"{result.message}, but {other.task} is of the very same recipe: was the task renamed?"
            hint = "give it its old name back; or record it under the new one, and remove the old with `prune: true`"
            return replace(result, message=message, hint=hint)
    return result


def _load(base: Path) -> Golden | None:
    with contextlib.suppress(InputError):
        return goldens.load(base)
    return None


def ffmpeg_here() -> Path | None:
    """ffmpeg, where there is one: frames are recorded without."""
    try:
        return ffmpeg.find()
    except MissingError:
        return None
