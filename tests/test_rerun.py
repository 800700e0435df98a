"""What a second run makes again: exactly what a change reaches."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
import soundfile

from tests.runner.conftest import PLAIN
from tests.trackreel import run

JOB = """\
version: 1
audio: {source: "*.wav"}
video: {width: 64, height: 48, fps: 5}
matrix:
  scene.preset: [./one.yaml, ./two.yaml]
output: {path: "{scene.preset}-{audio.stem}.mp4"}
"""


def again(folder: Path) -> tuple[dict[str, str], set[str]]:
    """Run; the tasks that were made with their reasons, and those that were skipped."""
    done = run("run", "job.yaml", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    made = {one["task"]: one["reason"] for one in events if one["event"] == "task_started"}
    return made, {one["task"] for one in events if one["event"] == "task_skipped"}


def test_a_touched_track_and_a_changed_preset(tmp_path: Path) -> None:
    for name in ("a.wav", "b.wav"):
        soundfile.write(tmp_path / name, np.sin(np.arange(8000) / 10) / 2, 8000)
    for name in ("one.yaml", "two.yaml"):
        (tmp_path / name).write_text(PLAIN)
    (tmp_path / "job.yaml").write_text(JOB)
    everything = {"one-a", "one-b", "two-a", "two-b"}
    assert again(tmp_path) == (dict.fromkeys(everything, "new"), set())

    os.utime(tmp_path / "a.wav", ns=(1, 1))
    shutil.copy(tmp_path / "b.wav", tmp_path / "copy")
    (tmp_path / "copy").replace(tmp_path / "b.wav")
    assert again(tmp_path) == ({}, everything)

    (tmp_path / "two.yaml").write_text(PLAIN.replace("glow / 2", "glow / 3"))
    expected = dict.fromkeys(("two-a", "two-b"), "changed: preset file ./two.yaml")
    assert again(tmp_path) == (expected, {"one-a", "one-b"})
