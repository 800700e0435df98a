"""Thirty tasks while whatever makes them is killed with -9, again and again; in the end nobody can tell."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import psutil

from tests import trackreel
from tests.batch_runs import Batch

SEED = int(os.environ.get("TRACKREEL_CHAOS_SEED", "1"))
"""Another one kills others at other moments: `TRACKREEL_CHAOS_SEED=7 pytest tests/test_chaos.py`."""

TRACKS = {f"track{index}": 110 + 40 * index for index in range(10)}
JOB = """\
version: 1
name: chaos
audio: {source: "*.wav", duration: 1}
video: {width: 64, height: 48, fps: 10}
encode: {speed: ultrafast}
output: {timeline: true, framemd5: true}
matrix: {scene.preset: [aurora, scope, tunnel]}
"""
KILLS = {"run": 4, "worker": 5, "renderer": 5, "ffmpeg": 6}
RUNS = 40
"""More than this, and something never gets done."""


def test_nobody_can_tell_what_was_killed(tmp_path: Path) -> None:
    calm = Batch(tmp_path / "calm", JOB, TRACKS)
    assert calm.run("-q", "-j", "2").returncode == 0
    assert len(calm.hashes()) == 90  # videos, timelines, framemd5

    batch = Batch(tmp_path / "chaos", JOB, TRACKS)
    killer = Killer(batch, SEED)
    for _ in range(RUNS):
        if killer.run() == 0 and not killer.left:
            break
    assert killer.left == []
    assert killer.kills == 20
    assert batch.hashes() == calm.hashes()
    assert batch.leftovers() == []
    assert len(list((batch.folder / "out").rglob("*.manifest.json"))) == 30
    again = batch.start()
    assert again.end() == (0, "")
    assert len(again.told("task_skipped")) == 30


class Killer:
    """Starts runs and kills what belongs to them, at moments that follow from the seed."""

    def __init__(self, batch: Batch, seed: int) -> None:
        chance = random.Random(seed)
        kinds = [kind for kind, count in KILLS.items() for _ in range(count)]
        chance.shuffle(kinds)
        self.batch = batch
        self.left = [(kind, chance.uniform(0.0, 1.5)) for kind in kinds]
        self.kills = 0

    def run(self) -> int:
        """One run, with what it gets killed; its exit status. Once everything is made, it is made again."""
        force = ("--force",) if self.left and len(self.batch.hashes()) == 90 else ()
        process = trackreel.start(
            "run", "job.yaml", "-q", "-j", "2", *force, cwd=self.batch.folder, env=self.batch.environment
        )
        while self.left and process.poll() is None:
            kind, delay = self.left[0]
            time.sleep(delay)
            if self.kill(kind, process):
                self.left.pop(0)
                self.kills += 1
        _, said = process.communicate(timeout=120)
        assert process.returncode in {0, 1, -signal.SIGKILL}, said
        assert "Traceback" not in said
        assert "internal" not in said
        assert "leaked" not in said
        assert self.batch.is_left_alone(), self.batch.processes()
        return process.returncode

    def kill(self, kind: str, run: subprocess.Popen[str]) -> bool:
        """Kill one of that kind, as soon as there is one; False: the run ended before."""
        while run.poll() is None:
            found = [run] if kind == "run" else self.batch.find(kind)
            for process in found:
                try:
                    process.kill()
                except psutil.NoSuchProcess:
                    continue
                return True
            time.sleep(0.005)
        return False
