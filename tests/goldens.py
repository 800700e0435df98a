"""A folder with a short track, a verify job of two tasks and the job that updates its goldens."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

from tests import sounds, trackreel

VERIFY = """\
version: 1
kind: verify
name: v
audio: {source: song.wav, duration: 0.6}
video: {width: 64, height: 48, fps: 10}
golden: {dir: golden, name: "{scene.preset}"}
matrix: {scene.preset: [./plain.yaml, ./bars.yaml]}
"""
UPDATE = "version: 1\nkind: update-goldens\njobs: [v.yaml]\nreason: the first\n"
PRESET = """\
version: 1
name: %s
description: For goldens.
tags: [test]
palette: ["#05070F", "#37e0a0"]
params:
  gain: {default: "0.4 + 0.6*loudness", min: 0, max: 2, description: brightness}
layers:
  - {effect: %s, params: {gain: gain}}
"""


class Goldens:
    """The folder; its commands run in processes of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        sounds.write(folder / "song.wav", sounds.sine(440, 0.8))
        (folder / "v.yaml").write_text(VERIFY)
        (folder / "u.yaml").write_text(UPDATE)
        (folder / "plain.yaml").write_text(PRESET % ("plain", "solid"))
        (folder / "bars.yaml").write_text(PRESET % ("bars", "bars"))

    @property
    def hashes(self) -> Path:
        return self.folder / "golden/v/plain.framemd5"

    def verify(self, *words: str) -> subprocess.CompletedProcess[str]:
        return trackreel.run("verify", "v.yaml", *words, cwd=self.folder)

    def update(self, *words: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        return trackreel.run("run", "u.yaml", *words, cwd=self.folder, env={"CI": "", **(env or {})})

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.folder / name
        text = path.read_text()
        assert old in text, name
        path.write_text(text.replace(old, new))

    def state(self) -> dict[str, tuple[str, int]]:
        """The hash and the time of every file under golden/."""
        files = sorted(one for one in (self.folder / "golden").rglob("*") if one.is_file())
        root = self.folder / "golden"
        return {
            str(one.relative_to(root)): (hashlib.sha256(one.read_bytes()).hexdigest(), one.stat().st_mtime_ns)
            for one in files
        }
