"""A long run: its processes stay as large as they were after the first tasks, and hold no more files."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import pytest

from tests.batch_runs import Batch, Started

TASKS = int(os.environ.get("TRACKREEL_LONG_RUN", "120"))
"""Per worker. `TRACKREEL_LONG_RUN=500 pytest tests/test_long_run.py` is the real thing, of some minutes."""

WARM, WINDOW = 50, 10
"""Tasks until everything has its size; tasks of which the largest size counts."""

GROWTH = 1.1

TRACKS = {"a": 220, "b": 330, "c": 440}
PRESETS = ("aurora", "spectrum", "scope", "warp", "particles")
JOB = """\
version: 1
name: long
audio: {{duration: 1}}
video: {{width: 64, height: 48, fps: 10}}
encode: {{speed: ultrafast}}
output: {{path: "{{seed}}/{{audio.stem}}-{{scene.preset}}.mp4"}}
matrix:
  seed: [{seeds}]
  audio.source: [a.wav, b.wav, c.wav]
  scene.preset: [{presets}]
"""


def size(process: psutil.Process) -> tuple[int, int]:
    """Bytes of memory, and open files."""
    return process.memory_info().rss, process.num_fds()


class Watched:
    """The sizes of a run's processes after each task, by what they are."""

    def __init__(self, run: Started) -> None:
        self.run = run
        self.sizes: dict[str, list[tuple[int, int]]] = {}
        self.scratch: list[int] = []

    def follow(self) -> None:
        """Read the run's events to its end."""
        batch = self.run.batch
        for event in self.run.read():
            if event["event"] == "task_done":
                self._add("run", psutil.Process(self.run.process.pid))
                for kind in ("worker", "renderer"):
                    for process in batch.find(kind):
                        self._add(f"{kind} {process.pid}", process)
                self.scratch.append(sum(1 for _ in batch.scratch.rglob("*")))

    def _add(self, name: str, process: psutil.Process) -> None:
        try:
            self.sizes.setdefault(name, []).append(size(process))
        except psutil.Error:  # the last one ended
            return


@pytest.mark.parametrize("workers", [1, 2] if TASKS >= 500 else [1])
def test_nothing_grows(workers: int, tmp_path: Path) -> None:
    seeds = ", ".join(map(str, range(workers * -(-TASKS // (len(TRACKS) * len(PRESETS))))))
    batch = Batch(tmp_path / "work", JOB.format(seeds=seeds, presets=", ".join(PRESETS)), TRACKS)
    watched = Watched(batch.start("-j", str(workers)))
    watched.follow()
    assert watched.run.end() == (0, "")
    assert len(watched.run.told("task_done")) >= workers * TASKS
    assert batch.leftovers() == []
    assert batch.is_left_alone()
    processes = {name: sizes for name, sizes in watched.sizes.items() if len(sizes) > WARM}
    assert len(processes) == (2 if workers == 1 else 1 + 2 * workers)
    for name, sizes in processes.items():
        memory, files = ([one[part] for one in sizes] for part in (0, 1))
        said = f"{name}: bytes {memory[::25]}, files {files[::25]}"
        warm = WARM * workers
        assert max(memory[-WINDOW:]) <= GROWTH * max(memory[warm - WINDOW : warm]), said
        assert min(files[-WINDOW:]) <= max(files[:warm]), said  # some come and go with each task
    assert max(watched.scratch[-WINDOW:]) <= max(watched.scratch[:WARM])
