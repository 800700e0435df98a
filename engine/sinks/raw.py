"""The raw sink: every frame as it is, one after the other. What a comparison of whole frames reads."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

from engine.errors import EncodeError
from engine.scene import Canvas
from engine.sinks.base import Pixels, SinkResult, check_frame
from engine.sinks.output import Partial, output_error

NAME = "frames.rgba"
"""What a file of raw frames is called in a folder of its own."""


class RawSink:
    """Writes frames as RGBA, 4 bytes a pixel, to `out`, whose folder is there. Raises OutputError."""

    def __init__(self, canvas: Canvas, frame_count: int, out: Path) -> None:
        self._shape = (canvas.height, canvas.width, 4)
        self._expected, self._out, self._given = frame_count, out, 0
        self._partial = Partial(out)
        try:
            self._file = self._partial.path.open("wb")
        except OSError as error:
            self._partial.discard()
            raise output_error(out, error) from error

    def write(self, frame: Pixels) -> None:
        """Write one frame (see engine.sinks.base). Raises OutputError."""
        check_frame(frame, self._shape, self._given, self._expected)
        try:
            self._file.write(frame.data)
        except OSError as error:
            self.abort()
            raise output_error(self._out, error) from error
        self._given += 1

    def finish(self) -> SinkResult:
        """Complete the file. Raises OutputError, EncodeError (another number of frames than announced)."""
        begin = time.perf_counter()
        try:
            self._file.close()
        except OSError as error:
            self.abort()
            raise output_error(self._out, error) from error
        if self._given != self._expected:
            self.abort()
            raise EncodeError(f"{self._given} raw frames instead of {self._expected}")
        size = self._partial.commit()
        return SinkResult(self._expected, size, 0.0, time.perf_counter() - begin)

    def abort(self) -> None:
        """Drop everything."""
        with contextlib.suppress(OSError):  # what could not be written is dropped anyway
            self._file.close()
        self._partial.discard()
