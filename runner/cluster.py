"""The workers of a Dask cluster that shares our disk, through joblib's Dask backend."""

from __future__ import annotations

import threading
import time
import warnings
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import joblib
from distributed import Client

from engine.errors import ClusterError, InputError
from runner import clustercheck, clusterhost, clustertask, clustertrace
from runner.clusterbackend import Backend
from runner.clustercheck import Report
from runner.jobtask import Call

PATIENCE = 4.0
"""Seconds to wait for tasks that were cancelled: their workers remove what is half-written."""
LOOK_S = 1.0
"""Seconds between two looks whether there are workers."""
RESTART_S = 5.0
"""Seconds in which a nanny starts a killed worker again: no word of it."""


@contextmanager
def connected(address: str | None, patience: float) -> Iterator[Cluster]:
    """The cluster of the scheduler there, checked as far as it can be without a run.

    patience: seconds to wait for the scheduler, and for a worker. Raises InputError, MissingError.
    """
    if not address:
        raise InputError("--backend dask needs --scheduler", "start one with `dask scheduler`; see docs/cluster.md")
    client = clustercheck.connect(address, patience)
    try:
        clustercheck.await_workers(client, address, patience)
        yield Cluster(client, address, patience)
    finally:
        clustercheck.close(client)


class Cluster:
    """A cluster that `connected` reached."""

    def __init__(self, client: Client, address: str, patience: float) -> None:
        self.client, self.address, self.patience = client, address, patience
        self.size = len(client.nthreads())

    def workers(self, count: int, events: Path, root: Path, report: Report) -> Workers:
        """Its workers for the run that has `events`, the folder of its events, and `root`; `count` tasks at once."""
        return Workers(self, count, events, root, report)


class Workers:
    """The workers of a cluster as runner.pool wants them; `count` tasks at once."""

    def __init__(self, cluster: Cluster, count: int, events: Path, root: Path, report: Report) -> None:
        self._cluster, self._count, self._report = cluster, count, report
        self._events, self._root = events, root

    def results(self, calls: Iterable[Call]) -> Generator[dict[str, Any], None, None]:
        """What `perform` returns for each call, as it comes. Closing it cancels them.

        Raises MissingError when a worker does not see our folder, ClusterError when the scheduler is lost, or all
        workers for too long, OSError.
        """
        cluster = self._cluster
        clustercheck.check_shared(cluster.client, self._events, self._root, cluster.patience, self._report)
        clustertrace.folder(self._events).mkdir(exist_ok=True)
        source = clusterhost.source_digest()
        backend = Backend(cluster.client, self._count, self._events)
        ended = threading.Event()
        threading.Thread(target=self._watch, args=(backend, ended), name="cluster", daemon=True).start()
        parallel = joblib.Parallel(
            n_jobs=self._count,
            backend=backend,
            return_as="generator_unordered",
            batch_size=1,
            pre_dispatch=self._count,
        )
        work = joblib.delayed(clustertask.perform)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # joblib tells its programmer about results that nobody fetched
                yield from parallel(work(task, {**settings, "source": source}) for task, settings in calls)
        finally:
            ended.set()
            backend.close()

    def shutdown(self, *, kill: bool) -> None:
        """The workers go on without us: end their render processes, or wait until cancelled tasks have ended."""
        if kill:
            patience = time.monotonic() + PATIENCE
            while clustertrace.running(self._events) and time.monotonic() < patience:
                time.sleep(0.05)
        with suppress(Exception):
            if self._cluster.client.status == "running":  # else it would wait for the scheduler to come back
                self._cluster.client.run(clustertask.release, on_error="ignore")

    def _watch(self, backend: Backend, ended: threading.Event) -> None:
        """End the run when all workers are gone and none comes."""
        cluster, since, told = self._cluster, 0.0, False
        while not ended.wait(LOOK_S):
            try:
                there = len(cluster.client.nthreads())
            except Exception:  # noqa: BLE001, S112 - the scheduler is gone, of which the backend hears by itself
                continue
            now = time.monotonic()
            if there:
                since, told = 0.0, False
                continue
            since = since or now
            if now > since + cluster.patience:
                message = f"all Dask workers are gone, and none came within {cluster.patience:g} s"
                backend.fail(ClusterError(message, clustercheck.START.format(address=cluster.address)))
                return
            if now > since + RESTART_S and not told:
                told = True
                hint = f"the run ends if none comes within {cluster.patience:g} s"
                self._report({"event": "warning", "message": "no Dask worker is left", "hint": hint})
