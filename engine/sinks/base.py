"""What a sink is, and several of them as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""A frame at the engine's edge: uint8 [height, width, 4], C-contiguous, R G B A, display-referred, opaque."""

FRAMES_HELD = 3
"""A frame given to `write` may be read until this many more writes have returned; a ring of 4 buffers is enough."""


@dataclass(frozen=True, slots=True)
class SinkResult:
    """What a sink made: frames, size in bytes, and the seconds it cost.

    write_seconds: time spent handing frames over (pipe, hash, disk), in the sink's own thread.
    wait_seconds: time after the last frame until the output was complete and in place.
    """

    frames: int
    bytes: int
    write_seconds: float
    wait_seconds: float


class Sink(Protocol):
    """Takes frames in order; afterwards exactly one of `finish` and `abort`. Nothing half-written has a final name."""

    def write(self, frame: Pixels) -> None:
        """Take one frame; its memory must stay as it is until FRAMES_HELD more writes.

        Raises EncodeError, OutputError; ValueError for a frame of another shape, or one too many (a caller's mistake).
        """
        ...

    def finish(self) -> SinkResult:
        """Complete the output and give it its final name.

        Raises EncodeError, OutputError; then nothing is left behind.
        """
        ...

    def abort(self) -> None:
        """Give up at once and leave nothing behind. Never raises; harmless after `finish`, and twice."""
        ...


def check_frame(frame: Pixels, shape: tuple[int, int, int], given: int, expected: int) -> None:
    """Raise ValueError for a frame that no sink takes: wrong shape, type or layout, or one more than was agreed."""
    if frame.shape != shape or frame.dtype != np.uint8 or not frame.flags.c_contiguous:
        raise ValueError(f"a frame must be contiguous uint8 {shape}, not {frame.dtype} {frame.shape}")
    if given >= expected:
        raise ValueError(f"more than the {expected} frames that were announced")


class Tee:
    """Several sinks as one. Put the main output last: it gets its name only after every other sink has finished."""

    def __init__(self, sinks: Sequence[Sink]) -> None:
        self._sinks = tuple(sinks)
        self.results: tuple[SinkResult, ...] = ()

    def write(self, frame: Pixels) -> None:
        """Give the frame to every sink, in order."""
        for sink in self._sinks:
            sink.write(frame)

    def finish(self) -> SinkResult:
        """Finish every sink in order; the last one's result. When one fails, the later ones are aborted."""
        results: list[SinkResult] = []
        try:
            for sink in self._sinks:
                results.append(sink.finish())  # noqa: PERF401 - a failure must not lose which ones were finished
        except BaseException:
            self.abort()
            raise
        self.results = tuple(results)
        return results[-1]

    def abort(self) -> None:
        """Abort every sink."""
        for sink in self._sinks:
            sink.abort()
