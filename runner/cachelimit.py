"""How large the cache of timelines may grow, and how entries leave it: the least recently used first, none in use."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from engine.errors import InputError
from runner import sizes
from runner.cacheentry import aside, discard
from runner.entrylock import EntryLock

VARIABLE = "TRACKREEL_CACHE_SIZE"
DEFAULT = 2_000_000_000
_KEY = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry that is there: bytes on disk, and when it was last used (seconds since 1970)."""

    path: Path
    bytes: int
    used: float


def limit() -> int:
    """Bytes that all entries together may take: $TRACKREEL_CACHE_SIZE; 0 keeps none. Raises InputError."""
    text = os.environ.get(VARIABLE, "").strip()
    return parse_size(text, VARIABLE) if text else DEFAULT


def parse_size(text: str, name: str) -> int:
    """Bytes of a size as runner.sizes reads it. Raises InputError that names `name`."""
    size = sizes.parse(text)
    if size is None:
        raise InputError(f"{name}: {text!r} is not a size", "write it like 500MB or 2GB")
    return size


def entries(root: Path) -> list[Entry]:
    """What is there, the least recently used first."""
    return sorted(_entries(root), key=lambda one: (one.used, one.path.name))


def _entries(root: Path) -> Iterator[Entry]:
    with suppress(OSError):
        names = {one.name.removesuffix(".lock").removesuffix(".part") for one in root.iterdir()}
        for path in (root / name for name in names if _KEY.fullmatch(name)):  # nothing else there is ours
            total = sum(sum(_sizes(part)) for part in (path, aside(path)))
            yield Entry(path, total, _used(path))


def _sizes(folder: Path) -> Iterator[int]:
    with suppress(OSError):  # it may be removed at this moment
        for one in folder.iterdir():
            yield one.stat().st_size


def _used(path: Path) -> float:
    with suppress(OSError):
        return path.with_name(f"{path.name}.lock").stat().st_mtime
    return 0.0


def trim(root: Path, limit: int, keep: Path | None = None) -> int:
    """Remove entries, and what killed processes left, until at most `limit` bytes are there; the bytes removed.

    What is in use stays, and so does `keep`.
    """
    found = entries(root)
    total, removed = sum(one.bytes for one in found), 0
    for one in found:
        half_made = not one.path.is_dir()
        if one.path != keep and (total - removed > limit or half_made) and remove(one.path):
            removed += one.bytes
    return removed


def remove(path: Path) -> bool:
    """Remove an entry; False if it is in use, or cannot be removed."""
    try:
        lock = EntryLock.take(path, shared=False)
        if lock is None:
            return False
        with lock:
            discard(path)
            lock.remove()
    except OSError:
        return False
    return True
