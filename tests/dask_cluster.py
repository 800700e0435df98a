"""A Dask cluster on loopback: a scheduler and workers in processes of their own, as a person starts them."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

import psutil

from tests import trackreel


def documented(program: str) -> list[str]:
    """The words of the README's command that starts so."""
    text = (trackreel.ROOT / "README.md").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith(program + " ") and ("dask" in line)]
    assert len(lines) == 1
    return shlex.split(lines[0], comments=True)


class DaskCluster:
    """A scheduler and two workers with a nanny each; a context manager that leaves no process behind."""

    def __init__(self, folder: Path, environment: dict[str, str] | None = None, workers: int = 2) -> None:
        folder.mkdir()
        self.folder, self._environment = folder, environment or {}
        self._started: list[subprocess.Popen[bytes]] = []
        self._file = folder / "scheduler.json"
        self.scheduler = self._start(*documented("dask scheduler"), "--host", "127.0.0.1", "--port", "0")
        if workers:
            self.start_workers(workers)

    @property
    def address(self) -> str:
        """The scheduler's, once it listens."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                return str(json.loads(self._file.read_text())["address"])
            except (OSError, ValueError):
                time.sleep(0.05)
        raise AssertionError(self.said())

    def start_workers(self, count: int = 2) -> None:
        words = documented("dask worker")
        assert words[2:] == ["tcp://host:8786", "--nworkers", "2", "--nthreads", "1"]
        words[2], words[4] = self.address, str(count)
        self._start(*words, "--local-directory", str(self.folder / "local"), "--memory-limit", "0")

    def workers(self) -> list[psutil.Process]:
        """The processes that perform tasks: children of nannies."""
        children = [one for nannies in self._started[1:] for one in psutil.Process(nannies.pid).children()]
        return [one for one in children if "spawn_main" in " ".join(one.cmdline())]

    def worker_address(self) -> str:
        """That of the worker which was started last."""
        end = time.monotonic() + 60
        while not (found := re.findall(r"Start worker at: +(tcp://\S+)", self.said())):
            assert time.monotonic() < end
            time.sleep(0.05)
        return str(found[-1])

    def said(self) -> str:
        return "".join(path.read_text() for path in sorted(self.folder.glob("*.log")))

    def close(self) -> None:
        for process in reversed(self._started):
            process.terminate()
        for process in self._started:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start(self, program: str, kind: str, *words: str) -> subprocess.Popen[bytes]:
        assert program == "dask"
        file = ("--scheduler-file", str(self._file)) if kind == "scheduler" else ()
        with (self.folder / f"{len(self._started)}-{kind}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", kind, *words, *file, "--no-dashboard"],
                cwd=self.folder,
                env=trackreel.environment(self._environment),
                stdout=log,
                stderr=log,
                process_group=0,
            )
        self._started.append(process)
        return process
