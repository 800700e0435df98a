"""The tasks of a run that have to be made, one by one, as workers get free."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runner import leftovers
from runner.task import Task

Report = Callable[[Mapping[str, Any]], None]


@dataclass
class Handed:
    """A task that was handed out. worker: who makes it; empty: nobody has begun it."""

    task: Task
    reason: str
    attempt: int = 1
    worker: str = ""

    @property
    def common(self) -> dict[str, Any]:
        """What every event about its beginning and its end says."""
        output = str(self.task.outputs.final)
        return {"task": self.task.id, **_length(self.task), "output": output}


class Handout:
    """Reads the plan lazily. Used from several threads: a pool that broke may still be reading when the next begins."""

    def __init__(self, planned: Iterable[tuple[Task, str | None]], report: Report) -> None:
        """planned: (task, why it runs), or (task, None) for one that is up to date."""
        self.exhausted = False
        self.error: Exception | None = None
        self.skipped = 0
        self._planned = iter(planned)
        self._report = report
        self._swept: set[Path] = set()
        self._turn = threading.Lock()

    def next(self, ending: Callable[[], bool], note: Callable[[Handed], None]) -> Handed | None:
        """The next task that has to be made, noted before anybody else can ask.

        None: there is none (`exhausted`), the run is `ending`, or reading the plan failed (`error`).
        """
        with self._turn:
            try:
                for task, reason in self._planned:
                    if ending():
                        return None
                    self._sweep(task.outputs.final.parent)
                    if reason is not None:
                        handed = Handed(task, reason)
                        note(handed)
                        return handed
                    self._skip(task)
                self.exhausted = True
            except Exception as error:  # noqa: BLE001 - joblib reads us in a thread that swallows it
                self.error = error
            return None

    def _skip(self, task: Task) -> None:
        leftovers.release(task)
        self.skipped += 1
        self._report({"event": "task_skipped", "task": task.id, "reason": "up to date", **_length(task)})

    def _sweep(self, folder: Path) -> None:
        if folder not in self._swept:
            self._swept.add(folder)
            leftovers.sweep_folder(folder)


def _length(task: Task) -> dict[str, Any]:
    return {"frames": task.frame_count, "fps": float(task.canvas.fps)}
