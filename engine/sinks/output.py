"""Where an output goes: checked beforehand, written under another name, locked, and renamed when it is complete."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import time
from pathlib import Path

from engine import filelock
from engine.errors import BusyError, InputError, OutputError, StorageError
from engine.ffmpeg import reason

_DISK = "free some space or choose another output folder; a second run makes only what is missing"
_FULL = ("No space left on device", "Disk quota exceeded", "File too large")
_FAILING = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EIO,
    errno.ESTALE,
    errno.ETIMEDOUT,
    errno.EMFILE,
    errno.ENFILE,
}
_LOCK_PATIENCE = 3.0
"""Seconds to wait for another writer: the process of an attempt that was just killed takes a moment to go."""
_NAME_BYTES = 255 - len(".part") - 1 - 16


def check_output(path: Path, overwrite: bool) -> None:  # noqa: FBT001 - the option's own name
    """Refuse an output that cannot be right, before anything is rendered.

    Raises InputError (exit 2): exists and not `overwrite`, a folder, a pipe or device (an output gets its name when it
    is complete, which a pipe cannot). Raises OutputError (exit 1): its folder cannot be looked at.
    """
    if str(path) == "-":
        raise InputError("cannot write to a pipe", "name a file: outputs are renamed when complete, a pipe cannot be")
    if "\0" in str(path):
        raise InputError("the output's name contains a NUL character")
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return
    except OSError as error:
        raise OutputError(f"cannot write {path}: {reason(error)}", "check the folder and its permissions") from error
    if stat.S_ISDIR(mode):
        raise InputError(f"the output is a folder: {path}", "name a file, such as video.mp4")
    if not stat.S_ISREG(mode):
        raise InputError(f"cannot write to a pipe or device: {path}", "name a file: outputs are renamed when complete")
    if not overwrite:
        raise InputError(f"the output exists: {path}", "pass --overwrite, or set output.overwrite: true")


def make_folder(path: Path) -> None:
    """Make the folder of the output, with its parents. Raises OutputError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise OutputError(f"cannot write {path}: a file is where a folder must be", "choose another folder") from error
    except OSError as error:
        raise output_error(path, error) from error


def output_error(path: Path, error: OSError) -> OutputError:
    """An operating-system error on `path` as what a user may see."""
    if is_full(reason(error)):
        return disk_full(path)
    kind = StorageError if error.errno in _FAILING else OutputError
    return kind(f"cannot write {path}: {reason(error)}", "choose another output folder, or check its permissions")


def is_full(text: str) -> bool:
    """Whether the system's words say that there is no room."""
    return any(words in text for words in _FULL)


def disk_full(path: Path) -> StorageError:
    """The error for a file that found no room."""
    return StorageError(f"disk full: {path}", _DISK)


def partial_path(out: Path) -> Path:
    """Where `out` is written until it is complete: the same folder (so that a rename suffices), hidden, same suffix.

    A fixed name: a dry run prints the very command, and the next run overwrites what a killed one left.
    """
    stem = os.fsdecode(os.fsencode(out.name)[:_NAME_BYTES])
    return out.with_name(f".{stem}.part{out.suffix}")


class Partial:
    """The unfinished file of one output, created and locked: two runs never write the same output at once."""

    def __init__(self, out: Path) -> None:
        """Create and lock it. Raises OutputError: no folder, no permission; BusyError: another run has this output."""
        self._out = out
        self.path = partial_path(out)
        self._file = -1
        give_up = time.monotonic() + _LOCK_PATIENCE
        while self._file < 0:
            self._file = self._open(wait=time.monotonic() < give_up)

    def _open(self, *, wait: bool) -> int:
        """The locked file's descriptor; -1: try again, as another run has it or renamed it while we took its lock."""
        try:
            # A link or a pipe that somebody laid here would lead our bytes out of the folder.
            if _is_planted(self.path):
                self.path.unlink(missing_ok=True)
            file = os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
        except OSError as error:
            raise output_error(self._out, error) from error
        if filelock.take(file) is False:
            os.close(file)
            if wait:
                time.sleep(0.05)
                return -1
            raise BusyError(f"another run is writing {self._out}", "wait for it, or choose another output")
        try:
            if os.path.samestat(os.fstat(file), self.path.stat()):
                return file
        except FileNotFoundError:
            pass
        os.close(file)
        return -1

    def commit(self) -> int:
        """Bring it to the disk, then give it its final name; its size in bytes. Raises OutputError."""
        try:
            os.fsync(self._file)
            size = os.fstat(self._file).st_size
            self.path.replace(self._out)
            sync_folder(self._out.parent)
        except OSError as error:
            self.discard()
            raise output_error(self._out, error) from error
        self._close()
        return size

    def discard(self) -> None:
        """Remove it. Never raises; harmless after `commit`, twice, and from another thread."""
        if self._file >= 0:
            with contextlib.suppress(OSError):
                self.path.unlink(missing_ok=True)
            self._close()

    def _close(self) -> None:
        file, self._file = self._file, -1
        if file >= 0:
            with contextlib.suppress(OSError):
                os.close(file)


def _is_planted(path: Path) -> bool:
    """Whether something is there that is no regular file: a link, a pipe. Not a folder: that is an error of its own."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def sync_folder(folder: Path) -> None:
    """Make the rename itself survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    with contextlib.suppress(OSError):  # some network file systems have no such thing
        os.fsync(handle)
    os.close(handle)
