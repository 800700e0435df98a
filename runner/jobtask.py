"""What a worker does with a task: make it, supervised, again where that may help; plain data in, plain data out.

`perform` runs in worker processes of joblib, on this machine or on another one that shares the disk. It never raises
and never dies of a task: a render process of its own, kept from task to task, does what may crash.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import socket
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from engine.errors import RenderError, WorkerError
from runner import execute, failurelog
from runner.childprocess import errors_hint
from runner.session import Session
from runner.spool import Writer, now_text, writer_name
from runner.task import Task
from runner.terms import Terms, stop

LONGEST_WAIT = 30.0
_POLL = 0.2

Report = Callable[[Mapping[str, Any]], None]
Call = tuple[dict[str, Any], dict[str, Any]]
"""The arguments of `perform`."""


def backoff(attempt: int) -> float:
    """Seconds to wait after a failed attempt (1, 2, ...): 1, 2, 4 ... up to LONGEST_WAIT."""
    return min(2.0 ** (attempt - 1), LONGEST_WAIT)


class Unwanted(BaseException):
    """Nobody waits for this task any more."""


def perform(
    task: Mapping[str, Any], settings: Mapping[str, Any], notice: Report = lambda _event: None
) -> dict[str, Any]:
    """Make a task (`Task.to_dict`); what became of it.

    settings: `terms` (`Terms.to_dict`), `reason` (why it runs), `attempt` (1, or more after a worker died of it).
    The result has `task` (its id), `worker` (the name of this process), `time` (its end), `status` and, by that:
    done: `figures` (see runner.execute.make).
    failed: `error` (class name), `message`, `hint`, `exit_status`, and `log` where one could be written.
    stopped: nothing; the run was stopped before it began.
    notice: is told each event first; it may raise Unwanted, which ends the task and comes out of here.
    """
    writer: Writer | None = None
    try:
        terms = Terms(**settings["terms"])
        writer = Writer(terms.spool)
        if Path.cwd() != Path(terms.cwd):
            os.chdir(terms.cwd)
        report = _both(notice, writer)
        result = _performer().perform(Task.from_dict(task), terms, settings["reason"], settings["attempt"], report)
    except Unwanted:
        raise
    except BaseException as error:  # noqa: BLE001 - a pool that sees an exception loses everybody's results
        result = _failed(task["id"], _foreseen(error), None)
    result = {**result, "worker": writer_name(), "time": now_text()}
    if writer is not None:  # told both ways: a pool that breaks loses results, a full disk loses events
        _tell(writer, {"event": "result", "result": result})
    return result


class Performer:
    """Makes one task after the other, in one session."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def perform(self, task: Task, terms: Terms, reason: str, attempt: int, report: Report) -> dict[str, Any]:
        """As the function `perform`, with events through `report`. KeyboardInterrupt passes through."""
        if terms.stopped:
            return {"task": task.id, "status": "stopped"}
        story: list[str] = []
        while True:
            _tell(report, _started(task, reason, attempt))
            try:
                figures = self._make(task, terms, report)
            except Exception as caught:  # noqa: BLE001 - a bug costs one task
                error = _foreseen(caught)
                story.append(failurelog.describe(attempt, error))
            else:
                return {"task": task.id, "status": "done", "figures": figures}
            if error.transient and attempt <= terms.retries and _rest(task, attempt, error, terms, report):
                attempt += 1
                continue
            if terms.fail_fast:
                stop(terms)
            return _failed(task.id, error, failurelog.write(terms.logs, task.id, story))

    def close(self) -> None:
        """End the render process and remove temporary files."""
        self.session.__exit__(None)

    def _make(self, task: Task, terms: Terms, report: Report) -> dict[str, Any]:
        limits = terms.limits
        deadline = limits.deadline()

        def relay(event: Mapping[str, Any]) -> None:
            limits.check_time(deadline)  # the analysis has no other supervisor
            _tell(report, event)

        def started(renderer: int) -> None:
            """Say which process draws for us, so that the run can end it when we are killed."""
            _tell(report, {"event": "renderer", "group": renderer, "host": socket.gethostname()})

        self.session.started = started
        self.session.report, self.session.limits, self.session.deadline = relay, limits, deadline
        return execute.make(self.session, task)


_here = threading.local()
_all: list[Performer] = []


def _performer() -> Performer:
    """This thread's performer: a cluster's worker may have several threads."""
    performer: Performer | None = getattr(_here, "performer", None)
    if performer is None or performer not in _all:
        performer = _here.performer = Performer(Session(lambda _event: None))
        _all.append(performer)
    return performer


@atexit.register
def close_all() -> None:
    """End what `perform` has kept."""
    while _all:
        _all.pop().close()


def abandon() -> None:
    """Leave this process at once, as nobody waits for it: the end of their stdin tells render processes to clean up."""
    for performer in _all:
        performer.session.forget()
    os._exit(1)


def _both(first: Report, second: Report) -> Report:
    def report(event: Mapping[str, Any]) -> None:
        first(event)
        second(event)

    return report


def _tell(report: Report, event: Mapping[str, Any]) -> None:
    with contextlib.suppress(OSError):  # a full disk may cost an event, not the task
        report(event)


def _started(task: Task, reason: str, attempt: int) -> dict[str, Any]:
    return {
        "event": "task_started",
        "task": task.id,
        "frames": task.frame_count,
        "fps": float(task.canvas.fps),
        "reason": reason,
        "output": str(task.outputs.final),
        "attempt": attempt,
    }


def _rest(task: Task, attempt: int, error: RenderError, terms: Terms, report: Report) -> bool:
    """Wait before the next attempt; False: the run was stopped meanwhile, and there is none."""
    wait = backoff(attempt)
    event = {"event": "task_retry", "task": task.id, "attempt": attempt + 1, "wait": wait, "message": error.message}
    _tell(report, event)
    end = time.monotonic() + wait
    while (left := end - time.monotonic()) > 0 and not terms.stopped:
        time.sleep(min(left, _POLL))
    return not terms.stopped


def _foreseen(error: BaseException) -> RenderError:
    """The error itself where it is meant for users, else one that is, with the traceback as a note."""
    if isinstance(error, RenderError):
        return error
    wrapped = WorkerError(f"internal: {type(error).__name__}: {error}", errors_hint(error))
    wrapped.add_note("".join(traceback.format_exception(error)))
    return wrapped


def _failed(task: str, error: RenderError, log: Path | None) -> dict[str, Any]:
    result = {
        "task": task,
        "status": "failed",
        "error": type(error).__name__,
        "message": error.message,
        "hint": error.hint,
        "exit_status": error.exit_status,
    }
    return result if log is None else {**result, "log": str(log)}
