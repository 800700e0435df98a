"""The run directory: what is kept of a run, on a full disk and after a crash too."""

from __future__ import annotations

import errno
import json
import os
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema
import pytest

import schemas
from runner import eventlog
from runner.record import Record

FIGURES = {"seconds": 2.0, "stages": {"analyse": {"seconds": 0.5}, "render": {"seconds": 1.5}}}
WELL = SimpleNamespace(exit_status=0, interrupted=False)


class Shown:
    """A reporter that remembers, and may raise an event of its own as a signal handler does."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def __call__(self, event: Any) -> None:
        jsonschema.validate(event, schemas.load("event"))
        self.events.append(dict(event))

    def close(self) -> None:
        pass

    def names(self) -> list[str]:
        return [one["event"] for one in self.events]


def started(task: str, **more: Any) -> dict[str, Any]:
    return {"event": "task_started", "task": task, "frames": 60, "fps": 30.0, "reason": "new", "output": "o", **more}


def done(task: str, **more: Any) -> dict[str, Any]:
    return {"event": "task_done", "task": task, "frames": 60, "fps": 30.0, "output": "o", **FIGURES, **more}


def failed(task: str, **more: Any) -> dict[str, Any]:
    reason = {"error": "EncodeError", "message": "broke", "hint": "mend it", "exit_status": 1}
    return {"event": "task_failed", "task": task, **reason, **more}


def feed(record: Record, *events: dict[str, Any]) -> None:
    record({"event": "run_started", "jobs": ["a.yaml"], "run_dir": "r", "workers": 2, "tasks": 3})
    for event in events:
        record(event)


def test_events_are_kept_and_the_summary_counts_them(tmp_path: Path) -> None:
    shown = Shown()
    with closing(Record(tmp_path / "run", shown)) as record:
        feed(
            record,
            {"event": "task_skipped", "task": "s", "reason": "up to date"},
            started("a"),
            {"event": "progress", "task": "a", "stage": "render", "done": 3, "total": 60, "fps": 30.0},
            done("a", worker="2"),
            started("b"),
            {"event": "task_retry", "task": "b", "attempt": 2, "wait": 1.0, "message": "killed"},
            started("b", attempt=2),
            failed("b", worker="10", log="logs/b.log"),
        )
        record.finish(SimpleNamespace(exit_status=1, interrupted=False))
        assert record.complete
    kept = [one["event"] for one in eventlog.read(tmp_path / "run" / "events.jsonl")]
    assert kept == [name for name in shown.names() if name != "progress"]
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert {key: summary[key] for key in ("tasks", "done", "skipped", "failed", "retries", "exit_status")} == {
        "tasks": 3, "done": 1, "skipped": 1, "failed": 1, "retries": 1, "exit_status": 1,
    }  # fmt: skip
    assert summary["video_seconds"] == 2.0
    assert summary["stages"] == {"analyse": 0.5, "render": 1.5}
    assert [one["worker"] for one in summary["per_worker"]] == ["2", "10"]
    assert summary["failures"] == [
        {"task": "b", "error": "EncodeError", "message": "broke", "hint": "mend it", "exit_status": 1,
         "log": "logs/b.log", "worker": "10", "attempts": 2}
    ]  # fmt: skip


def test_an_interrupted_task_is_no_failure(tmp_path: Path) -> None:
    with closing(Record(tmp_path, Shown())) as record:
        feed(record, started("a"), failed("a", exit_status=130))
        record.finish(SimpleNamespace(exit_status=130, interrupted=True))
        assert (record.summary["failed"], record.summary["interrupted"]) == (0, True)


def test_an_event_out_of_a_signal_handler_waits_its_turn(tmp_path: Path) -> None:
    class Interrupted(Shown):
        def __call__(self, event: Any) -> None:
            if event["event"] == "task_started":
                record.stopping()
            super().__call__(event)

    shown = Interrupted()
    with closing(Record(tmp_path, shown)) as record:
        feed(record, started("a"), done("a"))
    assert shown.names() == ["run_started", "task_started", "stopping", "task_done"]
    assert [one["event"] for one in eventlog.read(tmp_path / "events.jsonl")] == shown.names()


def test_a_full_disk_is_told_once_and_what_waits_is_written_when_there_is_space(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full, write = [True], os.write

    def limited(file: int, data: bytes) -> int:
        if full[0]:
            if len(data) > 9:
                return write(file, data[:9])  # a disk takes what it has room for, then refuses
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(file, data)

    monkeypatch.setattr(eventlog.os, "write", limited)
    shown = Shown()
    with closing(Record(tmp_path, shown)) as record:
        feed(record, started("a"), done("a"), started("b"))
        assert not record.complete
        assert shown.names().count("warning") == 1
        full[0] = False
        record(done("b"))
        record.finish(WELL)
        assert record.complete
    kept = [one["event"] for one in eventlog.read(tmp_path / "events.jsonl")]
    assert sorted(kept) == sorted(shown.names())


def test_a_summary_that_cannot_be_written_leaves_the_run_alive(tmp_path: Path) -> None:
    shown = Shown()
    with closing(Record(tmp_path, shown)) as record:
        feed(record)
        (tmp_path / "summary.json").mkdir()
        record.finish(WELL)
        assert not record.complete
    assert shown.names()[-1] == "warning"


def test_a_torn_last_line_is_tolerated_and_the_next_run_starts_afresh(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b'{"event": "run_started"}\n{"event": "task_do')
    assert [one["event"] for one in eventlog.read(path)] == ["run_started"]
    log = eventlog.EventLog(path)
    log.write({"event": "stopping", "message": "bad \udcff name"})
    log.close()
    assert [one["event"] for one in eventlog.read(path)] == ["run_started", "stopping"]
    assert all(line for line in path.read_bytes().splitlines())
