"""A small table on disk, path -> (mark, hash), for many processes at once. Nothing of it ever raises."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

MOST_ROWS = 500_000
"""About 70 MB. Beyond them the oldest tenth goes."""

PATIENCE_S = 2.0
"""How long a write waits for other processes'; then it is left out, which costs a hashing later."""

TRIES = 20

_TABLE = "CREATE TABLE IF NOT EXISTS hashes(path BLOB UNIQUE, mark BLOB, sha256 BLOB)"


class Store:
    """The table in the file `path`, made if missing; where that does not work it knows nothing and keeps nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection = _open(path)

    def get(self, key: bytes) -> tuple[bytes, bytes] | None:
        """What was put there: mark and hash."""
        if self._connection is None:
            return None
        try:
            row = self._connection.execute("SELECT mark, sha256 FROM hashes WHERE path = ?", (key,)).fetchone()
        except sqlite3.DatabaseError as error:
            self._give_up(error)
            return None
        return row if row is not None and len(row[1]) == 32 else None

    def put(self, facts: Mapping[bytes, tuple[bytes, bytes]]) -> None:
        """Store these, all or none; the oldest go where there are too many."""
        if self._connection is None:
            return
        rows = [(key, *fact) for key, fact in facts.items()]
        try:
            with self._connection as transaction:
                transaction.execute("BEGIN IMMEDIATE")
                transaction.executemany("INSERT OR REPLACE INTO hashes VALUES(?, ?, ?)", rows)
                _trim(transaction)
        except sqlite3.DatabaseError as error:
            self._give_up(error)

    def clear(self) -> None:
        """Forget everything and give the room back."""
        if self._connection is not None:
            with suppress(sqlite3.DatabaseError):
                self._connection.execute("DELETE FROM hashes")
                self._connection.execute("VACUUM")
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def count(self) -> int:
        """How many hashes there are."""
        if self._connection is not None:
            with suppress(sqlite3.DatabaseError):
                (number,) = self._connection.execute("SELECT count(*) FROM hashes").fetchone()
                return int(number)
        return 0

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _give_up(self, error: sqlite3.DatabaseError) -> None:
        """Work without, unless others merely hold the table; a damaged one is started anew by the next process."""
        if _locked(error):
            return
        self.close()
        if _damaged(error):
            _remove(self._path)


def _open(path: Path) -> sqlite3.Connection | None:
    """The connection; a file that is no such table is replaced. None where there can be none."""
    for _ in range(TRIES):
        connection = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Autocommit: each SELECT sees what others have stored. Threads take turns (runner.filehashes locks).
            connection = sqlite3.connect(path, timeout=PATIENCE_S, isolation_level=None, check_same_thread=False)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute(_TABLE)
        except OSError:
            return None
        except sqlite3.DatabaseError as error:
            if connection is not None:
                connection.close()
            if _damaged(error):
                _remove(path)
            elif not _locked(error):
                return None
            time.sleep(0.02)  # workers that start together make the table together, and SQLite does not wait then
        else:
            return connection
    return None


def _trim(connection: sqlite3.Connection) -> None:
    """Rows are numbered as they come: the count is near the span of the numbers, and costs no walk over the table."""
    first, last = connection.execute("SELECT min(rowid), max(rowid) FROM hashes").fetchone()
    if last - first >= MOST_ROWS:
        connection.execute("DELETE FROM hashes WHERE rowid <= ?", (last - MOST_ROWS * 9 // 10,))


def _damaged(error: sqlite3.DatabaseError) -> bool:
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def _locked(error: sqlite3.DatabaseError) -> bool:
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def _remove(path: Path) -> None:
    for suffix in ("-wal", "-shm", ""):
        with suppress(OSError):
            os.unlink(f"{path}{suffix}")  # noqa: PTH108 - not another file's suffix, but more of the name
