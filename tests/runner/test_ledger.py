"""The books of a run: what is handed out, what it reports, what its exit status says. Tasks and workers are faked."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema
import pytest

import schemas
from engine.errors import AudioError, EncodeError, InputError, MissingError, RenderError, WorkerError
from runner.interrupt import Stop
from runner.ledger import IDLE_LOSSES, Ledger
from runner.tally import Tally
from runner.terms import Terms

FIGURES = {"seconds": 1.0, "stages": {"render": {"seconds": 1.0}}, "peak_memory": {"runner": 1, "renderer": 1}}


def tasks(folder: Path, *names: str, reason: str | None = "new") -> Iterator[Any]:
    for name in names:
        outputs = SimpleNamespace(final=folder / f"{name}.mp4", manifest=None)
        task = SimpleNamespace(id=name, frame_count=3, canvas=SimpleNamespace(fps=Fraction(30)), outputs=outputs)
        task.to_dict = lambda name=name: {"id": name}
        yield task, reason


class Run:
    """A ledger, its events, and a worker that does what `outcomes` says."""

    def __init__(self, folder: Path, planned: Iterator[Any], *, fail_fast: bool = False, retries: int = 2) -> None:
        self.events: list[dict[str, Any]] = []
        self.stop = Stop()
        self.outcomes: dict[str, RenderError] = {}
        terms = Terms(run_dir=str(folder), cwd=str(folder), retries=retries, fail_fast=fail_fast)
        self.ledger = Ledger(planned, self._report, self.stop, terms)

    @property
    def tally(self) -> Tally:
        return self.ledger.tally

    def _report(self, event: Any) -> None:
        jsonschema.validate(event, schemas.load("event"))
        self.events.append(event)

    def begin(self, name: str, worker: str = "1", attempt: int = 1) -> None:
        event = {"event": "task_started", "task": name, "frames": 3, "fps": 30.0, "reason": "new", "output": "x"}
        self.ledger.take(worker, {**event, "attempt": attempt})

    def settle(self, name: str, worker: str = "1") -> None:
        error = self.outcomes.get(name)
        result: dict[str, Any] = {"task": name, "status": "done", "figures": FIGURES}
        if error is not None:
            said = {"message": error.message, "hint": error.hint, "exit_status": error.exit_status, "log": "x.log"}
            result = {"task": name, "status": "failed", "error": type(error).__name__, **said}
        self.ledger.settle(worker, result)

    def work(self) -> None:
        for task, _ in self.ledger.calls():
            self.begin(task["id"])
            self.settle(task["id"])

    def told(self, event: str) -> list[str]:
        return [one["task"] for one in self.events if one["event"] == event]


def test_a_failure_costs_one_task(tmp_path: Path) -> None:
    run = Run(tmp_path, tasks(tmp_path, "a", "b", "c"))
    run.outcomes["b"] = EncodeError("broke", "mend it")
    run.work()
    assert (run.tally.done, run.tally.failed, run.tally.exit_status) == (2, 1, 1)
    assert run.told("task_done") == ["a", "c"]
    failed = next(one for one in run.events if one["event"] == "task_failed")
    assert (failed["task"], failed["error"], failed["log"], failed["worker"]) == ("b", "EncodeError", "x.log", "1")
    assert not run.ledger.open


def test_fail_fast_hands_out_no_more(tmp_path: Path) -> None:
    run = Run(tmp_path, tasks(tmp_path, "a", "b", "c"), fail_fast=True)
    run.outcomes["b"] = EncodeError("broke")
    run.work()
    assert run.told("task_started") == ["a", "b"]
    assert run.tally.exit_status == 1
    assert run.ledger.ending
    assert not run.ledger.open


def test_what_is_up_to_date_is_skipped(tmp_path: Path) -> None:
    run = Run(tmp_path, tasks(tmp_path, "a", reason=None))
    run.work()
    assert not run.ledger.open
    assert (run.tally.skipped, run.tally.done, run.tally.exit_status) == (1, 0, 0)
    assert run.told("task_skipped") == ["a"]


def test_a_stop_lets_what_runs_finish(tmp_path: Path) -> None:
    run = Run(tmp_path, tasks(tmp_path, "a", "b", "c"))
    calls = run.ledger.calls()
    for name in ("a", "b"):
        next(calls)
        run.begin(name)
    run.stop.requested = True
    assert next(calls, None) is None
    assert not run.ledger.open
    run.settle("a")
    run.ledger.settle("2", {"task": "b", "status": "stopped"})
    assert run.told("task_done") == ["a"]
    assert run.tally.exit_status == 130


def test_a_stop_during_the_last_task_interrupts_nothing(tmp_path: Path) -> None:
    run = Run(tmp_path, tasks(tmp_path, "a"))
    for _ in run.ledger.calls():
        run.begin("a")
        run.stop.requested = True
        run.settle("a")
    assert run.tally.exit_status == 0


def test_an_interrupt_tells_what_was_running(tmp_path: Path) -> None:
    run = Run(tmp_path, tasks(tmp_path, "a", "b"))
    calls = run.ledger.calls()
    next(calls)
    next(calls)
    run.begin("a")
    run.ledger.interrupted()
    assert run.tally.exit_status == 130
    assert run.told("task_failed") == ["a"]
    assert run.events[-1]["exit_status"] == 130
    assert not run.ledger.open


def test_lost_tasks_are_handed_out_again_and_charged_to_who_died(tmp_path: Path) -> None:
    run = Run(tmp_path, tasks(tmp_path, "a", "b", "c"))
    calls = run.ledger.calls()
    for name, worker in (("a", "1"), ("b", "2")):
        next(calls)
        run.begin(name, worker)
    next(calls)  # handed out, not begun
    run.ledger.lost({"2"})
    assert run.told("task_retry") == ["b"]
    assert run.ledger.open
    again = {task["id"]: settings["attempt"] for task, settings in run.ledger.calls()}
    assert again == {"a": 1, "b": 2, "c": 1}


def test_a_task_that_keeps_killing_its_worker_is_given_up(tmp_path: Path) -> None:
    run = Run(tmp_path, tasks(tmp_path, "good", "poison"), retries=1)
    for attempt in (1, 2):
        for task, settings in run.ledger.calls():
            run.begin(task["id"], "2" if task["id"] == "poison" else "1", settings["attempt"])
        run.ledger.lost({"2"})
        assert len(run.told("task_retry")) == 1, attempt
    assert run.told("task_failed") == ["poison"]
    assert "killed 2 times" in run.events[-1]["message"]
    assert [task["id"] for task, _ in run.ledger.calls()] == ["good"]


def test_attempts_within_the_worker_count(tmp_path: Path) -> None:
    run = Run(tmp_path, tasks(tmp_path, "a"), retries=2)
    next(run.ledger.calls())
    run.begin("a")
    run.ledger.take("1", {"event": "task_retry", "task": "a", "attempt": 3, "wait": 2.0, "message": "x"})
    run.ledger.lost({"1"})
    assert run.told("task_failed") == ["a"]


def test_what_is_lost_after_a_stop_is_told_and_not_made_again(tmp_path: Path) -> None:
    run = Run(tmp_path, tasks(tmp_path, "a", "b"))
    next(run.ledger.calls())
    run.begin("a")
    run.stop.requested = True
    run.ledger.lost({"1"})
    assert run.told("task_failed") == ["a"]
    assert not run.ledger.open
    assert run.tally.exit_status == 130


def test_workers_that_die_before_they_work_end_the_run(tmp_path: Path) -> None:
    run = Run(tmp_path, tasks(tmp_path, "a"))
    next(run.ledger.calls())
    for _ in range(IDLE_LOSSES - 1):
        run.ledger.lost(set())
    with pytest.raises(WorkerError, match="before they take a task"):
        run.ledger.lost(set())


def test_late_news_of_a_finished_task_is_dropped(tmp_path: Path) -> None:
    run = Run(tmp_path, tasks(tmp_path, "a"))
    run.work()
    count = len(run.events)
    run.ledger.take("1", {"event": "progress", "task": "a", "stage": "render", "done": 3, "total": 3})
    run.settle("a")
    assert len(run.events) == count


def test_an_error_of_the_plan_comes_out(tmp_path: Path) -> None:
    def planned() -> Iterator[Any]:
        yield from tasks(tmp_path, "a")
        raise InputError("the track went away")

    run = Run(tmp_path, planned())
    run.work()
    assert run.told("task_done") == ["a"]
    with pytest.raises(InputError, match="went away"):
        _ = run.ledger.open


@pytest.mark.parametrize(
    ("errors", "status"),
    [
        ([], 0),
        ([MissingError("x")], 3),
        ([MissingError("x"), MissingError("y")], 3),
        ([MissingError("x"), EncodeError("y")], 1),
        ([AudioError("x")], 2),
    ],
)
def test_the_exit_status_is_the_failures_own_where_they_agree(errors: list[RenderError], status: int) -> None:
    assert Tally(failures=[("t", one) for one in errors]).exit_status == status
