"""A thread that takes frames through a short queue, so that drawing the next one and storing this one overlap."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable

from engine.sinks.base import FRAMES_HELD, Pixels


class Stalled(Exception):  # noqa: N818 - internal: the sink that owns the pump turns it into its own error
    """The consumer took no frame for the whole patience."""


class Pump:
    """Calls `consume(memoryview of one frame)` in order, in a thread of its own.

    At most FRAMES_HELD frames are held at once: when `put` returns, the frame that was put FRAMES_HELD calls before has
    been consumed, and its memory is free. What `consume` raises is kept in `failure`; from then on frames are dropped,
    so that `put` never blocks on a dead consumer.
    """

    def __init__(self, consume: Callable[[memoryview], None], patience: float, name: str) -> None:
        self._consume = consume
        self._patience = patience
        # SimpleQueue, because its put may be called from a signal handler that interrupted another put.
        self._queue: queue.SimpleQueue[memoryview | None] = queue.SimpleQueue()
        self._room = threading.Semaphore(FRAMES_HELD)
        self._stop = False
        self.failure: BaseException | None = None
        self.frames = 0
        self.seconds = 0.0
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def put(self, frame: Pixels) -> None:
        """Queue one frame. Raises Stalled after `patience` seconds without room."""
        if not self._room.acquire(timeout=self._patience):
            raise Stalled
        self._queue.put(frame.data.cast("B"))

    def close(self) -> None:
        """Wait until every queued frame is consumed. Raises Stalled after `patience` seconds."""
        self._queue.put(None)
        self._thread.join(self._patience)
        if self._thread.is_alive():
            raise Stalled

    def stop(self, seconds: float = 10.0) -> None:
        """Drop what is queued and end; safe in a signal handler. A `consume` that never returns is left behind."""
        self._stop = True
        self._queue.put(None)
        self._thread.join(seconds)

    def _run(self) -> None:
        while (view := self._queue.get()) is not None:
            if self.failure is None and not self._stop:
                begin = time.perf_counter()
                try:
                    self._consume(view)
                    self.frames += 1
                except BaseException as error:  # noqa: BLE001 - handed to the thread that owns the sink
                    self.failure = error
                self.seconds += time.perf_counter() - begin
            self._room.release()
