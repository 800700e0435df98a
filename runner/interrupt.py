"""Ctrl-C and polite kills: what the first one does, what the second one does, and cleaning up undisturbed."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
AGAIN_S = 0.05
"""Seconds until a signal that got lost comes again."""


class Stop:
    """Whether the user asked to stop after the running tasks (`requested`), or to stop them too (`at_once`)."""

    def __init__(self) -> None:
        self.requested = False
        self.at_once = False


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@contextmanager
def _handling(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():  # Python sets handlers in the main thread alone
        yield
        return
    # A signal that we were started to ignore (nohup, a shell's background job) stays ignored.
    mine = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    saved = {number: signal.signal(number, handler) for number in mine}
    try:
        yield
    finally:
        for number, old in saved.items():
            signal.signal(number, old)


@contextmanager
def _unlosable(before: Callable[[], None]) -> Iterator[None]:
    """Let a KeyboardInterrupt that Python swallowed come again a moment later, after `before`.

    It swallows what is raised in a callback or a finaliser, such as those that every import runs.
    """
    usual = sys.unraisablehook

    def hook(lost: sys.UnraisableHookArgs) -> None:
        if not issubclass(lost.exc_type, KeyboardInterrupt):
            usual(lost)
            return
        before()
        again = threading.Timer(AGAIN_S, os.kill, (os.getpid(), signal.SIGINT))  # here it would get lost once more
        again.daemon = True
        again.start()

    sys.unraisablehook = hook
    try:
        yield
    finally:
        sys.unraisablehook = usual


@contextmanager
def immediate() -> Iterator[None]:
    """Every signal that asks us to end raises KeyboardInterrupt, so that `finally` blocks run for all of them."""
    with _handling(_interrupt), _unlosable(lambda: None):
        yield


@contextmanager
def after_task(notice: Callable[[], None]) -> Iterator[Stop]:
    """The first signal asks to stop after the running tasks and calls `notice`; the second raises KeyboardInterrupt."""
    stop = Stop()

    def handler(_number: int, _frame: FrameType | None) -> None:
        if stop.at_once:  # an impatient third one must not disturb the cleaning
            return
        if stop.requested:
            stop.at_once = True
            raise KeyboardInterrupt
        stop.requested = True
        notice()

    def forget() -> None:
        stop.at_once = False

    with _handling(handler), _unlosable(forget):
        yield stop


@contextmanager
def shielded() -> Iterator[None]:
    """Ignore further signals while cleaning up: an impatient third Ctrl-C must not leave a process behind."""
    with _handling(signal.SIG_IGN):
        yield
