"""The lock of an open file: held, shared, gone with its holder, unknown where the system has none."""

from __future__ import annotations

import errno
import fcntl
from pathlib import Path

import pytest

from engine import filelock


def test_one_holder_alone_or_several_that_share(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with path.open("w") as one, path.open() as other, path.open() as third:
        assert filelock.take(one.fileno()) is True
        assert filelock.take(other.fileno()) is False
        assert filelock.take(other.fileno(), shared=True) is False
        one.close()
        assert filelock.take(other.fileno(), shared=True) is True
        assert filelock.take(third.fileno(), shared=True) is True
        assert filelock.take(third.fileno()) is False


def test_nothing_is_known_where_there_are_no_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_file: int, _how: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with (tmp_path / "lock").open("w") as file:
        assert filelock.take(file.fileno()) is None
