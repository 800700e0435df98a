"""Threads for processors."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from runner import budget, plan
from runner.task import Task
from tests import sounds


@pytest.fixture
def task(tmp_path: Path) -> Task:
    song = sounds.write(tmp_path / "song.wav", sounds.sine(440, 0.5))
    return replace(plan.single({"audio": str(song), "out": str(tmp_path / "v.mp4")}), threads=4)


@pytest.mark.parametrize(
    ("processors", "count", "threads"), [(8, 1, 4), (8, 2, 4), (8, 4, 2), (8, 8, 1), (2, 8, 1), (16, 3, 4)]
)
def test_render_threads_are_shared_out_and_change_no_output(
    task: Task, monkeypatch: pytest.MonkeyPatch, processors: int, count: int, threads: int
) -> None:
    monkeypatch.setattr(budget, "processors", lambda: processors)
    fitted = budget.fit(task, count)
    assert fitted.threads == threads
    assert fitted.digest == task.digest


def test_a_crowd_is_told(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "processors", lambda: 2)
    assert budget.warning(budget.fit(task, 2), 2) is None
    assert "8 workers" in (budget.warning(budget.fit(task, 8), 8) or "")
    assert budget.warning(task, 1) is None


def test_automatic_workers_keep_the_processors_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "processors", lambda: 9)
    assert (budget.workers(0), budget.workers(3)) == (4, 3)
    monkeypatch.setattr(budget, "processors", lambda: 1)
    assert budget.workers(0) == 1
