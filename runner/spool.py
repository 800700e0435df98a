"""Events from workers to the run: each worker appends to a file of its own, the run reads them all.

Files and no sockets: it is the same on this machine and on a cluster with a shared disk, and what a killed worker said
last is still there.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from runner import leftovers

RUNS = ".runs"
"""The folder of all runs' records, in the output root."""

PROGRESS_S = 0.25
"""Seconds between two progress events of a worker."""

Event = dict[str, Any]


def writer_name() -> str:
    """This process's name among the workers, also on a shared disk: HOST-PID."""
    return f"{socket.gethostname()}-{os.getpid()}"


@contextmanager
def opened(folder: Path) -> Iterator[None]:
    """Make the folder for a run's workers, and remove it at the end.

    Those of killed runs beside it (RUNS/*/NAME) go too. Raises OSError, BusyError: a run that goes on has it.
    """
    leftovers.sweep_owned(folder)
    if folder.parent.parent.name == RUNS:
        for other in folder.parent.parent.glob(f"*/{folder.name}"):
            leftovers.sweep_owned(other)
    folder.mkdir(parents=True, exist_ok=True)
    owned = leftovers.OwnedFolder(folder)
    try:
        yield
    finally:
        owned.remove()


def now_text() -> str:
    """The time, as events tell it."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")


class Writer:
    """Appends the events of one thread of this process to its file, with the time.

    The file is opened for each event: a network disk then shows it to others.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / f"{writer_name()}.jsonl"
        self._told = 0.0

    def __call__(self, event: Mapping[str, Any]) -> None:
        """Append an event. Progress that comes too fast is left out, but never the last of a stage. Raises OSError."""
        if event["event"] == "progress" and event["done"] < event["total"]:
            now = time.monotonic()
            if now < self._told + PROGRESS_S:
                return
            self._told = now
        data = json.dumps({"time": now_text(), **event}).encode() + b"\n"
        file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            os.write(file, data)
        finally:
            os.close(file)


class Reader:
    """Reads what all workers appended to a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, int] = {}

    def poll(self) -> Iterator[tuple[str, Event]]:
        """What is new: (worker's name, event), each worker's in order. Raises OSError."""
        for path in sorted(self._folder.glob("*.jsonl")):
            begin = self._read.get(path.stem, 0)
            with path.open("rb") as file:
                file.seek(begin)
                data = file.read()
            whole = data[: data.rfind(b"\n") + 1]  # a line that is being written waits for the next time
            self._read[path.stem] = begin + len(whole)
            for line in whole.splitlines():
                try:
                    yield path.stem, json.loads(line)
                except ValueError:  # a full disk cut it, and the next event went on from there
                    continue
