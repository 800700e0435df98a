"""Tasks on a Dask worker: made as everywhere, counted where workers die of them, left when nobody waits for them."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import psutil

from engine.errors import CrashError, MissingError, RenderError
from engine.sinks.output import partial_path
from runner import jobtask, leftovers, spool
from runner.childprocess import kill_group
from runner.clusterhost import source_digest
from runner.clustertrace import Trace
from runner.jobtask import Unwanted
from runner.task import Outputs
from runner.terms import Terms

WATCH_S = 0.5
"""Seconds between two looks whether somebody still waits for the task."""
SETTLE_S = 1.0
"""Seconds to leave to the worker that had the task before."""
CLEAR_S = 5.0
"""Seconds to wait until its render process has removed what is half-written."""
KILLED = "the worker process that made this task was killed"
KILLED_HINT = "the system may be short of memory: use fewer workers, or a smaller size"

_turn = threading.Lock()
"""One task at a time in a process, however many threads it has: the current folder is the process's."""


def release() -> None:
    """End the render process that waits for another task, unless another run has one here. Does not wait for it."""

    def close() -> None:
        if _turn.acquire(blocking=False):
            try:
                jobtask.close_all()
            finally:
                _turn.release()

    threading.Thread(target=close).start()


def perform(task: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """`runner.jobtask.perform` on a Dask worker; a task whose workers were killed too often is given up.

    settings: also `source`, the digest of the run's own source. Raises Reschedule when Dask wants it no more.
    """
    from distributed import Reschedule, get_worker

    worker = get_worker()
    key = worker.get_current_task()
    terms = Terms(**settings["terms"])
    with _turn, contextlib.ExitStack() as stack:
        try:
            stack.enter_context(contextlib.chdir(terms.cwd))  # paths are relative to it
        except OSError:  # this worker came after the others had been looked at
            message = f"the worker on {socket.gethostname()} does not see {terms.cwd}"
            return failed(task["id"], MissingError(message, "see docs/cluster.md: all hosts must share the disk"))
        if not terms.spool.exists():  # the run has ended
            return _told(task, {"status": "stopped"})
        if _last[0] != terms.cwd:  # the render process is still where it was started
            jobtask.close_all()
            _last[0] = terms.cwd
        trace = Trace(terms.spool, task["id"])
        begun, result = trace.read()
        if begun and result is None:
            time.sleep(SETTLE_S)  # its worker may be ending in order this very moment
            clear(task)
            begun, result = trace.read()
        if result is not None:  # the worker that made it died before it could say so
            return result
        trace.note("begun")
        try:
            with _watched(lambda: _is_wanted(worker, key)) as notice:
                result = _perform(task, settings, begun, notice)
        except Unwanted as error:
            trace.note("left")
            raise Reschedule from error
        trace.note("result", result)
        return result


_last = [""]
"""The folder in which the last task was made."""


def _perform(
    task: Mapping[str, Any], settings: Mapping[str, Any], begun: int, notice: jobtask.Report
) -> dict[str, Any]:
    if settings["source"] != source_digest():
        message = f"the worker on {socket.gethostname()} has another trackreel"
        return failed(task["id"], MissingError(message, "install the same version everywhere, restart the workers"))
    attempt = settings["attempt"] + begun
    if begun:
        terms = Terms(**settings["terms"])
        if begun > terms.retries:
            return given_up(task["id"], begun)
        event = {"event": "task_retry", "task": task["id"], "attempt": attempt, "wait": 0.0, "message": KILLED}
        with contextlib.suppress(OSError):
            spool.Writer(terms.spool)(event)
    _sweep_once()
    return jobtask.perform(task, {**settings, "attempt": attempt}, notice)


def clear(task: Mapping[str, Any]) -> None:
    """See to it that nothing half-written is left of a task whose worker was killed. Never raises."""
    outputs = Outputs.from_dict(task["outputs"])
    halves = [partial_path(path) for path in outputs.made()]
    patience = time.monotonic() + CLEAR_S
    while any(path.exists() for path in halves) and time.monotonic() < patience:
        leftovers.sweep_folder(outputs.final.parent)
        time.sleep(0.05)


def given_up(task: str, times: int) -> dict[str, Any]:
    """The result of a task that its workers died of."""
    return failed(task, CrashError(f"{KILLED} {times} times", KILLED_HINT))


def failed(task: str, error: RenderError) -> dict[str, Any]:
    """The result of a task that was not tried."""
    said = {"message": error.message, "hint": error.hint, "exit_status": error.exit_status}
    return _told({"id": task}, {"status": "failed", "error": type(error).__name__, **said})


def _told(task: Mapping[str, Any], result: Mapping[str, Any]) -> dict[str, Any]:
    return {"task": task["id"], **result, "worker": spool.writer_name(), "time": spool.now_text()}


@cache
def _sweep_once() -> None:
    """What killed workers left on this host; the run sweeps its own."""
    leftovers.sweep_temporary()


def _is_wanted(worker: Any, key: Any) -> bool:
    """Whether Dask still waits for this task: not after the run cancelled it or was killed, or the scheduler was."""
    state = worker.state.tasks.get(key)
    return worker.status.name in {"running", "paused", "closing_gracefully"} and not (
        state is None or state.state == "cancelled"
    )


@contextmanager
def _watched(wanted: Callable[[], bool]) -> Iterator[jobtask.Report]:
    """Gives what is to be told every event: it raises Unwanted. Where no event comes the render process is killed."""
    ended = threading.Event()

    def notice(event: Mapping[str, Any]) -> None:
        if event["event"] == "renderer":
            _renderers[:] = [event["group"]]
        if not wanted():
            raise Unwanted

    def watch() -> None:
        while not ended.wait(WATCH_S):
            if not wanted() and not ended.wait(2 * WATCH_S):
                for group in _renderers:
                    with contextlib.suppress(psutil.Error):
                        if psutil.Process(group).ppid() == os.getpid():
                            kill_group(group)

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield notice
    finally:
        ended.set()


_renderers: list[int] = []
"""The process group of this process's render process, if it has one."""
