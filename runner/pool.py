"""A run: tasks over workers that may be killed at any moment, or over one in this process.

Where workers are lost, all of them are started anew, and what was lost is handed out again; the ledger knows what that
is.
"""

from __future__ import annotations

import os
import select
import time
from collections.abc import Generator, Iterable
from concurrent.futures import BrokenExecutor
from contextlib import ExitStack, closing
from functools import partial
from typing import Any, Protocol

import psutil

from engine.errors import OutputError
from runner import leftovers, spool
from runner.childprocess import kill_group
from runner.jobtask import Call, Performer
from runner.ledger import Ledger
from runner.pump import Pump
from runner.session import Session
from runner.tally import Tally
from runner.task import Task

GRACE = 2.0
"""Seconds that a render process has for cleaning up after its worker was killed."""


class Workers(Protocol):
    """Whoever makes tasks: processes here, or a cluster."""

    def results(self, calls: Iterable[Call]) -> Generator[dict[str, Any], None, None]:
        """What runner.jobtask.perform returns for each call, as it comes; `calls` is read as workers get free.

        Raises BrokenExecutor when what has not come yet is lost. Closing it ends the workers at once.
        """
        ...

    def shutdown(self, *, kill: bool) -> None:
        """End the workers, in order or at once. Also called where there are none any more."""
        ...


def run(ledger: Ledger, workers: Workers | None) -> Tally:
    """Make all that the ledger hands out; without workers one after the other, in this process.

    The first signal ends it after what runs (see runner.interrupt), KeyboardInterrupt at once.
    Raises OutputError (the run directory cannot be written), WorkerError, and what reading the plan raised.
    """
    leftovers.sweep_temporary()
    with ExitStack() as stack:
        try:
            stack.enter_context(spool.opened(ledger.terms.spool))
        except OSError as error:
            message = f"cannot write {ledger.terms.run_dir}: {error.strerror}"
            raise OutputError(message, "choose another --run-dir") from error
        if workers is None:
            _sequential(ledger)
        else:
            _spread(ledger, workers)
    return ledger.tally


def _sequential(ledger: Ledger) -> None:
    with Session(lambda _event: None) as session, Pump(ledger):
        performer = Performer(session)
        report = partial(ledger.take, "1")
        try:
            while ledger.open:
                for task, settings in ledger.calls():
                    given = settings["reason"], settings["attempt"]
                    ledger.settle("1", performer.perform(Task.from_dict(task), ledger.terms, *given, report))
        except KeyboardInterrupt:
            session.stop()
            ledger.interrupted()


def _spread(ledger: Ledger, workers: Workers) -> None:
    with Pump(ledger) as pump:
        try:
            while ledger.open:
                try:
                    with closing(workers.results(ledger.calls())) as results:
                        for result in results:
                            pump.drain()
                            ledger.settle(pump.number(result["worker"]), result)
                except BrokenExecutor:
                    pump.drain()
                    _clean(pump)
                    ledger.lost(pump.take_dead())
            workers.shutdown(kill=False)
        except KeyboardInterrupt:
            workers.shutdown(kill=True)
            pump.drain()
            _clean(pump)
            ledger.interrupted()
        except BaseException:
            workers.shutdown(kill=True)
            raise


def _clean(pump: Pump) -> None:
    """Wait until the render processes of killed workers are gone; kill those that do not go by themselves."""
    groups = pump.take_groups()
    _await_end(groups)  # the end of their stdin makes them clean up
    for group in groups:
        kill_group(group)
    _await_end(groups)  # until then they hold their files' locks
    leftovers.sweep_temporary()


def _await_end(processes: list[int]) -> None:
    patience = time.monotonic() + GRACE
    while any(map(_lives, processes)) and time.monotonic() < patience:
        time.sleep(0.02)


def _lives(pid: int) -> bool:
    """Whether any thread of a process is left: where the main one is dead, others still hold its files."""
    if not hasattr(os, "pidfd_open"):
        return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    try:
        process = os.pidfd_open(pid)
    except OSError:
        return False
    try:
        return not select.select([process], [], [], 0)[0]
    finally:
        os.close(process)
