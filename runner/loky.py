"""Worker processes on this machine, through joblib's loky.

A worker that dies takes the results of all others along (BrokenExecutor): the next `results` starts new ones.
"""

from __future__ import annotations

import os
import signal
import threading
import warnings
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import joblib

from runner import spool
from runner.jobtask import Call, abandon, perform

FOREVER = 10 * 24 * 3600.0
WATCH_S = 0.5
"""Seconds between two looks whether the run is still there."""
_TERMINAL = {signal.SIGINT, signal.SIGHUP}
"""Signals that a terminal sends to us and to every worker alike: they are ours alone."""


class Workers:
    """`count` (at least 2) worker processes; they write their events to the folder `events`."""

    def __init__(self, count: int, events: Path) -> None:
        self._count, self._events = count, events

    def results(self, calls: Iterable[Call]) -> Generator[dict[str, Any], None, None]:
        """What `perform` returns for each call, as it comes. Closing it kills the workers. Raises BrokenExecutor."""
        # Workers are started with our environment: never with modules that happen to lie in the current folder.
        os.environ.setdefault("PYTHONSAFEPATH", "1")
        parallel = joblib.Parallel(
            n_jobs=self._count,
            backend="loky",
            return_as="generator_unordered",
            batch_size=1,
            pre_dispatch=2 * self._count,
            max_nbytes=None,
            idle_worker_timeout=FOREVER,
            initializer=_begin,
            initargs=(os.getpid(), str(self._events)),
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # joblib tells its programmer about results that nobody fetched
            with _terminal_signals_blocked():
                results = parallel(joblib.delayed(perform)(*call) for call in calls)
            yield from results

    def shutdown(self, *, kill: bool) -> None:
        """End the workers: in order, so that Taichi saves its kernels, or at once."""
        from joblib.externals.loky import get_reusable_executor

        get_reusable_executor(reuse=True).shutdown(wait=True, kill_workers=kill)


@contextmanager
def _terminal_signals_blocked() -> Iterator[None]:
    """What is started within does not get them either, from its first moment on; we get them afterwards."""
    from multiprocessing import resource_tracker as other_tracker

    from joblib.externals.loky.backend import resource_tracker

    with _environment(PYTHONWARNINGS="ignore:resource_tracker"):  # it cleans up after a killed run: no word of it
        for tracker in (resource_tracker, other_tracker):
            tracker.ensure_running()  # starting it later would unblock what we block
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _TERMINAL)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    """For what is started within."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _begin(parent: int, folder: str) -> None:
    """The first thing that a worker does."""
    for number in _TERMINAL:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _TERMINAL)
    _silence(Path(folder))
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    with suppress(OSError):  # a full disk: the run then does not know our number
        spool.Writer(Path(folder))({"event": "worker", "pid": os.getpid()})


def _silence(folder: Path) -> None:
    """Let what this process prints go to a file beside its events: our stdout may be a stream of JSON."""
    try:
        file = os.open(folder / f"{spool.writer_name()}.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    except OSError:
        file = os.open(os.devnull, os.O_WRONLY)
    for standard in (1, 2):
        os.dup2(file, standard)
    os.close(file)


def _watch(parent: int) -> None:
    """End this worker when the run was killed: nobody else would."""
    pause = threading.Event()
    while os.getppid() == parent:
        pause.wait(WATCH_S)
    abandon()
