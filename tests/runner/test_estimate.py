"""Estimates from earlier manifests: the nearest kind of task first, and no more reading than needed."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from runner import estimate, job, plan
from tests.runner.made import make


def test_without_manifests_it_says_so(tmp_path: Path) -> None:
    assert str(estimate.look(tmp_path / "none")) == "no earlier manifests to estimate from"


def test_tasks_take_what_those_like_them_took(jobs_folder: Path) -> None:
    root = jobs_folder / "out"
    (task,) = plan.tasks(job.load(jobs_folder / "minimal.yaml"), root)
    make(task)
    fast = replace(
        task, quality="fast", outputs=replace(task.outputs, final=root / "b.mp4", manifest=root / "b.manifest.json")
    )
    make(fast, measured={"seconds": 200.0})
    expected = estimate.look(root)
    for _ in range(3):
        expected.add(replace(task, frame_count=2 * task.frame_count))
    assert expected.seconds == pytest.approx(3 * 2 * 2.0)
    assert expected.bytes == pytest.approx(3 * 2 * 5000)
    assert str(expected) == "about 12 s in one worker and 30.0 kB of disk, by earlier manifests"
    other = estimate.look(root)
    other.add(replace(task, quality="ultra"))
    assert other.seconds == pytest.approx((2.0 + 200.0) / 2)


def test_broken_manifests_and_endless_folders_are_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ("", "[]", "{}", json.dumps({"task": {"canvas": 1}}), "[" * 100_000):
        (tmp_path / f"{len(text)}.manifest.json").write_text(text)
    (tmp_path / "loop").symlink_to(tmp_path)
    assert estimate.look(tmp_path).rates == {}
    monkeypatch.setattr(estimate, "MAX_ENTRIES", 3)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "x.manifest.json").touch()
    assert len(list(estimate._manifests(tmp_path))) == 4


@pytest.mark.parametrize(
    ("seconds", "text"), [(5, "5 s"), (99, "99 s"), (600, "10 min"), (12000, "3 h 20 min"), (1e6, "277 h 47 min")]
)
def test_times_for_people(seconds: float, text: str) -> None:
    assert estimate.clock(seconds) == text


@pytest.mark.parametrize(("count", "text"), [(5e3, "5.0 kB"), (3.25e9, "3.2 GB"), (7e13, "70.0 TB")])
def test_sizes_for_people(count: float, text: str) -> None:
    assert estimate.size(count) == text
