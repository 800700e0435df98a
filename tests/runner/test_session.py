"""What a run holds: whose analysis it uses, and that nothing is left behind. No render process is started here."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from engine.errors import InputError
from runner import plan
from runner.session import Session
from runner.task import Task
from tests import sounds


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setenv("TRACKREEL_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def tasks(tmp_path: Path) -> list[Task]:
    song = sounds.write(tmp_path / "song.wav", sounds.sine(440, 0.5))
    return [
        plan.single({"audio": str(song), "out": str(tmp_path / f"{one}.mp4"), "preset": one, "fps": "10"})
        for one in ("aurora", "tunnel")
    ]


def analyses(events: list[Mapping[str, Any]]) -> list[str]:
    """The tasks that had to analyse."""
    return [one["task"] for one in events if one["event"] == "progress" and one["done"] == one["total"]]


def test_presets_and_runs_share_an_analysis(temporary: Path, tasks: list[Task]) -> None:
    events: list[Mapping[str, Any]] = []
    for _ in range(2):
        with Session(events.append) as session:
            folders = {session.timeline(task)[0] for task in tasks}
            assert len(folders) == 1
    assert analyses(events) == [tasks[0].id]
    assert list(temporary.iterdir()) == []


def test_a_benchmark_analyses_each_time(temporary: Path, tasks: list[Task]) -> None:
    events: list[Mapping[str, Any]] = []
    with Session(events.append, cached=False) as session:
        for _ in range(2):
            session.timeline(tasks[0])
            session.forget_timeline()
    assert analyses(events) == [tasks[0].id] * 2
    assert list(temporary.iterdir()) == []


def test_a_cache_that_does_not_work_is_told_once(temporary: Path, tasks: list[Task], tmp_path: Path) -> None:
    (tmp_path / "cache" / "timelines").write_text("a file where the folder should be")
    events: list[Mapping[str, Any]] = []
    with Session(events.append) as session:
        for _ in range(2):
            folder, _figures = session.timeline(tasks[0])
            assert folder.is_relative_to(temporary)
            session.forget_timeline()
    warned = [one for one in events if one["event"] == "warning"]
    assert [one["task"] for one in warned] == [tasks[0].id]
    assert list(temporary.iterdir()) == []


def test_a_wrong_size_is_an_error_before_anything_starts(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKREEL_CACHE_SIZE", "much")
    with pytest.raises(InputError, match="'much' is not a size"):
        Session(lambda _: None)
    assert list(temporary.iterdir()) == []
