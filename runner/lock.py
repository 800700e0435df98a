"""One run at a time over an output root: the second waits for the first, or gives up.

The lock is the system's (flock) on a file in the root, which says who holds it. It goes with the process, so a killed
run leaves nothing that a person would have to remove. Shards of one job share the root, and each has a lock of its own.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from engine import filelock
from engine.errors import BusyError, OutputError

NAME = ".trackreel.lock"
POLL = 0.5
"""Seconds between two tries."""


@contextmanager
def held(root: Path, waiting: Callable[[str], None] | None, part: str = "") -> Iterator[None]:
    """Hold the output root `root` (made if missing); with `part`, such as "1-of-4", only that share of it.

    waiting: called once with a message that names the holder when another run has it; None: do not wait.
    Raises BusyError (and does not wait), OutputError (no folder, no permission).
    """
    with contextlib.ExitStack() as stack:
        stack.callback(_release, _acquire(root / NAME, waiting, shared=bool(part)))
        if part:
            stack.callback(_release, _acquire(root / f"{NAME}-{part}", waiting, shared=False))
        yield


def _acquire(path: Path, waiting: Callable[[str], None] | None, *, shared: bool) -> tuple[Path, int]:
    while (file := _try(path, shared=shared)) is None:
        message = f"another run works in {path.parent}: {_holder(path)}"
        if waiting is None:
            raise BusyError(message, "wait for it, leave out --no-wait, or choose another --out-root")
        waiting(f"{message}; waiting for it to end")
        while (file := _try(path, shared=shared)) is None:
            time.sleep(POLL)
        break
    return path, file


def _try(path: Path, *, shared: bool) -> int | None:
    """The open, locked file; None: another run has it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        while True:
            file = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
            try:
                if not _lock(file, shared=shared):
                    return None
                if _is_at(file, path):
                    os.ftruncate(file, 0)
                    os.pwrite(file, json.dumps(_note()).encode(), 0)
                    mine, file = file, -1
                    return mine
            finally:
                if file >= 0:
                    os.close(file)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}", "choose another --out-root") from error


def _is_at(file: int, path: Path) -> bool:
    """Whether the open file is still the one at `path`: its last holder removes it."""
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False


def _note() -> dict[str, str | int]:
    since = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    return {"host": socket.gethostname(), "pid": os.getpid(), "since": since}


def _lock(file: int, *, shared: bool) -> bool:
    taken = filelock.take(file, shared=shared)
    if taken is None:  # what the file says has to do
        return _is_stale(os.pread(file, 4096, 0))
    return taken


def _is_stale(note: bytes) -> bool:
    """Whether the holder of this note is gone, as far as this host can tell."""
    try:
        holder = json.loads(note)
        here = holder["host"] == socket.gethostname()
        return here and (holder["pid"] == os.getpid() or not psutil.pid_exists(holder["pid"]))
    except (ValueError, KeyError, TypeError):
        return True


def _holder(path: Path) -> str:
    try:
        note = json.loads(path.read_bytes())
        return f"process {note['pid']} on {note['host']}, since {note['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "a process that did not say its name"


def _release(acquired: tuple[Path, int]) -> None:
    """Remove the file unless others share it, then let go."""
    path, file = acquired
    with contextlib.suppress(OSError):
        if _lock(file, shared=False):
            path.unlink()
    with contextlib.suppress(OSError):
        os.close(file)
