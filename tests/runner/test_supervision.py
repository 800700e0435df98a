"""What a process may take."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from engine.errors import CrashError, MemoryLimitError, TaskTimeoutError
from runner import supervision
from runner.supervision import Guard, Limits, resident


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(supervision.time, "monotonic", lambda: now[0])
    return now


def test_silence_is_counted_from_the_last_event(clock: list[float]) -> None:
    guard = Guard(os.getpid(), Limits(stall=10))
    clock[0] += 9
    guard.heard()
    clock[0] += 9
    guard.check()
    assert guard.patience() == 1
    clock[0] += 1
    with pytest.raises(CrashError, match="did not answer for 10 seconds"):
        guard.check()


def test_a_deadline_holds_however_much_is_heard(clock: list[float]) -> None:
    limits = Limits(stall=10, task=3)
    guard = Guard(os.getpid(), limits)
    guard.deadline = limits.deadline()
    clock[0] += 2.5
    guard.heard()
    guard.check()
    assert guard.patience() == 0.5
    clock[0] += 1
    with pytest.raises(TaskTimeoutError, match="longer than 3 seconds"):
        guard.check()


def test_memory_is_looked_at_now_and_then(clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    used = [1_000]
    monkeypatch.setattr(supervision, "resident", lambda _pid: used[0])
    guard = Guard(os.getpid(), Limits(memory=2_000))
    assert guard.patience() == supervision.MEMORY_POLL
    clock[0] += 1
    guard.check()
    used[0] = 3_000_000
    guard.check()  # not again so soon
    clock[0] += 1
    with pytest.raises(MemoryLimitError, match="used 3 MB"):
        guard.check()


def test_children_count() -> None:
    script = (
        "import subprocess, sys; subprocess.run([sys.executable, '-c', 'print(len(b\"x\" * 10), flush=True); input()'])"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        process.stdout.readline()
        own = supervision.psutil.Process(process.pid).memory_info().rss
        assert resident(process.pid) > own > 0
        process.stdin.close()
