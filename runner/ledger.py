"""Who has which task, and what came of it: hands tasks out one by one, turns what workers say into the run's events.

The same for one worker in this process, for many beside it, and for a cluster.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from engine.errors import CrashError, InterruptedRenderError, RenderError, WorkerError
from runner import failurelog, leftovers
from runner.childprocess import revive
from runner.handout import Handed, Handout
from runner.interrupt import Stop
from runner.jobtask import Call
from runner.tally import Tally
from runner.task import Task
from runner.terms import Terms

IDLE_LOSSES = 3
"""Times in a row that workers may be lost although none of them had a task."""

PATIENCE = 2.0
"""Seconds to wait for files that killed processes still hold."""


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
        self._handout = Handout(planned, report)
        self._report = report
        self._failing = False
        self._idle_losses = 0
        self._out: dict[str, Handed] = {}
        self._lock = threading.RLock()

    @property
    def ending(self) -> bool:
        """Whether nothing more should begin."""
        return self.stop.requested or self._failing or self._handout.error is not None

    @property
    def open(self) -> bool:
        """Whether there may be tasks to hand out. Raises what reading the plan raised."""
        if self._handout.error is not None:
            raise self._handout.error
        left = bool(self._out) or not self._handout.exhausted
        self.tally.skipped = self._handout.skipped
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
        while (new := self._handout.next(lambda: self.ending, self._note)) is not None:
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
            self._clean_up()
            for handed in running:
                worker, handed.worker = handed.worker, ""
                if self.ending:  # nobody will make it again
                    del self._out[handed.task.id]
                    self.tally.interrupted |= self.stop.requested
                    self._tell_failure(handed, _interrupted(), worker=worker)
                    continue
                if dead and worker not in dead:
                    continue
                message = "the worker process that made this task was killed"
                handed.attempt += 1
                if handed.attempt > self.terms.retries + 1:
                    del self._out[handed.task.id]
                    hint = "the system may be short of memory: use fewer workers, or a smaller size"
                    error = CrashError(f"{message} {handed.attempt - 1} times", hint)
                    log = failurelog.write(
                        self.terms.logs, handed.task.id, [failurelog.describe(handed.attempt, error)]
                    )
                    self._fail(handed, error, worker=worker, **({} if log is None else {"log": str(log)}))
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
                    self._tell_failure(handed, _interrupted(), worker=handed.worker)
            self._out.clear()

    def _clean_up(self) -> None:
        """Remove what is half-written; what was killed this very moment still holds its files for another."""
        patience = time.monotonic() + PATIENCE
        for folder in {handed.task.outputs.final.parent for handed in self._out.values()}:
            while not leftovers.sweep_folder(folder) and time.monotonic() < patience:
                time.sleep(0.05)

    def _note(self, handed: Handed) -> None:
        with self._lock:
            self._out[handed.task.id] = handed

    def _call(self, handed: Handed) -> Call:
        settings = {"terms": self.terms.to_dict(), "reason": handed.reason, "attempt": handed.attempt}
        return handed.task.to_dict(), settings

    def _fail(self, handed: Handed, error: RenderError, **extra: Any) -> None:
        self.tally.failed += 1
        self.tally.failures.append((handed.task.id, error))
        self._failing |= self.terms.fail_fast
        self._tell_failure(handed, error, **extra)

    def _tell_failure(self, handed: Handed, error: RenderError, **extra: Any) -> None:
        said = {"message": error.message, "hint": error.hint, "exit_status": error.exit_status}
        self._report({"event": "task_failed", "task": handed.task.id, "error": type(error).__name__, **said, **extra})


def _interrupted() -> InterruptedRenderError:
    return InterruptedRenderError("interrupted", "run again to make it")
