"""A lock on something that may be removed: a file beside it, which goes with it."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path
from typing import Self

from engine import filelock


class EntryLock:
    """Holds `<path>.lock`, shared or alone, until `close` or the end of the process, however that comes about."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor

    @classmethod
    def take(cls, entry: Path, *, shared: bool) -> Self | None:
        """The lock, without waiting; None where another process has it. Raises OSError: no folder, no such locks."""
        path = entry.with_name(f"{entry.name}.lock")
        while True:
            descriptor = _open(path, shared=shared)
            taken = filelock.take(descriptor, shared=shared)
            with suppress(FileNotFoundError):
                if taken and os.path.samestat(os.fstat(descriptor), path.stat()):
                    return cls(path, descriptor)
            os.close(descriptor)
            if taken is None:
                raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK), str(path))
            if not taken:
                return None
            # It was removed in between: the next one is another file.

    def touch(self) -> None:
        """Note that the entry was used now."""
        with suppress(OSError):
            os.utime(self._descriptor)

    def remove(self) -> None:
        """Remove the lock's file: its entry is gone. Only for who holds it alone."""
        self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go; may be called repeatedly."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _open(path: Path, *, shared: bool) -> int:
    """The lock's file, made if missing; a cache that was filled by others may be one that we can only read."""
    common = os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | common, 0o666)
    except OSError as error:
        if shared and error.errno in {errno.EROFS, errno.EACCES}:
            return os.open(path, os.O_RDONLY | common)
        raise
