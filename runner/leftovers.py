"""What a killed run leaves behind, and how the next one tells it from what another run is using.

Every half-written file and every temporary folder is locked (flock) by whoever uses it; the lock goes with the process,
however it ends. What can be locked is nobody's.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import stat
import tempfile
import time
from pathlib import Path

from engine import filelock
from engine.errors import BusyError
from engine.sinks.codecs import CONTAINERS
from runner.task import Task

_SUFFIXES = "|".join(sorted(one.lstrip(".") for one in (*CONTAINERS, "framemd5", "jsonl", "png")))
_PARTIAL = re.compile(rf"\.(.*\.part\.({_SUFFIXES})|[0-9a-f]{{12}}\.part)", re.IGNORECASE | re.DOTALL)
_CLAIM, _CLAIM_BYTES = ".claim", 247
_OWNER = "owner"
_ABANDONED_S = 3600.0


class OwnedFolder:
    """A folder of this process for as long as it wants; `sweep_owned` removes it when the process was killed."""

    def __init__(self, path: Path) -> None:
        """Take the folder `path`, which is there. Raises BusyError when another process has it, OSError."""
        self.path = path
        self._file = os.open(path / _OWNER, os.O_RDWR | os.O_CREAT, 0o600)
        if filelock.take(self._file) is False:
            os.close(self._file)
            raise BusyError(f"another run uses {path}", "wait for it, or choose another folder")

    @classmethod
    def temporary(cls) -> OwnedFolder:
        """A new one among the system's temporary files. Raises OSError."""
        return cls(Path(tempfile.mkdtemp(prefix="trackreel-")))

    def remove(self) -> None:
        """Remove it with all that is in it. Never raises; harmless twice."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._let_go()

    def keep(self) -> None:
        """Leave what is in it to whoever wants it: it is owned no more, and never swept. Never raises."""
        with contextlib.suppress(OSError):
            (self.path / _OWNER).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self.path.rmdir()  # empty
        self._let_go()

    def _let_go(self) -> None:
        file, self._file = self._file, -1
        if file >= 0:
            os.close(file)


def is_owned(folder: Path) -> bool:
    """Whether the process whose OwnedFolder this is still lives, as far as this host sees. Raises OSError."""
    file = os.open(folder / _OWNER, os.O_RDWR | os.O_NOFOLLOW)
    try:
        return not _is_nobodys(file)
    finally:
        os.close(file)


def sweep_temporary() -> None:
    """Remove the temporary folders of processes that were killed. Never raises."""
    with contextlib.suppress(OSError):
        for folder in Path(tempfile.gettempdir()).glob("trackreel-*"):
            sweep_owned(folder)


def sweep_owned(folder: Path) -> None:
    """Remove an OwnedFolder whose process was killed. Never raises."""
    with contextlib.suppress(OSError):
        _sweep_owned(folder)


def _sweep_owned(folder: Path) -> None:
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        return
    try:
        file = os.open(folder / _OWNER, os.O_RDWR | os.O_NOFOLLOW)
    except FileNotFoundError:
        if time.time() - found.st_mtime > _ABANDONED_S:
            folder.rmdir()  # empty ones alone: killed before it got its owner
        return
    try:
        if _is_nobodys(file):
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(file)


def sweep_folder(folder: Path) -> bool:
    """Remove the half-written outputs that killed runs left in an output folder. Never raises.

    False: some remain, as somebody is writing them.
    """
    clean = True
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") and entry.name.endswith(_CLAIM):
                _sweep_claim(Path(entry.path))
            elif _PARTIAL.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                with contextlib.suppress(OSError):
                    clean &= _sweep_file(Path(entry.path))
    return clean


def _sweep_file(path: Path) -> bool:
    file = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    try:
        found = os.fstat(file)
        if found.st_uid != os.geteuid() or not _is_nobodys(file):
            return False
        if os.path.samestat(found, path.lstat()):
            path.unlink()
        return True
    finally:
        os.close(file)


def _sweep_claim(path: Path) -> None:
    """Remove a claim to outputs that never appeared; one to what did is settled when its task runs again."""
    with contextlib.suppress(OSError):
        try:
            names = json.loads(path.read_bytes())
        except ValueError:  # killed while it was written: nothing had its name yet
            names = []
        if not any(path.with_name(name).exists() for name in names):
            path.unlink()


def _is_nobodys(file: int) -> bool:
    """Whether no process holds the file's lock; False where the file system knows no locks, and nothing is proven."""
    return filelock.take(file) is True


def claim(task: Task) -> None:
    """Note that the output which is about to appear is ours, until its manifest says so.

    A run that is killed between the two leaves an output that would otherwise pass for somebody else's. Raises OSError.
    """
    if task.outputs.manifest is None or task.outputs.manifest.exists():
        return
    with _claim_path(task).open("w", encoding="utf-8") as file:
        json.dump([path.name for path in task.outputs.made()], file)
        file.flush()
        os.fsync(file.fileno())


def claimed(task: Task) -> bool:
    """Whether a killed run was about to make this output."""
    return _claim_path(task).exists()


def release(task: Task) -> None:
    """Take the claim back: the manifest is there, or none of the outputs is. Never raises."""
    manifest = task.outputs.manifest
    if manifest is None or manifest.exists() or not any(path.exists() for path in task.outputs.made()):
        with contextlib.suppress(OSError):
            _claim_path(task).unlink(missing_ok=True)


def _claim_path(task: Task) -> Path:
    final = task.outputs.final
    stem = os.fsdecode(os.fsencode(final.name)[: _CLAIM_BYTES - 1 - len(_CLAIM)])
    return final.with_name(f".{stem}{_CLAIM}")
