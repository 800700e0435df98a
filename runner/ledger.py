"""Who has which task, and what came of it: hands tasks out one by one, turns what workers say into the run's events.

The same for one worker in this process, for many beside it, and for a cluster.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import CrashError, InterruptedRenderError, RenderError, WorkerError
from runner import leftovers
from runner.childprocess import revive
from runner.interrupt import Stop
from runner.tally import Tally
from runner.task import Task
from runner.terms import Terms

IDLE_LOSSES = 3
"""Times in a row that workers may be lost although none of them had a task."""

PATIENCE = 2.0
"""Seconds to wait for files that killed processes still hold."""

Call = tuple[dict[str, Any], dict[str, Any]]
"""The arguments of runner.jobtask.perform."""


@dataclass
class _Handed:
    task: Task
    reason: str
    attempt: int = 1
    worker: str = ""  # empty: nobody has begun it

    @property
    def common(self) -> dict[str, Any]:
        """What every event about its beginning and its end says."""
        output = str(self.task.outputs.final)
        return {
            "task": self.task.id,
            "frames": self.task.frame_count,
            "fps": float(self.task.canvas.fps),
            "output": output,
        }


class Ledger:
    """The books of one run. Its methods may be called from any thread."""

    def __init__(
        self,
        planned: Iterable[tuple[Task, str | None]],
        report: Callable[[Mapping[str, Any]], None],
        stop: Stop,
        terms: Terms,
    ) -> None:
        """planned: (task, why it runs), or (task, None) for one that is up to date; it is read as workers get free."""
        self.tally = Tally()
        self.stop = stop
        self.terms = terms
        self._planned = iter(planned)
        self._report = report
        self._exhausted = self._failing = False
        self._error: BaseException | None = None
        self._idle_losses = 0
        self._out: dict[str, _Handed] = {}
        self._swept: set[Path] = set()
        self._lock, self._turn = threading.RLock(), threading.Lock()

    @property
    def ending(self) -> bool:
        """Whether nothing more should begin."""
        return self.stop.requested or self._failing or self._error is not None

    @property
    def open(self) -> bool:
        """Whether there may be tasks to hand out. Raises what reading the plan raised."""
        if self._error is not None:
            raise self._error
        left = bool(self._out) or not self._exhausted
        self.tally.interrupted |= left and self.stop.requested
        return left and not self.ending

    def calls(self) -> Iterator[Call]:
        """What there is to do: first what was lost, then what was not yet handed out. Never raises (see `open`)."""
        with self._lock:
            again = [one for one in self._out.values() if not one.worker]
        for handed in again:
            if self.ending:
                return
            yield self._call(handed)
        while (new := self._next()) is not None:
            yield self._call(new)

    def take(self, worker: str, event: Mapping[str, Any]) -> None:
        """An event that `worker` tells about its task; late news of a task that is finished is dropped."""
        with self._lock:
            handed = self._out.get(event.get("task", ""))
            if handed is None:
                return
            if event["event"] == "task_started":
                handed.worker = worker
            handed.attempt = event.get("attempt", handed.attempt)
            self._report({**event, "worker": worker})

    def settle(self, worker: str, result: Mapping[str, Any]) -> None:
        """What runner.jobtask.perform returned for a task."""
        with self._lock:
            self._idle_losses = 0
            handed = self._out.pop(result["task"], None)
            if handed is None:
                return
            if result["status"] == "stopped":
                self.tally.interrupted |= self.stop.requested
            elif result["status"] == "failed":
                notes = {key: result[key] for key in ("log",) if key in result}
                error = revive({**result, "kind": result["error"]})
                self._fail(handed, error, worker=worker, **notes)
            else:
                self.tally.done += 1
                figures = {key: result["figures"][key] for key in ("seconds", "stages", "peak_memory")}
                when = {"time": result["time"]} if "time" in result else {}
                self._report({"event": "task_done", **when, **handed.common, **figures, "worker": worker})

    def lost(self, dead: set[str]) -> None:
        """All workers are gone; `dead` are those that died by themselves (empty: unknown), the others had to follow.

        What they had will be handed out again; a task that its worker died of has used up an attempt. Raises
        WorkerError where workers die before they take a task.
        """
        with self._lock:
            running = [one for one in self._out.values() if one.worker]
            self._idle_losses = 0 if running else self._idle_losses + 1
            if self._idle_losses >= IDLE_LOSSES:
                raise WorkerError("worker processes end before they take a task", "see `trackreel doctor`; try -j 1")
            for handed in running:
                worker, handed.worker = handed.worker, ""
                if dead and worker not in dead:
                    continue
                message = "the worker process that made this task was killed"
                handed.attempt += 1
                if handed.attempt > self.terms.retries + 1:
                    del self._out[handed.task.id]
                    hint = "the system may be short of memory: use fewer workers, or a smaller size"
                    self._fail(handed, CrashError(f"{message} {handed.attempt - 1} times", hint), worker=worker)
                else:
                    event = {"event": "task_retry", "task": handed.task.id, "attempt": handed.attempt, "wait": 0.0}
                    self._report({**event, "message": message, "worker": worker})

    def interrupted(self) -> None:
        """The user wants it to end at once: what is not finished is told so, and what it left half-written removed."""
        with self._lock:
            self.tally.interrupted = self.stop.requested = True
            self._clean_up()
            for handed in self._out.values():
                leftovers.release(handed.task)
                if handed.worker:
                    error = InterruptedRenderError("interrupted", "run again to make it")
                    self._tell_failure(handed, error, worker=handed.worker)
            self._out.clear()

    def _clean_up(self) -> None:
        """Remove what is half-written; what was killed this very moment still holds its files for another."""
        patience = time.monotonic() + PATIENCE
        for folder in {handed.task.outputs.final.parent for handed in self._out.values()}:
            while not leftovers.sweep_folder(folder) and time.monotonic() < patience:
                time.sleep(0.05)

    def _next(self) -> _Handed | None:
        """The next task that has to be made; those that are up to date are told on the way."""
        with self._turn:  # a pool that broke may still be reading when the next one begins
            try:
                for task, reason in self._planned:
                    if self.ending:
                        self.tally.interrupted |= self.stop.requested
                        return None
                    self._sweep(task.outputs.final.parent)
                    if reason is not None:
                        handed = _Handed(task, reason)
                        with self._lock:
                            self._out[task.id] = handed
                        return handed
                    leftovers.release(task)
                    self.tally.skipped += 1
                    length = {"frames": task.frame_count, "fps": float(task.canvas.fps)}
                    self._report({"event": "task_skipped", "task": task.id, "reason": "up to date", **length})
                self._exhausted = True
            except BaseException as error:  # noqa: BLE001 - joblib reads us in a thread that swallows it
                self._error = error
            return None

    def _sweep(self, folder: Path) -> None:
        if folder not in self._swept:
            self._swept.add(folder)
            leftovers.sweep_folder(folder)

    def _call(self, handed: _Handed) -> Call:
        settings = {"terms": self.terms.to_dict(), "reason": handed.reason, "attempt": handed.attempt}
        return handed.task.to_dict(), settings

    def _fail(self, handed: _Handed, error: RenderError, **extra: Any) -> None:
        self.tally.failed += 1
        self.tally.failures.append((handed.task.id, error))
        self._failing |= self.terms.fail_fast
        self._tell_failure(handed, error, **extra)

    def _tell_failure(self, handed: _Handed, error: RenderError, **extra: Any) -> None:
        said = {"message": error.message, "hint": error.hint, "exit_status": error.exit_status}
        self._report({"event": "task_failed", "task": handed.task.id, "error": type(error).__name__, **said, **extra})
