"""events.jsonl: written line by line, read whatever a crash left of it."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

KEPT = 1 << 20
"""Bytes of events that wait for space on a full disk; later ones are dropped, so that memory stays bounded."""


class EventLog:
    """Appends events to a file, each at once. Raises OSError where it cannot be opened."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
        self._pending = b""
        self._lost = 0
        size = os.lseek(self._file, 0, os.SEEK_END)
        if size and os.pread(self._file, 1, size - 1) != b"\n":
            self._pending = b"\n"  # a run that was killed left a torn line: ours starts afresh

    @property
    def pending(self) -> bool:
        """Whether something was not written (yet)."""
        return bool(self._lost or self._pending)

    def write(self, event: Mapping[str, Any]) -> None:
        """Append one event. Raises OSError on a full disk; what is left is tried again with the next event."""
        if len(self._pending) > KEPT:
            self._lost += 1
        else:
            # A file name that is no UTF-8 has lone surrogates: a backslash and its number are their form in JSON too.
            self._pending += (json.dumps(event, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")
        while self._pending:
            self._pending = self._pending[os.write(self._file, self._pending) :]

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The events of a file, lazily; lines that a crash tore, or that are no events, are left out. Raises OSError."""
    if path.exists() and not path.is_file():  # a device may have no end
        raise OSError(errno.EINVAL, "not a regular file")
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            try:
                event = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(event, dict) and isinstance(event.get("event"), str):
                yield event
