"""Tasks over workers: one in this process, or many beside it (joblib's loky), which may be killed at any moment.

A worker of loky that dies takes the results of all others along. So the pool is made again, and what was lost is
handed out again; the ledger knows what that is.
"""

from __future__ import annotations

import os
import select
import signal
import threading
import time
import warnings
from collections.abc import Generator, Iterator
from concurrent.futures import BrokenExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import joblib
import psutil

from engine.errors import OutputError
from runner import leftovers, spool
from runner.childprocess import kill_group
from runner.jobtask import Performer, abandon, perform
from runner.ledger import Ledger
from runner.pump import Pump
from runner.session import Session
from runner.tally import Tally
from runner.task import Task

FOREVER = 10 * 24 * 3600.0
WATCH_S = 0.5
GRACE = 2.0
"""Seconds that a render process has for cleaning up after its worker was killed."""
_TERMINAL = {signal.SIGINT, signal.SIGHUP}
"""Signals that a terminal sends to us and to every worker alike: they are ours alone."""


def run(ledger: Ledger, workers: int) -> Tally:
    """Make all that the ledger hands out. The first signal ends it after what runs, KeyboardInterrupt at once.

    Raises OutputError (the run directory cannot be written), WorkerError, and what reading the plan raised.
    """
    leftovers.sweep_temporary()
    with ExitStack() as stack:
        try:
            stack.enter_context(spool.opened(ledger.terms.spool))
        except OSError as error:
            message = f"cannot write {ledger.terms.run_dir}: {error.strerror}"
            raise OutputError(message, "choose another --run-dir") from error
        _sequential(ledger) if workers == 1 else _spread(ledger, workers)
    return ledger.tally


def _sequential(ledger: Ledger) -> None:
    with Session(lambda _event: None) as session:
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


def _spread(ledger: Ledger, workers: int) -> None:
    with Pump(ledger) as pump:
        try:
            while ledger.open:
                try:
                    with closing(_results(ledger, workers)) as results:
                        for result in results:
                            pump.drain()
                            ledger.settle(pump.number(result["worker"]), result)
                except BrokenExecutor:
                    pump.drain()
                    _clean(pump)
                    ledger.lost(pump.take_dead())
            _shutdown(kill=False)
        except KeyboardInterrupt:
            _shutdown(kill=True)
            pump.drain()
            _clean(pump)
            ledger.interrupted()
        except BaseException:
            _shutdown(kill=True)
            raise


def _results(ledger: Ledger, workers: int) -> Generator[dict[str, Any], None, None]:
    """What workers return, as it comes."""
    # Workers are started with our environment: never with modules that happen to lie in the current folder.
    os.environ.setdefault("PYTHONSAFEPATH", "1")
    parallel = joblib.Parallel(
        n_jobs=workers,
        backend="loky",
        return_as="generator_unordered",
        batch_size=1,
        pre_dispatch=2 * workers,
        max_nbytes=None,
        idle_worker_timeout=FOREVER,
        initializer=_begin,
        initargs=(os.getpid(), str(ledger.terms.spool)),
    )
    calls = (joblib.delayed(perform)(*call) for call in ledger.calls())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # joblib tells its programmer about results that nobody fetched
        with _terminal_signals_blocked():
            results = parallel(calls)
        yield from results


@contextmanager
def _terminal_signals_blocked() -> Iterator[None]:
    """What is started within does not get them either, from its first moment on; we get them afterwards."""
    from multiprocessing import resource_tracker as other_tracker

    from joblib.externals.loky.backend import resource_tracker

    for tracker in (resource_tracker, other_tracker):
        tracker.ensure_running()  # starting it later would unblock what we block
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _TERMINAL)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(parent: int, folder: str) -> None:
    """The first thing that a worker does."""
    for number in _TERMINAL:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _TERMINAL)
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    with suppress(OSError):  # a full disk: the run then does not know our number
        spool.Writer(Path(folder))({"event": "worker", "pid": os.getpid()})


def _watch(parent: int) -> None:
    """End this worker when the run was killed: nobody else would."""
    pause = threading.Event()
    while os.getppid() == parent:
        pause.wait(WATCH_S)
    abandon()


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


def _shutdown(*, kill: bool) -> None:
    """End the workers: in order, so that Taichi saves its kernels, or at once."""
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor(reuse=True).shutdown(wait=True, kill_workers=kill)
