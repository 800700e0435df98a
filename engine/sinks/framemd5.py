"""The framemd5 sink: one MD5 a frame, in the format of ffmpeg's own muxer of that name (libavformat/framehash.c)."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

from engine.errors import EncodeError
from engine.scene import Canvas
from engine.sinks.base import Pixels, SinkResult, check_frame
from engine.sinks.output import Partial, output_error
from engine.sinks.pump import Pump, Stalled

_PATIENCE = 600.0


def header(canvas: Canvas) -> str:
    """The lines before the hashes, as ffmpeg -fflags +bitexact -f framemd5 (version 2) prints them."""
    return (
        "#format: frame checksums\n#version: 2\n#hash: MD5\n"
        f"#tb 0: {canvas.fps.denominator}/{canvas.fps.numerator}\n"
        "#media_type 0: video\n#codec_id 0: rawvideo\n"
        f"#dimensions 0: {canvas.width}x{canvas.height}\n#sar 0: 0/1\n"
        "#stream#, dts,        pts, duration,     size, hash\n"
    )


def row(index: int, size: int, digest: str) -> str:
    """The line of one frame: stream 0, dts and pts in frames, duration 1, size in bytes, hash in lower-case hex."""
    return f"0, {index:10d}, {index:10d}, {1:8d}, {size:8d}, {digest}\n"


class FrameMd5Sink:
    """Writes the MD5 of every RGBA frame to `out`; hashes in a thread (5 ms for 720p) beside the drawing.

    The hashes are those of `ffmpeg -f framemd5` for the same raw rgba frames. Raises OutputError.
    """

    def __init__(self, canvas: Canvas, frame_count: int, out: Path) -> None:
        self._shape = (canvas.height, canvas.width, 4)
        self._expected, self._out = frame_count, out
        self._given = 0
        self._lines = [header(canvas)]
        self._partial = Partial(out)
        self._pump = Pump(self._hash, _PATIENCE, "framemd5")

    def write(self, frame: Pixels) -> None:
        """Hash one frame (see engine.sinks.base). Raises EncodeError."""
        check_frame(frame, self._shape, self._given, self._expected)
        try:
            self._pump.put(frame)
        except Stalled:
            raise self._stalled() from None
        self._given += 1

    def finish(self) -> SinkResult:
        """Write the file and rename it. Raises OutputError, EncodeError (another number of frames than announced)."""
        begin = time.perf_counter()
        try:
            self._pump.close()
        except Stalled:
            raise self._stalled() from None
        if self._pump.failure is not None or self._given != self._expected:
            self.abort()
            raise EncodeError(f"{self._out} would have {self._pump.frames} frames instead of {self._expected}")
        try:
            self._partial.path.write_text("".join(self._lines), encoding="ascii", newline="\n")
        except OSError as error:
            self.abort()
            raise output_error(self._out, error) from error
        size = self._partial.commit()
        return SinkResult(self._given, size, self._pump.seconds, time.perf_counter() - begin)

    def abort(self) -> None:
        """Drop everything."""
        self._pump.stop()
        self._partial.discard()

    def _stalled(self) -> EncodeError:
        self.abort()
        return EncodeError("hashing the frames stopped", "the machine may be out of memory")

    def _hash(self, view: memoryview) -> None:
        digest = hashlib.md5(view, usedforsecurity=False).hexdigest()
        self._lines.append(row(len(self._lines) - 1, len(view), digest))
