"""Batches of a few short tasks in processes of their own, to be killed; and what must be left of them."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil

from tests import sounds, trackreel

JOB = """\
version: 1
name: four
audio: {source: "*.wav", duration: 1}
video: {width: 192, height: 108, fps: 30}
encode: {speed: veryslow}
matrix: {scene.preset: [aurora, scope]}
"""


TRACKS = {"a": 220, "b": 330}
MARKS = {"worker": "popen_loky_posix", "renderer": "runner.renderer_process", "ffmpeg": "pipe:0"}
"""What is in the command lines of a run's processes."""


class Batch:
    """A folder with tracks (name -> hertz) and a job, of four tasks. Temporary files go to a folder of their own."""

    def __init__(self, folder: Path, job: str = JOB, tracks: Mapping[str, int] = TRACKS) -> None:
        self.folder = folder
        self.scratch = folder.parent / f"{folder.name}-tmp"
        for one in (folder, self.scratch):
            one.mkdir()
        for name, hertz in tracks.items():
            sounds.write(folder / f"{name}.wav", sounds.sine(hertz, 1.5))
        (folder / "job.yaml").write_text(job)

    @property
    def environment(self) -> dict[str, str]:
        return {"TMPDIR": str(self.scratch)}

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return trackreel.run("run", "job.yaml", *words, cwd=self.folder, env=self.environment)

    def start(self, *words: str) -> Started:
        process = trackreel.start("run", "job.yaml", "--json", *words, cwd=self.folder, env=self.environment)
        return Started(process, self)

    def hashes(self) -> dict[str, str]:
        """The hashes of the videos, and of what was asked for beside them."""
        paths = [one for one in (self.folder / "out").rglob("*") if one.suffix in {".mp4", ".jsonl", ".framemd5"}]
        paths = sorted(one for one in paths if ".runs" not in one.parts and not one.name.startswith("."))
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}

    def leftovers(self) -> list[str]:
        """Files that are neither outputs nor a run's record, and temporary ones."""
        found = [one for one in (self.folder / "out").rglob("*") if one.is_file() and ".runs" not in one.parts]
        odd = [one for one in found if one.name.startswith(".")]
        odd += (self.folder / "out/.runs").rglob("workers")
        return sorted(str(one) for one in [*odd, *self.scratch.iterdir()])

    def processes(self) -> list[psutil.Process]:
        """Everything that runs in our folder: the run, its workers, their render processes, ffmpeg."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.cwd() == str(self.folder) and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def find(self, kind: str) -> list[psutil.Process]:
        """The processes of a kind (see MARKS) that there are right now."""
        found = []
        for process in self.processes():
            try:
                if any(MARKS[kind] in word for word in process.cmdline()):
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def is_left_alone(self, seconds: float = 10.0) -> bool:
        """Whether no process remains, within that time."""
        end = time.monotonic() + seconds
        while self.processes():
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
        return True


class Started:
    """A run under way, its events read as they come."""

    def __init__(self, process: subprocess.Popen[str], batch: Batch) -> None:
        self.process, self.batch = process, batch
        self.events: list[dict[str, Any]] = []

    def read(self) -> Iterator[dict[str, Any]]:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            try:
                event = json.loads(line)
            except ValueError:  # a worker that was just starting when its run was killed
                assert self.process.poll() is not None, line
                continue
            self.events.append(event)
            yield event

    def wait_for(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        for event in self.read():
            if wanted(event):
                return event
        raise AssertionError(self.end())

    def find(self, kind: str) -> psutil.Process:
        """A process of that kind, as soon as there is one."""
        end = time.monotonic() + 30
        while time.monotonic() < end:
            if found := self.batch.find(kind):
                return found[0]
            time.sleep(0.01)
        raise AssertionError(kind)

    def interrupt(self) -> None:
        """Ctrl-C, as a terminal sends it: to the whole process group."""
        os.killpg(self.process.pid, signal.SIGINT)

    def kill(self) -> None:
        """Kill the run itself; what it started has to notice."""
        self.process.kill()
        self.end()

    def end(self) -> tuple[int, str]:
        """The exit status, and what it said on stderr."""
        for _ in self.read():
            pass
        _, said = self.process.communicate(timeout=60)
        return self.process.returncode, said

    def told(self, event: str) -> list[str]:
        return [one["task"] for one in self.events if one["event"] == event]


def is_rendering(event: dict[str, Any]) -> bool:
    return event["event"] == "progress" and event["stage"] == "render"
