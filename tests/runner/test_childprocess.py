"""The words for a render process that ended by itself."""

from __future__ import annotations

import signal

import pytest

from engine import errors
from runner import childprocess


def test_a_killed_process_is_probably_out_of_memory() -> None:
    error = childprocess.death(-signal.SIGKILL, "")
    assert error.message == "the render process was killed by SIGKILL"
    assert "memory" in error.hint


def test_a_crash_is_a_bug_and_carries_the_end_of_its_log() -> None:
    error = childprocess.death(-signal.SIGSEGV, "some\nlast words")
    assert (error.message, error.hint) == ("the render process was killed by SIGSEGV", childprocess.CRASH_HINT)
    assert error.__notes__ == ["the render process printed:\nsome\nlast words"]


def test_an_exit_quotes_the_last_line_of_the_log() -> None:
    assert childprocess.death(3, "some\nlast words").hint == "last words"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("InputError", errors.InputError), ("NoSuchError", errors.WorkerError), ("annotations", errors.WorkerError)],
)
def test_an_error_comes_back_as_the_class_it_was(kind: str, expected: type) -> None:
    event = {"kind": kind, "message": "what", "hint": "why", "detail": "where"}
    error = childprocess.revive(event)
    assert type(error) is expected
    assert (error.message, error.hint, error.__notes__) == ("what", "why", ["where"])
