"""A Dask cluster on loopback: a scheduler and workers in processes of their own, as a person starts them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import psutil

from tests import trackreel


class DaskCluster:
    """A scheduler and two workers with a nanny each; a context manager that leaves no process behind."""

    def __init__(
        self, folder: Path, environment: dict[str, str] | None = None, workers: int = 2, threads: int = 1
    ) -> None:
        folder.mkdir()
        self.folder, self._environment = folder, environment or {}
        self._started: list[subprocess.Popen[bytes]] = []
        self._file = folder / "scheduler.json"
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", "0")
        if workers:
            self.start_workers(workers, threads)

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

    def start_workers(self, count: int, threads: int = 1) -> None:
        numbers = ("--nworkers", str(count), "--nthreads", str(threads))
        self._start("worker", *numbers, "--local-directory", str(self.folder / "local"), "--memory-limit", "0")

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

    def _start(self, kind: str, *words: str) -> subprocess.Popen[bytes]:
        file = ("--scheduler-file", str(self._file), "--no-dashboard")
        with (self.folder / f"{len(self._started)}-{kind}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", kind, *words, *file],
                cwd=self.folder,
                env=trackreel.environment(self._environment),
                stdout=log,
                stderr=log,
                process_group=0,
            )
        self._started.append(process)
        return process
