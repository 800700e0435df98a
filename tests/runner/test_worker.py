"""The supervised render process: errors come back as raised, deaths and silence are noticed, nothing survives."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.errors import MissingError, WorkerError
from runner.supervision import Limits
from runner.worker import Worker

ROOT = Path(__file__).resolve().parents[2]


def gone(pid: int) -> bool:
    """Whether the process has ended, within ten seconds."""
    for _ in range(200):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        stat = Path(f"/proc/{pid}/stat")
        if stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


def test_an_error_comes_back_and_the_process_serves_on() -> None:
    with Worker("cpu", 1) as worker:
        for _ in range(2):
            with pytest.raises(WorkerError, match="internal: KeyError: 'canvas'") as caught:
                list(worker.request({"command": "render", "task": {}}))
            assert "Traceback" in caught.value.__notes__[0]
            assert worker.alive
        assert worker.startup["seconds"] > 0
        pid = worker.pid
    assert gone(pid)


def test_an_idle_process_ends_politely() -> None:
    worker = Worker("cpu", 1)
    with pytest.raises(WorkerError):
        list(worker.request({"command": "render", "task": {}}))
    worker.close()
    assert worker._process.returncode == 0


@pytest.mark.skipif(sys.platform == "darwin", reason="Metal exists on macOS")
def test_a_backend_that_is_not_here_is_reported_by_class() -> None:
    with Worker("metal", 1) as worker, pytest.raises(MissingError, match="Metal") as caught:
        list(worker.request({"command": "render", "task": {}}))
    assert caught.value.hint


def test_a_killed_process_is_told_from_a_failed_task() -> None:
    with Worker("cpu", 1) as worker:
        os.kill(worker.pid, signal.SIGKILL)
        with pytest.raises(WorkerError, match="killed by SIGKILL") as caught:
            list(worker.request({"command": "render", "task": {}}))
        assert "memory" in caught.value.hint
        assert not worker.alive


def test_a_process_that_falls_silent_is_stopped() -> None:
    with Worker("cpu", 1, limits=Limits(stall=0.3)) as worker:
        os.kill(worker.pid, signal.SIGSTOP)
        with pytest.raises(WorkerError, match=r"did not answer for 0\.3 seconds"):
            list(worker.request({"command": "render", "task": {}}))
        assert gone(worker.pid)


def test_it_does_not_outlive_a_killed_parent() -> None:
    script = (
        "from runner.worker import Worker; import time; w = Worker('cpu', 1); print(w.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    assert gone(pid)


def test_a_partial_output_of_a_killed_process_is_removed(tmp_path: Path) -> None:
    half = tmp_path / ".video.part.mp4"
    half.write_bytes(b"half")
    with Worker("cpu", 1) as worker:
        worker._partials.append(half)
    assert not half.exists()
