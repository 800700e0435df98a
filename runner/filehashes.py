"""sha256 of files, remembered between runs: a batch looks at thousands of files that have not changed.

What is remembered is a fact that cannot go stale: a file of this path, size, times, inode and device has this hash.
A file that was changed so shortly before it was hashed that a further change might leave the same times ("racily
clean", as git calls it) is not remembered. Other programs may set times back; ctime, which they cannot set, is part of
the key.

Several processes may use the store at once and be killed at any moment; without a folder that can be written, files
are hashed anew. There is one store a host, since SQLite's log does not work across hosts.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import platform
import stat
import threading
import time
from functools import cache
from pathlib import Path

from engine import cachefolder
from runner.hashstore import Store

RACY_NS = 2_000_000_000
"""A file younger than this is not remembered: no file system's clock is coarser."""

MOST_FRESH = 256
FRESH_BYTES = 256 << 20
"""New hashes are stored together: after so many, or so many bytes that would be hashed again after a kill."""


def sha256(path: Path) -> str:
    """sha256 (hex) of a file's bytes; those of an unchanged file are read once. Raises OSError."""
    return _memory(cachefolder.root(), os.getpid()).sha256(path)


def flush() -> None:
    """Store what is not stored yet; done by itself now and then, and when the process ends."""
    _memory(cachefolder.root(), os.getpid()).flush()


def store_path(root: Path) -> Path:
    """The store of this host in a cache folder."""
    host = hashlib.sha256(platform.node().encode()).hexdigest()[:8]
    return root / f"hashes-{host}.sqlite3"


@cache
def _memory(root: Path, _process: int) -> _Memory:
    """One a process: a connection must not cross a fork."""
    memory = _Memory(Store(store_path(root)))
    atexit.register(memory.flush)
    return memory


class _Memory:
    """The hashes that this process found, and the store behind them; may be used by several threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._fresh: dict[bytes, tuple[bytes, bytes]] = {}
        self._kept: dict[bytes, tuple[bytes, bytes]] = {}  # also where the store does not work
        self._bytes = 0

    def sha256(self, path: Path) -> str:
        key, now = _key(path), path.stat()
        if not stat.S_ISREG(now.st_mode):
            return _hash(path)[0]
        mark = _mark(now)
        with self._lock:
            known = self._fresh.get(key) or self._kept.get(key) or self._store.get(key)
        if known is not None and known[0] == mark:
            return known[1].hex()
        begin = time.time_ns()
        digest, before, after = _hash(path)
        # Equal before and after: what was hashed is one state of the file, not half of one and half of another.
        if _mark(before) == _mark(after) and max(after.st_mtime_ns, after.st_ctime_ns) < begin - RACY_NS:
            with self._lock:
                self._remember(key, (_mark(after), bytes.fromhex(digest)), after.st_size)
        return digest

    def _remember(self, key: bytes, fact: tuple[bytes, bytes], size: int) -> None:
        self._fresh[key] = fact
        self._bytes += size
        if len(self._fresh) >= MOST_FRESH or self._bytes >= FRESH_BYTES:
            self._flush()

    def flush(self) -> None:
        with self._lock:
            self._flush()

    def _flush(self) -> None:
        if self._fresh:
            self._store.put(self._fresh)
            self._kept = self._fresh  # the last few stay at hand where the store does not work
            self._fresh, self._bytes = {}, 0


def _key(path: Path) -> bytes:
    return hashlib.blake2b(os.fsencode(os.path.abspath(path)), digest_size=16).digest()  # noqa: PTH100 - twice as quick


def _mark(now: os.stat_result) -> bytes:
    return b"%d %d %d %d %d" % (now.st_size, now.st_mtime_ns, now.st_ctime_ns, now.st_ino, now.st_dev)


def _hash(path: Path) -> tuple[str, os.stat_result, os.stat_result]:
    """The hash, and what the very file that was read looked like before and after."""
    with path.open("rb") as file:
        before = os.fstat(file.fileno())
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return digest, before, os.fstat(file.fileno())
