"""The order of a run: what stops it, what it reports, and what its exit status says. Tasks are faked here alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema
import pytest

import schemas
from engine.errors import AudioError, EncodeError, MissingError, RenderError
from runner import execute, interrupt

FIGURES = {"seconds": 1.0, "stages": {"render": {"seconds": 1.0}}, "peak_memory": {"runner": 1, "renderer": 1}}


@dataclass
class FakeSession:
    events: list[dict[str, Any]]
    stopped: bool = False

    def report(self, event: dict[str, Any]) -> None:
        jsonschema.validate(event, schemas.load("event"))
        self.events.append(event)

    def stop(self) -> None:
        self.stopped = True


@pytest.fixture
def session() -> FakeSession:
    return FakeSession([])


@pytest.fixture
def outcomes(monkeypatch: pytest.MonkeyPatch) -> dict[str, BaseException]:
    """Task id -> what making it raises; others succeed."""
    raised: dict[str, BaseException] = {}

    def make(_session: Any, task: Any) -> dict[str, Any]:
        if task.id in raised:
            raise raised[task.id]
        return FIGURES

    monkeypatch.setattr(execute, "make", make)
    return raised


def tasks(*names: str, reason: str | None = "new") -> Iterator[Any]:
    for name in names:
        outputs = SimpleNamespace(final=Path(f"{name}.mp4"))
        yield SimpleNamespace(id=name, frame_count=3, canvas=SimpleNamespace(fps=Fraction(30)), outputs=outputs), reason


def names(session: FakeSession, event: str) -> list[str]:
    return [one["task"] for one in session.events if one["event"] == event]


def test_a_failure_costs_one_task(session: FakeSession, outcomes: dict[str, BaseException]) -> None:
    outcomes["b"] = EncodeError("broke", "mend it")
    tally = execute.run(tasks("a", "b", "c"), session, interrupt.Stop())
    assert (tally.done, tally.failed, tally.exit_status) == (2, 1, 1)
    assert names(session, "task_done") == ["a", "c"]
    assert names(session, "task_failed") == ["b"]


def test_fail_fast_stops_there(session: FakeSession, outcomes: dict[str, BaseException]) -> None:
    outcomes["b"] = EncodeError("broke")
    tally = execute.run(tasks("a", "b", "c"), session, interrupt.Stop(), fail_fast=True)
    assert names(session, "task_started") == ["a", "b"]
    assert tally.exit_status == 1


def test_what_is_up_to_date_is_skipped(session: FakeSession, outcomes: dict[str, BaseException]) -> None:
    tally = execute.run(tasks("a", reason=None), session, interrupt.Stop())
    assert (tally.skipped, tally.done, tally.exit_status) == (1, 0, 0)
    assert names(session, "task_skipped") == ["a"]


def test_a_stop_is_heeded_between_tasks(session: FakeSession, outcomes: dict[str, BaseException]) -> None:
    stop = interrupt.Stop()

    def planned() -> Iterator[Any]:
        yield from tasks("a")
        stop.requested = True
        yield from tasks("b")

    tally = execute.run(planned(), session, stop)
    assert names(session, "task_done") == ["a"]
    assert tally.exit_status == 130


def test_an_interrupt_kills_the_worker_and_is_told(session: FakeSession, outcomes: dict[str, BaseException]) -> None:
    outcomes["b"] = KeyboardInterrupt()
    tally = execute.run(tasks("a", "b", "c"), session, interrupt.Stop())
    assert session.stopped
    assert tally.exit_status == 130
    assert session.events[-1]["event"] == "task_failed"
    assert session.events[-1]["exit_status"] == 130


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
    assert execute.Tally(failures=[("t", one) for one in errors]).exit_status == status
