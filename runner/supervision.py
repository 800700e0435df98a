"""What a render process may take: silence, time and memory, and how it is found out that it took more."""

from __future__ import annotations

import time
from dataclasses import dataclass

import psutil

from engine.errors import CrashError, MemoryLimitError, TaskTimeoutError

STALL_TIMEOUT = 600.0
"""Seconds without any event after which a render process counts as hung; compiling on a slow machine takes a minute."""

MEMORY_POLL = 1.0
"""Seconds between two looks at the memory: each reads /proc, so it is not for nothing."""


@dataclass(frozen=True, slots=True)
class Limits:
    """stall: seconds without an event. task: seconds for all of a task. memory: bytes of the process and its ffmpeg."""

    stall: float = STALL_TIMEOUT
    task: float | None = None
    memory: int | None = None

    def deadline(self) -> float | None:
        """When a task that begins now has to be done, on the monotonic clock."""
        return None if self.task is None else time.monotonic() + self.task

    def check_time(self, deadline: float | None) -> None:
        """Raise TaskTimeoutError when the deadline is over."""
        if self.task is not None and deadline is not None and time.monotonic() > deadline:
            raise TaskTimeoutError(
                f"the task took longer than {self.task:g} seconds and was stopped",
                "raise --task-timeout, or use fewer workers or a smaller size",
            )


class Guard:
    """Watches one process while somebody waits for its events."""

    def __init__(self, pid: int, limits: Limits) -> None:
        self.limits = limits
        self.deadline: float | None = None
        self._pid = pid
        self._heard = self._looked = time.monotonic()

    def heard(self) -> None:
        """An event came, or one is waited for from now on."""
        self._heard = time.monotonic()

    def patience(self) -> float:
        """Seconds to wait for an event before the next `check`."""
        ends = [self._heard + self.limits.stall]
        if self.deadline is not None:
            ends.append(self.deadline)
        if self.limits.memory is not None:
            ends.append(self._looked + MEMORY_POLL)
        return max(0.0, min(ends) - time.monotonic())

    def check(self) -> None:
        """Raise CrashError (silence), TaskTimeoutError or MemoryLimitError when it took more than it may."""
        self.limits.check_time(self.deadline)
        now = time.monotonic()
        if self.limits.memory is not None and now >= self._looked + MEMORY_POLL:
            self._looked = now
            _check_memory(resident(self._pid), self.limits.memory)
        if now >= self._heard + self.limits.stall:
            raise CrashError(
                f"the render process did not answer for {self.limits.stall:g} seconds and was stopped",
                "run again; if it happens again, try another preset or backend",
            )


def resident(pid: int) -> int:
    """Bytes of memory that a process and all that it started hold; 0 when it is gone."""
    total = 0
    try:
        root = psutil.Process(pid)
        for process in (root, *root.children(recursive=True)):
            try:
                total += process.memory_info().rss
            except psutil.Error:
                continue
    except psutil.Error:
        pass
    return total


def _check_memory(used: int, limit: int) -> None:
    if used > limit:
        raise MemoryLimitError(
            f"the task used {used / 1e6:.0f} MB of memory; --max-memory allows {limit / 1e6:.0f} MB",
            "raise --max-memory, or choose a smaller size, another codec or fewer encode.threads",
        )
