"""Signals."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import pytest

from runner import interrupt


@pytest.fixture(autouse=True)
def usual_signals() -> Iterator[None]:
    """As in a terminal: whoever runs the tests (nohup, a CI) may have started them with some signals ignored."""
    usual = dict.fromkeys(interrupt.SIGNALS, signal.SIG_DFL) | {signal.SIGINT: signal.default_int_handler}
    before = {number: signal.signal(number, handler) for number, handler in usual.items()}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def hit(number: signal.Signals = signal.SIGINT) -> None:
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", interrupt.SIGNALS)
def test_every_ending_signal_interrupts(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt), interrupt.immediate():
        hit(number)
    assert signal.getsignal(number) == before


def test_the_first_asks_and_the_second_interrupts() -> None:
    said: list[str] = []
    with interrupt.after_task(lambda: said.append("stopping")) as stop:
        assert not stop.requested
        hit()
        assert stop.requested
        assert said == ["stopping"]
        with pytest.raises(KeyboardInterrupt):
            hit()


def test_cleaning_up_is_undisturbed() -> None:
    with interrupt.immediate(), interrupt.shielded():
        hit()
        hit(signal.SIGTERM)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_what_we_were_started_to_ignore_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interrupt.immediate():
            hit(signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


class Swallowing:
    """Python swallows what its finaliser raises."""

    def __del__(self) -> None:
        hit()


def swallow() -> None:
    Swallowing()
    time.sleep(10)


def test_an_interrupt_that_python_swallows_comes_again() -> None:
    with pytest.raises(KeyboardInterrupt), interrupt.immediate():
        swallow()


def test_the_second_one_comes_again_too() -> None:
    with interrupt.after_task(lambda: None) as stop:
        hit()
        with pytest.raises(KeyboardInterrupt):
            swallow()
        assert stop.at_once
