"""What a run records of goldens' tasks, to compare or to keep it: a folder below its run directory, and its end."""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import replace
from pathlib import Path

from engine.errors import BusyError
from engine.sinks.output import output_error
from runner import golden as goldens
from runner import leftovers, rundir
from runner.golden import Golden
from runner.leftovers import OwnedFolder
from runner.task import Outputs, Task

FOLDER = "goldens"


def reference_of(task: Task) -> Task:
    """The task that draws the same on the cpu, and keeps its frames."""
    return replace(task, id=f"{task.id} on the cpu", backend="cpu", action="keep")


class Recordings:
    """The folder, which is this run's alone until `keep` or `remove`; the next run sweeps that of a killed one."""

    def __init__(self, run_dir: Path) -> None:
        """Take an empty one. Raises OutputError; BusyError where another run has the same run directory."""
        for folder in run_dir.parent.glob(f"*/{FOLDER}"):
            if (folder.parent / rundir.EVENTS).is_file():
                leftovers.sweep_owned(folder)
        self.folder = run_dir / FOLDER
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._owned = OwnedFolder(self.folder)
            for path in self.folder.iterdir():  # of an earlier run with the same --run-dir
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
        except BusyError:
            raise
        except OSError as error:
            raise output_error(self.folder, error) from error

    def task(self, task: Task) -> Task:
        """The task that draws what belongs to this task's golden."""
        base = self.folder / task.id
        final = base.with_name(base.name + task.outputs.final.suffix)
        timeline = base / goldens.TIMELINE.removesuffix(".gz")
        return replace(task, outputs=Outputs(final, timeline=timeline), overwrite=True)

    def of(self, task: Task) -> Golden:
        """What it drew."""
        return Golden(self.folder / task.id, {})

    def forget(self, task: Task) -> None:
        """Remove what it drew. Never raises."""
        base = self.folder / task.id
        shutil.rmtree(base, ignore_errors=True)
        with contextlib.suppress(OSError):
            for path in base.parent.glob(f"{_literally(base.name)}.*"):
                path.unlink()
            base.parent.rmdir()

    def keep(self) -> None:
        """Leave what was not forgotten to be looked at."""
        self._owned.keep()

    def remove(self) -> None:
        """Remove everything."""
        self._owned.remove()


def _literally(name: str) -> str:
    """A name as a glob that matches itself alone."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)
