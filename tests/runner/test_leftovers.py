"""What a killed run leaves: removed where it is nobody's, and nothing else."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from engine import filelock
from engine.sinks.output import Partial
from runner import leftovers, plan
from runner.leftovers import OwnedFolder
from runner.task import Task
from tests import sounds


@pytest.fixture
def task(tmp_path: Path) -> Task:
    song = sounds.write(tmp_path / "song.wav", sounds.sine(440, 0.5))
    made = plan.single({"audio": str(song), "out": str(tmp_path / "v.mp4"), "fps": "10"})
    return replace(made, outputs=replace(made.outputs, manifest=tmp_path / "v.manifest.json"))


@pytest.mark.parametrize(
    "name", [".v.mp4.part.mp4", ".v.part.framemd5", ".0123456789ab.part", ".v.timeline.part.jsonl"]
)
def test_a_partial_file_is_removed_once_nobody_holds_it(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with path.open("wb") as file:
        assert filelock.take(file.fileno())
        assert not leftovers.sweep_folder(tmp_path)
        assert path.exists()
    assert leftovers.sweep_folder(tmp_path)
    assert not path.exists()


@pytest.mark.parametrize("name", ["v.part.mp4", ".v.mp4", ".notes.part.txt", ".0123.part", "v.mp4", ".part"])
def test_other_files_stay(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert leftovers.sweep_folder(tmp_path)
    assert (tmp_path / name).exists()


def test_links_and_folders_stay(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("x")
    (tmp_path / ".v.part.mp4").symlink_to("precious")
    (tmp_path / ".w.part.mp4").mkdir()
    leftovers.sweep_folder(tmp_path)
    assert len(list(tmp_path.iterdir())) == 3
    assert leftovers.sweep_folder(tmp_path / "missing")


def test_what_is_being_written_stays(tmp_path: Path) -> None:
    partial = Partial(tmp_path / "v.mp4")
    leftovers.sweep_folder(tmp_path)
    assert partial.path.exists()
    partial.discard()


def test_temporary_folders_of_the_dead_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    mine, dead = OwnedFolder.temporary(), OwnedFolder.temporary()
    os.close(dead._file)  # as the system does with a killed process
    other = tmp_path / "trackreel-of-somebody"
    other.mkdir()
    leftovers.sweep_temporary()
    assert mine.path.exists()
    assert not dead.path.exists()
    assert other.exists()
    mine.remove()
    mine.remove()
    assert list(tmp_path.iterdir()) == [other]


def test_a_claim_lasts_until_the_manifest_is_there(task: Task) -> None:
    assert task.outputs.manifest is not None
    leftovers.claim(task)
    task.outputs.final.touch()
    leftovers.release(task)
    leftovers.sweep_folder(task.outputs.final.parent)
    assert leftovers.claimed(task)
    task.outputs.manifest.touch()
    leftovers.release(task)
    assert not leftovers.claimed(task)


def test_a_claim_to_what_never_appeared_is_removed(task: Task) -> None:
    leftovers.claim(task)
    assert leftovers.claimed(task)
    leftovers.sweep_folder(task.outputs.final.parent)
    assert not leftovers.claimed(task)


def test_a_claim_lasts_while_anything_claimed_is_there(task: Task) -> None:
    beside = task.outputs.final.with_suffix(".framemd5")
    task = replace(task, outputs=replace(task.outputs, framemd5=beside))
    leftovers.claim(task)
    beside.touch()  # it gets its name before the video does
    leftovers.sweep_folder(beside.parent)
    leftovers.release(task)
    assert leftovers.claimed(task)


def test_no_claim_where_a_manifest_tells(task: Task) -> None:
    assert task.outputs.manifest is not None
    task.outputs.manifest.touch()
    leftovers.claim(task)
    assert not leftovers.claimed(task)
