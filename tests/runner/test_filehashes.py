"""Hashes that are remembered: right whatever happens to the files, the store, or the processes that use it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from runner import filehashes, hashstore
from tests.trackreel import ROOT

TICK = 0.02
"""Seconds after which a file gets other times, on any kernel."""


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files count as old at once: a ctime cannot be set."""
    monkeypatch.setattr(filehashes, "RACY_NS", -(10**12))


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were read."""
    found: list[Path] = []
    hashed = filehashes._hash

    def count(path: Path) -> tuple[str, os.stat_result, os.stat_result]:
        found.append(path)
        return hashed(path)

    monkeypatch.setattr(filehashes, "_hash", count)
    return found


def real(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def anew() -> None:
    """As another process would begin."""
    filehashes.flush()
    filehashes._memory.cache_clear()


def test_an_unchanged_file_is_read_once(cache: Path, settled: None, reads: list[Path], tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"x")
    assert [filehashes.sha256(path) for _ in range(3)] == [real(path)] * 3
    anew()
    assert filehashes.sha256(path) == real(path)
    assert reads == [path]


@pytest.mark.parametrize("replaced", [False, True])
def test_a_change_that_hides_in_size_and_mtime_is_seen(
    cache: Path, settled: None, tmp_path: Path, replaced: bool
) -> None:
    path, other = tmp_path / "f", tmp_path / "g"
    path.write_bytes(b"one")
    then = path.stat()
    filehashes.sha256(path)
    time.sleep(TICK)
    target = other if replaced else path
    target.write_bytes(b"two")
    os.utime(target, ns=(then.st_atime_ns, then.st_mtime_ns))
    target.replace(path)
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (then.st_size, then.st_mtime_ns)
    assert filehashes.sha256(path) == real(path)


def test_a_file_that_changed_just_now_is_not_trusted(cache: Path, reads: list[Path], tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"one")
    assert filehashes.sha256(path) == filehashes.sha256(path)
    anew()
    filehashes.sha256(path)
    assert len(reads) == 3


def test_a_file_that_changes_under_the_reader_is_not_remembered(
    cache: Path, settled: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"one")
    hashed = hashlib.file_digest

    def slow(file: object, name: str) -> object:
        digest = hashed(file, name)  # type: ignore[arg-type]
        path.write_bytes(b"longer")
        return digest

    with monkeypatch.context() as patch:
        patch.setattr(hashlib, "file_digest", slow)
        filehashes.sha256(path)
    assert filehashes.sha256(path) == real(path)


def test_a_missing_file_is_an_error(cache: Path, settled: None, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"x")
    filehashes.sha256(path)
    path.unlink()
    with pytest.raises(FileNotFoundError):
        filehashes.sha256(path)


def no_folder(cache: Path) -> None:
    cache.write_text("a file where the folder should be")


def garbage(cache: Path) -> None:
    cache.mkdir()
    filehashes.store_path(cache).write_bytes(b"no database" * 1000)


def cut(cache: Path) -> None:
    store = hashstore.Store(filehashes.store_path(cache))
    store.put({os.urandom(16): (os.urandom(50), os.urandom(32)) for _ in range(2000)})
    store.close()
    path = filehashes.store_path(cache)
    os.truncate(path, path.stat().st_size // 2)


@pytest.mark.parametrize("harm", [no_folder, garbage, cut])
def test_without_a_sound_store_hashes_are_right(
    cache: Path, settled: None, reads: list[Path], tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    harm(cache)
    paths = [tmp_path / f"{index}" for index in range(5)]
    for path in paths:
        path.write_text(path.name)
    for _ in range(2):
        assert [filehashes.sha256(path) for path in paths] == [real(path) for path in paths]
    assert len(reads) == 5  # this process still remembers
    if harm is garbage:
        anew()
        assert filehashes.sha256(paths[0]) == real(paths[0])
        assert len(reads) == 5  # and so does the table, made anew


def test_the_store_is_bounded_and_drops_the_oldest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashstore, "MOST_ROWS", 100)
    store = hashstore.Store(tmp_path / "s")
    keys = [bytes([index]) * 16 for index in range(250)]
    for key in keys:
        store.put({key: (b"mark", key * 2)})
    assert store.get(keys[-1]) == (b"mark", keys[-1] * 2)
    assert store.get(keys[0]) is None
    assert 80 <= store.count() <= 100


WRITER = """
import sys
from pathlib import Path
from runner import filehashes
filehashes.RACY_NS = -(10**12)
filehashes.MOST_FRESH = 5
print("ready", flush=True)
for turn in range(int(sys.argv[2])):
    for path in sorted(Path(sys.argv[1]).iterdir()):
        assert len(filehashes.sha256(path)) == 64
        if turn: filehashes._memory(filehashes.cachefolder.root(), filehashes.os.getpid())._store.put(
            {bytes([turn % 256]) * 16: (b"m", bytes(32))})
"""


def test_many_processes_and_kills_leave_a_sound_store(cache: Path, tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    for index in range(40):
        (files / str(index)).write_text(str(index))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    def start(turns: int) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", WRITER, str(files), str(turns)]
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    doomed, plain = [start(10_000) for _ in range(2)], [start(1) for _ in range(2)]
    for one in doomed:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for pause, one in zip((0.05, 0.15), doomed, strict=True):
        time.sleep(pause)
        one.send_signal(signal.SIGKILL)
        one.communicate()
    for one in plain:
        assert one.communicate() == ("ready\n", "")
    filehashes._memory.cache_clear()
    assert {filehashes.sha256(path) for path in files.iterdir()} == {real(path) for path in files.iterdir()}
    with contextlib.closing(sqlite3.connect(filehashes.store_path(cache))) as store:
        assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert store.execute("SELECT count(*) FROM hashes").fetchone()[0] >= 40
