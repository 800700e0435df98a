"""Who died first, and what is heard of workers."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from runner import pump as pumps
from runner.interrupt import Stop
from runner.ledger import Ledger
from runner.pump import Pump
from runner.terms import Terms

pytestmark = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="this system cannot watch processes")


@pytest.fixture
def pump(tmp_path: Path) -> Iterator[Pump]:
    terms = Terms(run_dir=str(tmp_path), cwd=str(tmp_path))
    terms.spool.mkdir()
    with Pump(Ledger([], lambda _event: None, Stop(), terms)) as made:
        yield made


@pytest.fixture
def workers(pump: Pump) -> Iterator[list[subprocess.Popen[bytes]]]:
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    started = [subprocess.Popen(command) for _ in range(3)]
    for number, process in enumerate(started):
        pump._take(f"w{number}", {"event": "worker", "pid": process.pid})
    time.sleep(2 * pumps.PERIOD)  # until the thread watches them
    yield started
    for process in started:
        process.kill()
        process.wait()


def until(condition: Callable[[], Any]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_the_first_to_die_is_told_from_those_that_follow(pump: Pump, workers: list[subprocess.Popen[bytes]]) -> None:
    workers[1].kill()
    until(lambda: pump._waves)
    for process in workers:
        process.kill()
        process.wait()
    assert pump.take_dead() == {"2"}
    assert pump.take_dead() == set()


def test_who_ended_long_ago_is_not_to_blame(
    pump: Pump, workers: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    workers[0].kill()
    until(lambda: pump._waves)
    monkeypatch.setattr(pumps, "RECENT", 0.0)
    assert pump.take_dead() == set()


def test_numbers_are_the_lowest_that_are_free(pump: Pump) -> None:
    assert [pump.number(one) for one in ("a", "b", "a", "c")] == ["1", "2", "1", "3"]


def test_render_processes_of_other_hosts_are_none_of_ours(pump: Pump) -> None:
    pump._take("here", {"event": "renderer", "group": 11, "host": socket.gethostname()})
    pump._take("there", {"event": "renderer", "group": 12, "host": "elsewhere"})
    assert pump.take_groups() == [11]
    assert pump.take_groups() == []
