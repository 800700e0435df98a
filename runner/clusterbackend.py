"""joblib's Dask backend, made to answer for tasks that Dask gives up.

joblib's own never hears of a future that failed, and waits for ever (joblib 1.6, of a task that kills its worker four
times). This one hands each call to Dask by itself and tells what became of it, whatever that is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from distributed import Client, Future, KilledWorker
from joblib._dask import DaskDistributedBackend

from engine.errors import ClusterError, RenderError
from runner.clustertask import clear, given_up
from runner.clustertrace import Trace
from runner.jobtask import Call

IDLE_LOSSES = 3
"""Times that Dask may give a task up although no worker has begun it since the last time."""
LOST = "the connection to the Dask scheduler was lost"
LOST_HINT = "when the cluster is up again, run again: finished outputs are kept"

Callback = Callable[[Any], None]


class Backend(DaskDistributedBackend):  # type: ignore[misc]  # joblib has no types
    """Runs `count` calls of runner.clustertask.perform at once. events: the folder of the run's events."""

    def __init__(self, client: Client, count: int, events: Path) -> None:
        super().__init__(client=client)
        self._count, self._events = count, events
        self._pending: set[Future] = set()
        self._over: RenderError | None = None
        # Its callbacks read the plan, which takes long where much is up to date: not in Dask's own thread.
        self._callbacks = ThreadPoolExecutor(1, thread_name_prefix="plan")

    def start_call(self) -> None:
        """Nothing: joblib's would poll for futures that we follow one by one."""

    def stop_call(self) -> None:
        """Nothing, likewise."""

    def effective_n_jobs(self, _n_jobs: int) -> int:
        """Never 1, which joblib would run in this very process."""
        return max(2, self._count)

    def submit(self, func: Any, callback: Callback | None = None) -> None:
        """Hand a call to Dask, and its result, or what went wrong, to `callback`."""
        ((function, call, _),) = func.items
        self.client.loop.add_callback(self._follow, function, call, callback)

    def retrieve_result_callback(self, out: Any) -> Any:
        """The results of one batch. Raises what ended the run."""
        if isinstance(out, BaseException):
            raise out
        return out

    def fail(self, error: RenderError) -> None:
        """End the run with an error, from any thread."""
        self.client.loop.add_callback(self._fail, error)

    def abort_everything(self, ensure_ready: bool = True) -> None:  # noqa: ARG002, FBT001, FBT002 - joblib's
        """Tell Dask that nobody waits any more; the workers notice by themselves."""
        self.fail(ClusterError("the run has ended"))

    def close(self) -> None:
        """Read no more of the plan."""
        self._callbacks.shutdown(wait=False, cancel_futures=True)

    async def _follow(self, function: Callable[..., Any], call: Call, callback: Callback) -> None:
        if self._over is None:
            try:
                out: Any = [await self._result(function, call)]
            except BaseException as error:  # noqa: BLE001 - joblib waits for ever for what does not come
                out = self._over or _named(error)
        else:
            out = self._over
        with suppress(RuntimeError):  # closed
            self._callbacks.submit(callback, out)

    async def _result(self, function: Callable[..., Any], call: Call) -> dict[str, Any]:
        task, settings = call
        trace = Trace(self._events, task["id"])
        idle = before = 0
        while True:
            key = f"trackreel-{task['id']}-{uuid4().hex}"
            future = self.client.submit(function, task, settings, key=key, pure=False)
            self._pending.add(future)
            try:
                result: dict[str, Any] = await future
            except KilledWorker:
                # Also of a task that merely waited on a worker that another one killed.
                begun, told = trace.read()
                idle = 0 if begun > before else idle + 1
                before = begun
                if told is None and (begun > settings["terms"]["retries"] or idle >= IDLE_LOSSES):
                    await asyncio.to_thread(clear, task)
                    result = given_up(task["id"], begun)
                elif told is None:
                    continue
                else:
                    result = told
            finally:
                self._pending.discard(future)
            trace.remove()
            return result

    def _fail(self, error: RenderError) -> None:
        self._over = self._over or error
        self._cancel()

    def _cancel(self) -> None:
        futures: Sequence[Future] = list(self._pending)
        if futures:
            self.client.loop.add_callback(self.client.cancel, futures, asynchronous=True, force=True)


def _named(error: BaseException) -> RenderError:
    if isinstance(error, RenderError):
        return error
    if type(error).__name__ in {"CancelledError", "FutureCancelledError", "CommClosedError"}:
        return ClusterError(LOST, LOST_HINT)
    return ClusterError(f"a Dask worker failed: {type(error).__name__}: {error}", "see the log of the worker")
