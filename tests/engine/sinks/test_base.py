from __future__ import annotations

import signal
import threading

import numpy as np
import pytest

from engine.errors import EncodeError
from engine.sinks.base import FRAMES_HELD, Pixels, SinkResult, Tee
from engine.sinks.pump import Pump, Stalled


class Recorder:
    def __init__(self, log: list[str], name: str, *, fails: bool = False) -> None:
        self.log, self.name, self.fails = log, name, fails

    def write(self, frame: Pixels) -> None:
        self.log.append(f"{self.name} write {frame[0, 0, 0]}")

    def finish(self) -> SinkResult:
        if self.fails:
            raise EncodeError("no")
        self.log.append(f"{self.name} finish")
        return SinkResult(1, len(self.name), 0.0, 0.0)

    def abort(self) -> None:
        self.log.append(f"{self.name} abort")


def test_a_tee_gives_every_frame_to_all_and_finishes_the_main_one_last() -> None:
    log: list[str] = []
    tee = Tee([Recorder(log, "side"), Recorder(log, "main!")])
    tee.write(np.full((1, 1, 4), 7, np.uint8))
    assert tee.finish().bytes == 5
    assert [one.bytes for one in tee.results] == [4, 5]
    assert log == ["side write 7", "main! write 7", "side finish", "main! finish"]


def test_when_one_fails_the_tee_aborts_all() -> None:
    log: list[str] = []
    tee = Tee([Recorder(log, "a", fails=True), Recorder(log, "b")])
    with pytest.raises(EncodeError):
        tee.finish()
    assert log == ["a abort", "b abort"]


def test_a_frame_is_consumed_before_so_many_more_puts_return() -> None:
    seen: list[int] = []
    gate = threading.Semaphore(0)

    def consume(view: memoryview) -> None:
        gate.acquire()
        seen.append(view[0])

    pump = Pump(consume, 20, "test")
    for index in range(FRAMES_HELD):
        pump.put(np.full((1, 1, 4), index, np.uint8))  # fills the queue and the consumer's hands
    for index in range(FRAMES_HELD, 12):
        gate.release()
        pump.put(np.full((1, 1, 4), index, np.uint8))
        assert index - FRAMES_HELD in seen
    for _ in range(FRAMES_HELD):
        gate.release()
    pump.close()
    assert seen == list(range(12))
    assert pump.frames == 12


def test_a_consumer_that_fails_never_blocks_the_producer() -> None:
    def consume(_: memoryview) -> None:
        raise BrokenPipeError

    pump = Pump(consume, 20, "test")
    for _ in range(50):
        pump.put(np.zeros((1, 1, 4), np.uint8))
    pump.close()
    assert isinstance(pump.failure, BrokenPipeError)
    assert pump.frames == 0


def test_a_consumer_that_hangs_is_noticed() -> None:
    gate = threading.Event()
    pump = Pump(lambda _: gate.wait(20) and None, 0.05, "test")
    for _ in range(FRAMES_HELD):
        pump.put(np.zeros((1, 1, 4), np.uint8))
    with pytest.raises(Stalled):
        pump.put(np.zeros((1, 1, 4), np.uint8))
    with pytest.raises(Stalled):
        pump.close()
    gate.set()
    pump.stop()


def test_stop_works_inside_a_put_as_a_signal_handler_does() -> None:
    gate = threading.Event()
    pump = Pump(lambda _: gate.wait(20) and None, 20, "test")
    for _ in range(FRAMES_HELD):
        pump.put(np.zeros((1, 1, 4), np.uint8))

    def interrupt(*_: object) -> None:
        gate.set()
        pump.stop()
        raise InterruptedError

    old = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    try:
        with pytest.raises(InterruptedError):
            pump.put(np.zeros((1, 1, 4), np.uint8))
    finally:
        signal.signal(signal.SIGALRM, old)
    assert not pump._thread.is_alive()
    assert pump.frames == 1
