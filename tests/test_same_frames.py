"""A job's frames follow from the job alone, and an excerpt shows what the whole shows: a preset of each kind.

The others' frames are compared with their goldens by `make check`, and drawn by tests/engine/test_presets.py.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import sounds
from tests.kinds import KINDS
from tests.trackreel import run

JOB = """\
version: 1
name: all
audio: {source: song.wav, duration: 0.5}
video: {width: 160, height: 90, fps: 30}
encode: {speed: ultrafast}
output: {path: "{scene.preset}-{seed}.mp4", framemd5: true}
matrix: {scene.preset: [NAMES], seed: [1, 2]}
"""
FIRST, COUNT = 6, 6


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `first` and `again` (the same job twice) and `part` (frames 6 to 11, drawn by two threads).

    Few runs: each preset costs half a second before its first frame, and seconds with another number of threads.
    """
    folder = tmp_path_factory.mktemp("presets")
    loop = sounds.drum_loop(140, 3.0).sound
    sounds.write(folder / "song.wav", np.stack([loop, np.roll(loop, 90)], axis=1))
    (folder / "job.yaml").write_text(JOB.replace("NAMES", ", ".join(KINDS)))
    one = ("--only", "*-1")
    excerpt = ("engine.threads=2", f"audio.start={FIRST / 30}", f"audio.duration={COUNT / 30}")
    part = [word for value in excerpt for word in ("--set", value)]
    for name, words in (("first", ()), ("again", one), ("part", (*one, *part))):
        done = run("run", "job.yaml", "-q", "--out-root", name, *words, cwd=folder)
        assert done.returncode == 0, done.stderr
    return folder


def hashes(path: Path) -> list[str]:
    return [line.split()[-1] for line in path.read_text().splitlines() if not line.startswith("#")]


def lasting(path: Path) -> dict[str, Any]:
    """A manifest without what one run differs in from the next: times, memory and the output's folder."""
    record = json.loads(path.read_text())
    for name in ("stages", "measured"):
        record.pop(name)
    text = json.dumps(record)
    return json.loads(text.replace(f"{path.parent.name}/", ""))


@pytest.mark.parametrize("name", KINDS)
def test_the_same_job_makes_the_same_bytes(made: Path, name: str) -> None:
    for suffix in (".mp4", ".framemd5"):
        first, again = ((made / folder / f"{name}-1{suffix}").read_bytes() for folder in ("first", "again"))
        assert first == again
    first, again = (lasting(made / folder / f"{name}-1.manifest.json") for folder in ("first", "again"))
    assert first == again


@pytest.mark.parametrize("name", KINDS)
def test_another_seed_changes_every_frame(made: Path, name: str) -> None:
    one, two = (hashes(made / "first" / f"{name}-{seed}.framemd5") for seed in (1, 2))
    assert len(one) == len(set(one)) == 15
    assert set(one).isdisjoint(two)


@pytest.mark.parametrize("name", KINDS)
def test_an_excerpt_drawn_by_two_threads_shows_the_frames_of_the_whole(made: Path, name: str) -> None:
    """Of presets with memory too: it starts within their pre-roll from the track's first frame."""
    whole, part = (hashes(made / folder / f"{name}-1.framemd5") for folder in ("first", "part"))
    assert part == whole[FIRST : FIRST + COUNT]
