"""What the cache folder holds, and clearing it. Everything in it can be made again; nothing in use is removed."""

from __future__ import annotations

import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import cachefolder
from engine.errors import InputError
from runner import cachelimit, filehashes, timelinecache
from runner.hashstore import Store
from runner.sizes import readable

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_AGE = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?) *([smhdw])")
_KERNELS = re.compile(r"taichi-[0-9.]+-[0-9a-f]{8}")
_HASHES = re.compile(r"hashes-[0-9a-f]{8}\.sqlite3(-wal|-shm)?")


@dataclass(frozen=True, slots=True)
class Contents:
    """Bytes of each part, and how many timelines there are. hashes: of this host and of others that use the folder."""

    folder: Path
    limit: int
    timelines: int
    timeline_bytes: int
    hash_bytes: int
    kernel_bytes: int

    @property
    def bytes(self) -> int:
        """All together."""
        return self.timeline_bytes + self.hash_bytes + self.kernel_bytes

    def to_dict(self) -> dict[str, Any]:
        """A JSON-able form."""
        return {
            "folder": str(self.folder),
            "bytes": self.bytes,
            "timelines": {"entries": self.timelines, "bytes": self.timeline_bytes, "limit": self.limit},
            "hashes": {"bytes": self.hash_bytes},
            "kernels": {"bytes": self.kernel_bytes},
        }

    def lines(self) -> list[str]:
        """For a person."""
        room = f"of at most {readable(self.limit)}" if self.limit else "kept no more: TRACKREEL_CACHE_SIZE is 0"
        return [
            f"folder     {self.folder}",
            f"timelines  {readable(self.timeline_bytes)} {room}; {_tracks(self.timelines)}",
            f"hashes     {readable(self.hash_bytes)}",
            f"kernels    {readable(self.kernel_bytes)}",
        ]


def look() -> Contents:
    """What is there now. Raises InputError for a TRACKREEL_CACHE_SIZE that is none."""
    found = cachelimit.entries(timelinecache.folder())
    return Contents(
        cachefolder.root(),
        cachelimit.limit(),
        len(found),
        sum(one.bytes for one in found),
        sum(one.stat().st_size for one in _named(_HASHES)),
        sum(one.stat().st_size for folder in _named(_KERNELS) for one in folder.rglob("*") if one.is_file()),
    )


def clear(*, older_than: float | None = None, keep: int | None = None, kernels: bool = False) -> str:
    """Remove what is not in use; what was removed, for a person.

    Timelines: all; with `older_than` (seconds) those not used for so long, with `keep` (bytes) the least recently used
    until no more is left. Hashes of files: unless a condition is given. Kernels: where asked; a running process then
    compiles what it still needs.
    """
    before = look()
    root = timelinecache.folder()
    if keep is not None:
        cachelimit.trim(root, keep)
    busy = 0
    for one in cachelimit.entries(root) if keep is None or older_than is not None else []:
        if older_than is None or one.used < time.time() - older_than:
            busy += not cachelimit.remove(one.path)
    if keep is None and older_than is None and before.hash_bytes:
        Store(filehashes.store_path(cachefolder.root())).clear()
    for folder in _named(_KERNELS) if kernels else []:
        shutil.rmtree(folder, ignore_errors=True)
    after = look()
    gone = readable(max(0, before.bytes - after.bytes))
    words = f"removed {gone}: the analyses of {_tracks(before.timelines - after.timelines)}"
    words += " and the compiled kernels" if kernels else ""
    return words + (f"; {busy} in use stayed" if busy else "")


def parse_age(text: str, name: str) -> float:
    """Seconds of "30d", "12h", "2w". Raises InputError that names `name`."""
    found = _AGE.fullmatch(text.strip())
    if found is None:
        raise InputError(f"{name}: {text!r} is not a time span", "write it like 30d, 12h or 2w")
    return float(found[1]) * UNITS[found[2]]


def _named(pattern: re.Pattern[str]) -> list[Path]:
    """What lies in the cache folder and has one of our names: nothing else there is ours."""
    root = cachefolder.root()
    return sorted(one for one in root.iterdir() if pattern.fullmatch(one.name)) if root.is_dir() else []


def _tracks(count: int) -> str:
    return f"{count} track{'' if count == 1 else 's'}"
