"""Why a task runs: which input, value, preset, engine or tool changed; and nothing runs for the date of a file."""

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from runner import job, manifest, plan, status
from runner.status import Status
from runner.task import Task
from tests.runner.conftest import PLAIN
from tests.runner.made import make


def single(path: Path, **overrides: str) -> Task:
    loaded = job.load(path, {key.replace("__", "."): value for key, value in overrides.items()})
    (task,) = plan.tasks(loaded, path.parent / "out")
    return task


@pytest.fixture
def path(jobs_folder: Path) -> Path:
    """A job whose one task is up to date."""
    task = single(jobs_folder / "minimal.yaml")
    assert str(status.status(task)) == "new"
    make(task)
    assert status.status(task) == Status("current")
    return jobs_folder / "minimal.yaml"


def now(path: Path, **overrides: str) -> tuple[str, str]:
    found = status.status(single(path, **overrides))
    return found.reason, str(found)


def edit(path: Path, key: str, value: Any) -> None:
    """Change a dotted key of the task's manifest."""
    place = single(path).outputs.manifest
    assert place is not None
    record = json.loads(place.read_bytes())
    *parents, last = key.split(".")
    inner = record
    for name in parents:
        inner = inner[name]
    inner[last] = value
    place.write_text(json.dumps(record))


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ({"seed": "5", "scene.params.glow": "1"}, "seed 0 -> 5, scene.params.glow 0.4 + 0.6*bass -> 1"),
        ({"video.fps": "30000/1001"}, "video.fps 60 -> 30000/1001, audio.duration (frames) 60 -> 30"),
        ({"encode.crf": "30", "encode.speed": "fast"}, "encode.crf 20 -> 30, encode.speed veryfast -> fast"),
        ({"scene.switch.mode": "time"}, "scene.switch.mode manual -> time"),
        ({"audio.duration": "0.5", "audio.start": "0.25"},
         "audio.start (first frame) 0 -> 15, audio.duration (frames) 60 -> 30"),
        ({"engine.quality": "high", "seed": "1", "video.width": "64", "video.fps": "10", "encode.crf": "1"},
         "video.width 1280 -> 64, video.fps 60 -> 10, engine.quality balanced -> high, seed 0 -> 1 and 2 more"),
    ],
)  # fmt: skip
def test_values_are_named_as_in_the_job(path: Path, overrides: dict[str, str], words: str) -> None:
    assert now(path, **overrides) == ("parameter", f"changed: {words}")


def test_another_preset_and_a_changed_preset_file(path: Path) -> None:
    record = single(path).outputs.manifest
    assert record is not None
    shutil.copy(record, kept := path.parent / "kept.json")
    other = single(path, scene__preset="aurora")
    shutil.copy(kept, record)
    found = status.status(replace(other, outputs=single(path).outputs))
    assert (found.reason, found.detail) == ("parameter", "scene.preset ./plain.yaml -> aurora")
    (path.parent / "plain.yaml").write_text(PLAIN + "# a remark\n")
    assert now(path) == ("", "up to date")  # it draws the same
    (path.parent / "plain.yaml").write_text(PLAIN.replace("0.5}", "0.25}"))
    assert now(path) == ("preset", "changed: preset file ./plain.yaml")


def test_the_bytes_of_a_track_count_and_not_its_date(path: Path) -> None:
    track = path.parent / "a.wav"
    os.utime(track, ns=(1, 1))
    assert now(path) == ("", "up to date")
    shutil.copy(track, path.parent / "copy.wav")
    (path.parent / "copy.wav").replace(track)
    assert now(path) == ("", "up to date")
    with track.open("ab") as stream:
        stream.write(b"\0" * 16)
    os.utime(track, ns=(1, 1))
    assert now(path) == ("audio", "changed: the bytes of a.wav")


def test_outputs_that_are_gone_or_were_changed(path: Path) -> None:
    task = single(path)
    task.outputs.final.write_bytes(b"other")
    assert now(path) == ("output", "changed: the output is not the file that the manifest describes")
    task.outputs.final.unlink()
    assert now(path) == ("output", "missing output: plain-a-720p.mp4")
    task.outputs.final.write_bytes(b"video")
    with_hashes = replace(task, outputs=replace(task.outputs, framemd5=path.parent / "x.framemd5"))
    assert str(status.status(with_hashes)) == "missing output: x.framemd5"


def test_engine_and_tools(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edit(path, "versions.ffmpeg", "0.5")
    assert now(path)[0] == "tool"
    assert now(path)[1].startswith("changed: ffmpeg 0.5 -> ")
    make(single(path))
    edit(path, "versions.libsndfile", "0.1")
    assert now(path)[1].startswith("changed: libsndfile 0.1 -> ")
    edit(path, "audio.decoder", "ffmpeg")
    assert now(path) == ("", "up to date")  # libsndfile did not read this track
    edit(path, "task.drawing", 0)
    edit(path, "digest", "0" * 64)
    assert now(path) == ("engine", "changed: the engine's drawing 0 -> 1")


@pytest.mark.parametrize("text", ["", "[]", "{}", "[" * 100_000, '{"digest": 3}', '{"digest": "x", "versions": {}}'])
def test_what_is_no_manifest_of_ours_makes_a_task_new(path: Path, text: str) -> None:
    place = single(path).outputs.manifest
    assert place is not None
    place.write_text(text)
    assert now(path) == ("", "new")


def test_a_manifest_of_an_older_version_is_understood(path: Path) -> None:
    place = single(path).outputs.manifest
    assert place is not None
    record = json.loads(place.read_bytes())
    for name in ("presets", "drawing"):
        del record["task"][name]
    place.write_text(json.dumps(record))
    assert manifest.read(place) is not None
    assert now(path) == ("", "up to date")
    assert now(path, seed="3") == ("parameter", "changed: seed 0 -> 3")


def test_an_up_to_date_task_is_not_validated_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifest, "validate", lambda _: pytest.fail("slow"))
    assert now(path) == ("", "up to date")
