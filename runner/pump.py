"""A thread that brings what workers write to the ledger, and notices at once which of them died."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import threading
import time
from collections.abc import Mapping
from typing import Any, Self

from runner.ledger import Ledger
from runner.spool import Reader
from runner.terms import stop

PERIOD = 0.2
"""Seconds between two looks at the files."""

RECENT = 5.0
"""Seconds within which deaths have to do with each other."""


class Pump:
    """Runs while workers do; `drain` may also be called from outside, to be up to date."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._reader = Reader(ledger.terms.spool)
        self._numbers: dict[str, str] = {}
        self._groups: dict[str, int] = {}
        self._watched: dict[int, str] = {}  # pidfd -> worker
        self._waves: list[tuple[float, set[str]]] = []  # when we saw who was dead
        self._host = socket.gethostname()
        self._lock = threading.RLock()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="spool", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()
        self._forget()

    def number(self, worker: str) -> str:
        """A worker's number: the lowest that is free when it is first heard of."""
        with self._lock:
            if worker not in self._numbers:
                taken = set(self._numbers.values())
                self._numbers[worker] = next(str(one) for one in range(1, len(taken) + 2) if str(one) not in taken)
            return self._numbers[worker]

    def drain(self) -> None:
        """Take all that is there."""
        with self._lock, contextlib.suppress(OSError):  # what cannot be read now may be read the next time
            for worker, event in self._reader.poll():
                self._take(worker, event)

    def take_dead(self) -> set[str]:
        """The numbers of the workers whose death was seen first, shortly ago; all are then forgotten.

        One that ended long before went in order: loky replaces those that have grown.
        """
        with self._lock:
            now = time.monotonic()
            recent = [wave for when, wave in self._waves if now - when < RECENT]
            dead = {self._numbers[one] for one in recent[0] if one in self._numbers} if recent else set()
            self._waves.clear()
            self._forget()
            return dead

    def take_groups(self) -> list[int]:
        """The process groups of the workers' render processes, since the last time."""
        with self._lock:
            groups, self._groups = list(self._groups.values()), {}
            return groups

    def _run(self) -> None:
        while not self._ending.is_set():
            self._await_deaths()
            self.drain()
            if self._ledger.ending:
                stop(self._ledger.terms)

    def _await_deaths(self) -> None:
        """Sleep; the first death wakes us, and loky then takes some milliseconds to kill the others."""
        poll = select.poll()
        for file in list(self._watched):
            poll.register(file, select.POLLIN)
        if not self._watched:
            self._ending.wait(PERIOD)
            return
        ready = poll.poll(PERIOD * 1000)
        with self._lock:
            wave = {self._watched.pop(file): file for file, _ in ready if file in self._watched}
            if wave:
                self._waves.append((time.monotonic(), set(wave)))
            for file in wave.values():
                os.close(file)
        if ready:
            self._ending.wait(PERIOD)

    def _take(self, worker: str, event: Mapping[str, Any]) -> None:
        if event["event"] == "worker":
            self.number(worker)
            if hasattr(os, "pidfd_open"):
                with contextlib.suppress(OSError):
                    self._watched[os.pidfd_open(event["pid"])] = worker
        elif event["event"] == "renderer":
            if event["host"] == self._host:  # elsewhere its number is somebody else's
                self._groups[worker] = event["group"]
        elif event["event"] == "result":
            self._ledger.settle(self.number(worker), event["result"])
        else:
            self._ledger.take(self.number(worker), event)

    def _forget(self) -> None:
        for file in self._watched:
            os.close(file)
        self._watched.clear()
        self._numbers.clear()
