"""Manifests: what they say, and that a file is whole or absent."""

import json
import os
import stat
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import OutputError
from runner import job, manifest, plan
from runner.task import Task


@pytest.fixture
def task(jobs_folder: Path) -> Task:
    return next(plan.tasks(job.load(jobs_folder / "minimal.yaml"), jobs_folder / "out"))


def build(task: Task, **changes: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "audio": {"sample_rate": 8000, "channels": 1, "samples": 8000},
        "frames": task.frame_count,
        "output_sha256": "0" * 64,
        "output_bytes": 123,
        "command": ["ffmpeg", "-i", "x"],
        "versions": {"trackreel": "0"},
        "stages": {"render": manifest.summarise([0.1, 0.2])},
    }
    return manifest.build(task, **{**facts, **changes})


def test_a_manifest_is_read_back_and_holds_the_whole_task(task: Task, tmp_path: Path) -> None:
    path = tmp_path / "x.manifest.json"
    manifest.write(path, build(task))
    record = manifest.read(path)
    assert record is not None
    assert Task.from_dict(record["task"]) == task
    assert record["digest"] == task.digest
    assert record["audio"]["sha256"] == task.audio_sha256 == manifest.sha256(task.audio)
    assert record["output"] == {
        "path": "plain-a-720p.mp4",
        "sha256": "0" * 64,
        "bytes": 123,
        "frames": 60,
        "seconds": 1.0,
    }
    assert record["quality"] == {"name": "balanced", "samples": 1, "texture_scale": 2, "blur_samples": 2}
    assert record["stages"]["render"]["seconds"] == pytest.approx(0.3)


@pytest.mark.parametrize(
    "changes", [{"output_sha256": "xyz"}, {"frames": 0}, {"command": []}, {"versions": {}}, {"stages": {"render": {}}}]
)
def test_a_wrong_manifest_is_not_built(task: Task, changes: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        build(task, **changes)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": 1}', "[" * 100_000, "\xff"])
def test_what_is_no_manifest_counts_as_none(tmp_path: Path, content: str) -> None:
    path = tmp_path / "x.manifest.json"
    path.write_bytes(content.encode("latin-1"))
    assert manifest.read(path) is None
    assert manifest.read(tmp_path / "missing") is None


def test_write_atomic_replaces_and_leaves_nothing_beside(tmp_path: Path) -> None:
    path = tmp_path / "f"
    manifest.write_atomic(path, "old")
    (tmp_path / "reader").hardlink_to(path)
    manifest.write_atomic(path, "néw\n")
    assert path.read_bytes() == "néw\n".encode()
    assert (tmp_path / "reader").read_text() == "old"  # who has the old file open never sees it change
    assert sorted(one.name for one in tmp_path.iterdir()) == ["f", "reader"]


def test_write_atomic_keeps_the_old_file_when_it_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "f"
    manifest.write_atomic(path, "old")

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OutputError, match="disk full"):
        manifest.write_atomic(path, "new")
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["f"]


def test_write_atomic_obeys_the_umask_and_long_names(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 255)
    before = os.umask(0o027)
    try:
        manifest.write_atomic(path, b"x")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_write_atomic_into_no_folder(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot write"):
        manifest.write_atomic(tmp_path / "none" / "f", "x")


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=50))
def test_summaries_lie_within_the_samples(samples: list[float]) -> None:
    found = manifest.summarise(samples)
    assert min(samples) <= found["median"] <= found["p95"] <= max(samples) or len(samples) < 3
    assert sum(one <= found["p95"] for one in samples) >= 0.95 * len(samples)
    assert json.loads(json.dumps(found)) == found


def test_summary_of_known_samples() -> None:
    assert manifest.summarise([float(n) for n in range(1, 101)]) == {"seconds": 5050.0, "median": 50.5, "p95": 95.0}
    assert manifest.summarise([]) == {"seconds": 0.0}
