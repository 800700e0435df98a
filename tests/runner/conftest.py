"""A folder with what the jobs of tests/jobs name: short tracks, files that are none, and presets of our own."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests import sounds

JOBS = Path(__file__).parent.parent / "jobs"

PLAIN = """\
version: 1
name: plain
description: A gradient.
tags: [test]
palette: ["#05070F", "#37e0a0"]
params:
  glow: {default: "0.4 + 0.6*bass", min: 0, max: 2, unit: "x", description: "brightness"}
  more: {default: "glow / 2", min: 0, max: 1, description: "uses an earlier parameter"}
layers:
  - {effect: solid, params: {gain: more}}
post: {vignette: {strength: 0.5}}
"""


BAD_SCENE = """\
version: 1
name: bad-scene
description: Everything that a scene can have wrong at once.
palette: embr
layers:
  - {name: sky, effect: solid, mask: hills, params: {top: 1.5}}
  - {name: hills, effect: rige, mask: sky, blend: overly, opacity: "bass +"}
  - {effect: ring, mask: {layer: hils}, params: {gain: 99, size: 1}}
post: {bloom: {strength: -1}, tonemap: {curve: filmc}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, samples in (("a.wav", 8000), ("b.wav", 12000)):
        tone = np.sin(np.arange(samples) / 10) / 2
        soundfile.write(tmp_path / name, tone, 8000)
    (tmp_path / "text.wav").write_text("This is no audio.\n" * 10)
    (tmp_path / "empty.wav").touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "plain.yaml").write_text(PLAIN)
    (tmp_path / "broken.yaml").write_text(PLAIN.replace("solid", "sold").replace("glow / 2", "later"))
    (tmp_path / "bad-scene.yaml").write_text(BAD_SCENE)
    return tmp_path


@pytest.fixture
def jobs_folder(folder: Path) -> Path:
    """The same, with every job of tests/jobs beside the tracks."""
    (folder / "text.wav").rename(folder / "text.wav.aside")
    (folder / "empty.wav").rename(folder / "empty.wav.aside")
    for path in sorted(JOBS.glob("valid/*.yaml")):
        shutil.copy(path, folder)
    return folder


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of the test's own, not made yet."""
    monkeypatch.setenv("TRACKREEL_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("TRACKREEL_CACHE_SIZE", raising=False)
    return tmp_path / "cache"


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """Half a second of a tone."""
    return sounds.write(tmp_path / "song.wav", sounds.sine(440, 0.5))
