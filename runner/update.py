"""`trackreel run` of a job of kind update-goldens: the only thing that writes goldens.

Everything is recorded first. If a task failed nothing is written at all; then each golden that changed is replaced,
whole (see runner.goldenfiles).
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.errors import InputError, RenderError
from engine.sinks.output import make_folder, output_error
from runner import batch, choose, goldencompare, goldenfiles, goldenguard, goldenresult, lock, verify, versions
from runner import golden as goldens
from runner.batch import Voice
from runner.choose import Chosen
from runner.goldenrecording import Recordings
from runner.goldenresult import CLOSE, EQUAL, MISSING, GoldenResult, Limits
from runner.jobspec import Job
from runner.jobtask import Report
from runner.jobvalues import absolute
from runner.tally import Tally
from runner.task import Task

_NO = {"", "0", "false", "no", "off"}


def run(job: Job, options: Mapping[str, Any], voice: Voice, *, quiet: bool) -> int:
    """Record what changed of the goldens of the verify jobs that `job` names; the exit status.

    Raises InputError: in CI, for a job that is no verify job, with options that record only a part of a golden's jobs
    or with other values, or another backend than cpu.
    """
    refuse(job, options)
    paths = [absolute(job.folder, one) for one in job.base["jobs"]]
    chosen = choose.choose({**options, "jobs": paths, "sets": ()})
    others = [*chosen.jobs, *chosen.updates, *chosen.benches]
    if others:
        raise InputError(f"{job.path} names jobs that are not of kind 'verify'", "goldens are those of verify jobs")
    chosen = chosen.goldens()
    if any(task.backend != "cpu" for task in chosen.tasks()):
        raise InputError("goldens are recorded on the cpu backend alone", "leave out engine.backend in the verify job")
    errand = Update(chosen, job.base["reason"].strip(), voice, prune=job.base.get("prune", False), quiet=quiet)
    with contextlib.ExitStack() as stack:
        for root in sorted({verify.root_of(one) for one in chosen.jobs}):
            stack.callback(_tidy, root)
            stack.enter_context(lock.held(root, None if options["no_wait"] else voice.say))
        errand.settle()
        goldenguard.check(task.outputs.final.with_suffix("") for task in chosen.tasks())
        return batch.run(chosen, options, voice, quiet=quiet, errand=errand)


def refuse(job: Job, options: Mapping[str, Any]) -> None:
    """Raise InputError where goldens may not be updated."""
    if os.environ.get("CI", "").strip().lower() not in _NO:
        raise InputError(
            "goldens are not updated where CI is set: there they are what the code is checked against",
            "run it on your own machine, look at what changed, and commit it",
        )
    if options.get("shard") or options.get("only_failed"):
        raise InputError("goldens are not updated in parts", "leave out --shard and --only-failed; use --only")
    reason = str(job.base["reason"]).strip()
    if not reason:
        raise InputError(f"{job.path}: the reason is empty", "say why the goldens change; it is kept with them")
    if reason.strip(".! ").lower() in goldenresult.PLACEHOLDERS:
        hint = "look at what changed, and write why: --set reason='...'; it is kept with the goldens"
        raise InputError(f"{reason!r} is no reason, but the place of one", hint)


@dataclass
class Update:
    """An errand (see runner.batch.Errand) that records goldens anew."""

    chosen: Chosen
    reason: str
    voice: Voice
    prune: bool
    quiet: bool
    _drawn: Recordings | None = None
    _counts: dict[str, int] = field(default_factory=lambda: {"new": 0, "changed": 0, "unchanged": 0, "removed": 0})

    def tasks(self, folder: Path) -> Iterator[tuple[Task, str]]:
        """The tasks that record."""
        self._drawn = drawn = Recordings(folder)
        return ((drawn.task(task), "to be recorded") for task in self.chosen.tasks())

    def settle(self) -> None:
        """Finish what a killed update of these jobs began, before anything is drawn. Raises OutputError: it cannot."""
        for job in self.chosen.jobs:
            root = verify.root_of(job)
            for base in goldenfiles.unfinished(root / job.name):
                goldenfiles.check_inside(base, root)
                try:
                    if goldenfiles.settle(base):
                        self._say(f"{base.relative_to(root).as_posix()}: finished an update that was interrupted")
                except OSError as error:
                    raise output_error(base, error) from error

    def conclude(self, tally: Tally, _report: Report) -> None:
        """Write the goldens, all of which could be recorded. Raises RenderError."""
        drawn = self._drawn
        if drawn is None:  # it draws first
            return
        try:
            self._conclude(tally, drawn)
        finally:
            drawn.remove()

    def _conclude(self, tally: Tally, drawn: Recordings) -> None:
        if tally.failures or tally.interrupted:
            which = ", ".join(sorted(name for name, _ in tally.failures)[:5]) or "the run was interrupted"
            self.voice.error(RenderError(f"no golden was changed: not every task could be recorded ({which})"))
        else:
            binary = verify.ffmpeg_here()
            now = versions.collect(binary)
            for task in self.chosen.tasks():
                self._one(task, drawn.of(task), now, binary)
            self._unused()
            counts = ", ".join(f"{count} {what}" for what, count in self._counts.items() if count or what != "removed")
            written = self._counts["new"] + self._counts["changed"]
            self._say(f"{counts}; the reason kept with them: {self.reason}" if written else counts)

    def _one(self, task: Task, mine: goldens.Golden, now: Mapping[str, str], binary: Path | None) -> None:
        base = task.outputs.final.with_suffix("")
        goldenfiles.check_inside(base, base.parents[len(Path(task.id).parts) - 1])
        before = goldencompare.compare(task, mine, Limits(), now)
        if before.status in {EQUAL, CLOSE} and not before.changed:
            self._counts["unchanged"] += 1
            return
        new = before.status == MISSING
        make_folder(base)
        goldenfiles.write(base, goldens.files(task, mine, self.reason, binary))
        self._counts["new" if new else "changed"] += 1
        self._say(f"{task.id}: new, {task.frame_count} frames" if new else f"{task.id}: {_before_after(before, mine)}")

    def _unused(self) -> None:
        for _, root, base in verify.unused(self.chosen.jobs):
            name = base.relative_to(root).as_posix()
            if self.prune and self.chosen.names(name):
                goldenfiles.check_inside(base, root)
                goldenfiles.remove(base)
                self._counts["removed"] += 1
                self._say(f"{name}: removed, no task has it any more")
            elif not self.chosen.only:
                self._say(f"{name}: no task has it any more; `prune: true` removes it")

    def _say(self, line: str) -> None:
        if not self.quiet:
            self.voice.say(line)


def _before_after(before: GoldenResult, mine: goldens.Golden) -> str:
    """`changed: 12 of 30 frames differ ...; frame 7 was 0123456789ab, is ba9876543210`."""
    words = before.message.removeprefix("its golden is stale: ").removeprefix("its golden is ")
    if before.first is None or before.golden is None:
        return f"changed: {words}"
    try:
        was = before.golden.hashes.hashes[before.first][:12]
    except (InputError, IndexError):
        was = "not there"
    return f"changed: {words}; frame {before.first} was {was}, is {mine.hashes.hashes[before.first][:12]}"


def _tidy(root: Path) -> None:
    """Remove a folder that the lock made, and nothing came of."""
    with contextlib.suppress(OSError):
        root.rmdir()
