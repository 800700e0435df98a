"""Tasks as a worker makes them: real render processes and ffmpegs that fail in one way each."""

from __future__ import annotations

import json
import os
import pickle
import signal
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from engine import ffmpeg
from runner import jobtask, plan
from runner.jobtask import Performer
from runner.session import Session
from runner.supervision import resident
from runner.task import Task
from runner.terms import Terms, stop
from tests import fake_ffmpeg, sounds
from tests.runner.test_worker import gone

FRAME = 64 * 48 * 4


@pytest.fixture(scope="module")
def performer() -> Iterator[Performer]:
    """One for all: what a task does must not spoil the next."""
    with Session(lambda _event: None) as session:
        yield Performer(session)


@pytest.fixture
def task(tmp_path: Path) -> Task:
    song = sounds.write(tmp_path / "song.wav", sounds.sine(440, 1.0))
    size = {"width": 64, "height": 48, "fps": "10", "speed": "ultrafast"}
    return plan.single({"audio": str(song), "out": str(tmp_path / "out/v.mp4"), **size})


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobtask, "backoff", lambda _attempt: 0.0)


class Run:
    """Performs a task with an ffmpeg that behaves so, and keeps the events."""

    def __init__(self, performer: Performer, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.performer, self.folder, self.monkeypatch = performer, folder, monkeypatch
        self.events: list[Mapping[str, Any]] = []
        self.react: Callable[[Mapping[str, Any]], None] = lambda _event: None
        (folder / "run/workers").mkdir(parents=True)

    def __call__(self, task: Task, behaviour: str = "", **terms: Any) -> dict[str, Any]:
        if behaviour:
            self.performer.session.stop()  # the environment of the next render process names the ffmpeg
            script = fake_ffmpeg.make(self.folder, behaviour, ffmpeg.find(), taken=2 * FRAME)
            self.monkeypatch.setenv(ffmpeg.VARIABLE, str(script))
        given = Terms(run_dir=str(self.folder / "run"), cwd=str(self.folder), **terms)
        return self.performer.perform(task, given, "new", 1, self.report)

    def report(self, event: Mapping[str, Any]) -> None:
        self.events.append(event)
        self.react(event)

    def told(self, event: str) -> list[Mapping[str, Any]]:
        return [one for one in self.events if one["event"] == event]


@pytest.fixture
def run(performer: Performer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    yield Run(performer, tmp_path, monkeypatch)
    performer.session.stop()


def half_written(task: Task) -> list[Path]:
    folder = task.outputs.final.parent
    return [one for one in folder.iterdir() if one not in task.outputs.wanted()] if folder.exists() else []


def test_a_task_is_made_and_the_next_starts_nothing(run: Run, task: Task) -> None:
    first = run(task)
    assert first["status"] == "done", first
    again = Task.from_dict({**task.to_dict(), "overwrite": True})
    second = run(again)
    assert first["figures"]["startup_seconds"] > 0
    assert second["figures"]["startup_seconds"] == 0
    assert len(run.told("renderer")) == 1
    assert json.loads(json.dumps(second)) == second  # plain data
    assert half_written(task) == []


def test_a_render_process_that_died_unasked_is_replaced(run: Run, task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    session = run.performer.session
    analyse = session.timeline

    def killing(one: Task) -> Any:  # the process was there when the task began, and is not when it is asked
        worker = session.worker(one.backend, one.threads)
        os.kill(worker.pid, signal.SIGKILL)
        worker._process.wait()
        return analyse(one)

    monkeypatch.setattr(session, "timeline", killing)
    result = run(task)
    assert result["status"] == "done", result
    assert result["figures"]["startup_seconds"] > 0
    assert run.told("task_retry") == []


def test_what_may_pass_is_tried_again(run: Run, task: Task) -> None:
    result = run(task, "is-killed-once")
    assert result["status"] == "done", result
    (retry,) = run.told("task_retry")
    assert (retry["attempt"], retry["message"][:26]) == (2, "ffmpeg was killed by SIGKI")
    assert [one["attempt"] for one in run.told("task_started")] == [1, 2]


def test_retries_end(run: Run, task: Task) -> None:
    result = run(task, "is-killed", retries=1)
    assert (result["status"], result["error"], len(run.told("task_retry"))) == ("failed", "EncoderStoppedError", 1)
    log = Path(result["log"])
    assert log.parent == run.folder / "run/logs"
    assert "attempt 1: " in log.read_text()
    assert "attempt 2: " in log.read_text()


def test_what_would_fail_again_is_not_tried_again_and_explained_in_a_log(run: Run, task: Task) -> None:
    result = run(task, "dies-in-mid-run")
    assert (result["error"], run.told("task_retry")) == ("EncodeError", [])
    assert "ffmpeg said:\n[enc @ 0x1] [error] the encoder broke" in Path(result["log"]).read_text()
    assert half_written(task) == []


def test_a_task_that_takes_too_long_is_stopped(run: Run, task: Task) -> None:
    result = run(task, "hangs", task_timeout=2.0, retries=0)
    assert result["error"] == "TaskTimeoutError"
    assert "longer than 2 seconds" in result["message"]
    assert gone(run.told("renderer")[-1]["group"])
    assert half_written(task) == []


def test_a_task_that_hangs_is_stopped(run: Run, task: Task) -> None:
    result = run(task, "hangs-at-trailer", stall_timeout=1.5, retries=0)
    assert result["error"] == "CrashError"
    assert "did not answer for 1.5 seconds" in result["message"]
    assert half_written(task) == []


def test_a_task_that_takes_too_much_memory_is_stopped_once(run: Run, task: Task) -> None:
    result = run(task, "hangs", max_memory=50_000_000, task_timeout=20.0, retries=2)
    assert result["error"] == "MemoryLimitError"
    assert "--max-memory allows 50 MB" in result["message"]
    assert run.told("task_retry") == []
    assert half_written(task) == []


def test_a_bug_costs_one_task(run: Run, task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError("of course")

    monkeypatch.setattr(jobtask.execute, "make", broken)
    result = run(task)
    assert (result["error"], result["message"]) == ("WorkerError", "internal: ZeroDivisionError: of course")
    assert "Traceback" in Path(result["log"]).read_text()


def test_a_stopped_run_begins_nothing(run: Run, task: Task) -> None:
    stop(Terms(run_dir=str(run.folder / "run"), cwd=str(run.folder)))
    assert run(task) == {"task": task.id, "status": "stopped"}
    assert run.events == []


def test_a_stopped_run_does_not_try_again(run: Run, task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobtask, "backoff", lambda _attempt: 60.0)
    terms = Terms(run_dir=str(run.folder / "run"), cwd=str(run.folder))
    run.react = lambda event: stop(terms) if event["event"] == "task_retry" else None
    result = run(task, "is-killed")
    assert (result["status"], len(run.told("task_retry"))) == ("failed", 1)


def test_fail_fast_stops_the_others(run: Run, task: Task) -> None:
    run(task, "dies-at-start", fail_fast=True)
    assert run(task)["status"] == "stopped"


def test_perform_never_raises() -> None:
    for settings in ({}, {"terms": {"run_dir": "/nowhere", "cwd": "/nowhere"}, "reason": "new", "attempt": 1}):
        result = jobtask.perform({"id": "t"}, settings)
        assert (result["task"], result["status"], result["exit_status"]) == ("t", "failed", 1)
        assert pickle.loads(pickle.dumps(result)) == result


def test_waits_grow_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert [jobtask.backoff(attempt) for attempt in (1, 2, 3, 9)] == [1, 2, 4, jobtask.LONGEST_WAIT]


def test_the_memory_of_what_is_gone_is_nothing() -> None:
    assert resident(2**22 + 1) == 0
