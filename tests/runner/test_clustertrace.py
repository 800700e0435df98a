"""What is remembered of the tasks of a cluster."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner import clustertrace
from runner.clustertrace import Trace


@pytest.fixture
def events(tmp_path: Path) -> Path:
    clustertrace.folder(tmp_path).mkdir()
    return tmp_path


def test_workers_that_died_are_counted(events: Path) -> None:
    trace, other = Trace(events, "batch/a"), Trace(events, "batch/b")
    assert trace.read() == (0, None)
    for _ in range(2):
        trace.note("begun")
    assert trace.read() == (2, None)
    trace.note("left")  # this one ended in order
    assert trace.read() == (1, None)
    other.note("begun")
    assert clustertrace.running(events) == 2
    trace.note("result", {"status": "done"})
    assert trace.read() == (1, {"status": "done"})
    assert clustertrace.running(events) == 1
    trace.remove()
    assert trace.read() == (0, None)
    assert other.read() == (1, None)


def test_what_a_full_disk_cut_is_left_out(events: Path) -> None:
    trace = Trace(events, "batch/a")
    trace.note("begun")
    path = next(clustertrace.folder(events).iterdir())
    path.write_text(path.read_text() + '{"resu\n')
    assert trace.read() == (1, None)


def test_no_folder_is_no_error(tmp_path: Path) -> None:
    trace = Trace(tmp_path / "gone", "batch/a")
    trace.note("begun")
    trace.remove()
    assert trace.read() == (0, None)
    assert clustertrace.running(tmp_path / "gone") == 0
