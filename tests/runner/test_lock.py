"""The lock on an output root: between real processes, and when its holder is killed."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Self

import pytest

from engine.errors import BusyError, OutputError
from runner import lock

ROOT = Path(__file__).resolve().parents[2]
HOLD = """
import sys
from pathlib import Path
from runner import lock
with lock.held(Path(sys.argv[1]), None, sys.argv[2]):
    print("held", flush=True)
    input()
"""


class Holder:
    """Another process that holds a root."""

    def __init__(self, root: Path, part: str = "") -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(root), part],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "held\n"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()


def test_a_second_one_is_refused_and_told_who_has_it(tmp_path: Path) -> None:
    with Holder(tmp_path / "out") as holder:
        with pytest.raises(BusyError) as caught, lock.held(tmp_path / "out", None):
            pass
        assert f"process {holder.process.pid} on {socket.gethostname()}, since 20" in caught.value.message
    with lock.held(tmp_path / "out", None):  # its holder was killed
        assert (tmp_path / "out" / lock.NAME).exists()
    assert list((tmp_path / "out").iterdir()) == []


def test_a_second_one_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "POLL", 0.01)
    said: list[str] = []
    with Holder(tmp_path) as holder:
        timer = threading.Timer(0.3, holder.process.kill)
        timer.start()
        with lock.held(tmp_path, said.append):
            assert holder.process.wait() < 0
        timer.join()
    assert len(said) == 1
    assert f"process {holder.process.pid}" in said[0]


def test_shards_share_a_root_but_not_with_a_whole_run(tmp_path: Path) -> None:
    with Holder(tmp_path, "1-of-2"):
        with lock.held(tmp_path, None, "2-of-2"):
            pass
        for part in ("", "1-of-2"):
            with pytest.raises(BusyError), lock.held(tmp_path, None, part):
                pass


def test_what_a_killed_run_left_is_no_lock(tmp_path: Path) -> None:
    (tmp_path / lock.NAME).write_text('{"host": "elsewhere", "pid": 1, "since": "yesterday"}')
    with lock.held(tmp_path, None):
        assert json.loads((tmp_path / lock.NAME).read_text())["host"] == socket.gethostname()


@pytest.mark.parametrize(
    ("note", "stale"),
    [
        ("", True),
        ("{}", True),
        ('{"host": "elsewhere", "pid": 1}', False),
        (json.dumps({"host": socket.gethostname(), "pid": 2**22 + 1}), True),
        (json.dumps({"host": socket.gethostname(), "pid": 1}), False),
    ],
)
def test_where_there_are_no_locks_the_note_decides(note: str, stale: bool) -> None:
    assert lock._is_stale(note.encode()) is stale


def test_a_root_that_is_no_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(OutputError, match="cannot write"), lock.held(tmp_path / "out", None):
        pass
