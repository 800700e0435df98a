"""What a run records of a golden's task, to compare or to keep it: where it lies in the run's folder, and its end."""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import replace
from pathlib import Path

from runner import golden as goldens
from runner.golden import Golden
from runner.task import Outputs, Task


def recording(task: Task, folder: Path) -> Task:
    """The task that records into `folder` what is compared with the task's golden."""
    base = folder / task.id
    final = base.with_name(base.name + task.outputs.final.suffix)
    timeline = base / goldens.TIMELINE.removesuffix(".gz")
    return replace(task, outputs=Outputs(final, timeline=timeline), overwrite=True)


def reference_of(task: Task) -> Task:
    """The task that draws the same on the cpu, and keeps its frames."""
    return replace(task, id=f"{task.id} on the cpu", backend="cpu", action="keep")


def recorded(task: Task, folder: Path) -> Golden:
    """What `recording` of a task left."""
    return Golden(folder / task.id, {})


def forget(mine: Golden) -> None:
    """Remove what was recorded. Never raises."""
    shutil.rmtree(mine.base, ignore_errors=True)
    with contextlib.suppress(OSError):
        for path in mine.base.parent.glob(f"{glob_escape(mine.base.name)}.*"):
            path.unlink()
        mine.base.parent.rmdir()


def glob_escape(name: str) -> str:
    """A name as a glob that matches itself alone."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)
