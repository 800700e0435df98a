"""Events through files."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import BusyError
from runner import spool
from runner.spool import Reader, Writer


def progress(done: int, total: int = 9) -> dict[str, object]:
    return {"event": "progress", "task": "t", "stage": "render", "done": done, "total": total}


def test_what_is_written_is_read_once_and_in_order(tmp_path: Path) -> None:
    writer, reader = Writer(tmp_path), Reader(tmp_path)
    assert list(reader.poll()) == []
    writer({"event": "task_started", "task": "ä"})
    writer({"event": "task_retry"})
    assert [event["event"] for _, event in reader.poll()] == ["task_started", "task_retry"]
    assert list(reader.poll()) == []
    writer({"event": "x"})
    ((name, event),) = reader.poll()
    assert (name, event["event"], event["time"][:2]) == (spool.writer_name(), "x", "20")


def test_progress_is_thinned_but_its_end_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [10.0]
    monkeypatch.setattr(spool.time, "monotonic", lambda: now[0])
    writer = Writer(tmp_path)
    for done in range(1, 10):
        now[0] += 0.1
        writer(progress(done))
    assert [event["done"] for _, event in Reader(tmp_path).poll()] == [1, 4, 7, 9]


def test_half_a_line_waits_and_a_torn_one_is_passed_over(tmp_path: Path) -> None:
    path, reader = tmp_path / "w.jsonl", Reader(tmp_path)
    path.write_text('{"event": "a"}\n{"eve')
    assert [event["event"] for _, event in reader.poll()] == ["a"]
    path.write_text('{"event": "a"}\n{"eve{"event": "b"}\n{"event": "c"}\n')
    assert [event["event"] for _, event in reader.poll()] == ["c"]


def test_the_folder_goes_with_the_run_and_so_do_those_of_killed_ones(tmp_path: Path) -> None:
    runs = tmp_path / spool.RUNS
    stale = runs / "old/workers"
    stale.mkdir(parents=True)
    (stale / "owner").touch()
    (stale / "w.jsonl").write_text("{}")
    folder = runs / "new/workers"
    with spool.opened(folder):
        assert folder.is_dir()
        assert not stale.exists()
        with pytest.raises(BusyError), spool.opened(folder):
            pass
        assert folder.is_dir()
    assert not folder.exists()
