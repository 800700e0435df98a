"""The lock of something that may be removed meanwhile: who has it has the one that counts."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from runner.entrylock import EntryLock


def test_many_share_and_one_excludes(tmp_path: Path) -> None:
    entry = tmp_path / "e"
    with EntryLock.take(entry, shared=True) as first, EntryLock.take(entry, shared=True) as second:  # type: ignore[union-attr]
        assert first.path == second.path
        assert EntryLock.take(entry, shared=False) is None
    alone = EntryLock.take(entry, shared=False)
    assert alone is not None
    assert EntryLock.take(entry, shared=True) is None
    alone.close()
    alone.close()
    assert EntryLock.take(entry, shared=True) is not None


def test_a_lock_that_is_removed_while_it_is_taken_is_taken_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between opening and locking, another process evicts the entry and its lock."""
    entry = tmp_path / "e"
    locks = [0]

    def flock(descriptor: int, how: int) -> None:
        locks[0] += 1
        if locks[0] == 1:
            (tmp_path / "e.lock").unlink()
        real(descriptor, how)

    real = fcntl.flock
    monkeypatch.setattr(fcntl, "flock", flock)
    lock = EntryLock.take(entry, shared=True)
    assert lock is not None
    assert os.path.samestat(os.fstat(lock._descriptor), (tmp_path / "e.lock").stat())
    assert EntryLock.take(entry, shared=False) is None


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "e.lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic"):
        EntryLock.take(tmp_path / "e", shared=True)
    assert not (tmp_path / "elsewhere").exists()
