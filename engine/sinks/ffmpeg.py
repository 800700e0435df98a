"""The ffmpeg sink: frames through a pipe into an encoder, a file with its final name only when all of it is right."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
import time
from collections import deque
from pathlib import Path
from typing import IO

from engine.errors import EncodeError, MissingError, RenderError
from engine.ffmpeg import encoders
from engine.scene import Canvas
from engine.sinks.base import Pixels, SinkResult, check_frame
from engine.sinks.codecs import AUDIO, VIDEO, EncodeSettings
from engine.sinks.command import command
from engine.sinks.failure import error_lines, explain
from engine.sinks.output import Partial
from engine.sinks.process import count_frames, start
from engine.sinks.pump import Pump, Stalled

__all__ = ["EncodeSettings", "FfmpegSink", "command", "count_frames", "require_encoders"]

_HEAD, _TAIL = 40, 40  # lines of stderr kept: the first ones name the cause
PATIENCE = 600.0  # seconds without any progress after which ffmpeg counts as hung


def require_encoders(ffmpeg: Path, settings: EncodeSettings) -> None:
    """Raise MissingError when this ffmpeg was built without an encoder that the settings need."""
    audio = AUDIO[settings.audio_codec][0]
    for codec, encoder in ((settings.codec, VIDEO[settings.codec].encoder), (settings.audio_codec, audio)):
        if encoder is not None and encoder not in encoders(ffmpeg):
            raise MissingError(
                f"this ffmpeg cannot encode {codec}: {ffmpeg} was built without {encoder}",
                "choose another codec, or unset TRACKREEL_FFMPEG to use the ffmpeg that was installed along",
            )


class FfmpegSink:
    """Encodes frames, with the audio beside them, into `out`. Starts ffmpeg at once; use it from one thread.

    Raises MissingError (no such encoder, ffmpeg cannot be started), InputError (what no encoder could do), OutputError
    (no folder, no permission, another run writes it). ffmpeg stays in our process group, so that the runner can kill
    the group; if we die, its stdin ends and it ends with it.
    """

    def __init__(
        self,
        ffmpeg: Path,
        settings: EncodeSettings,
        canvas: Canvas,
        audio: Path | None,
        first_frame: int,
        frame_count: int,
        out: Path,
        *,
        patience: float = PATIENCE,
    ) -> None:
        self.command = command(ffmpeg, settings, canvas, audio, first_frame, frame_count, out)
        require_encoders(ffmpeg, settings)
        self._ffmpeg, self._out, self._expected, self._patience = ffmpeg, out, frame_count, patience
        self._shape = (canvas.height, canvas.width, 4)
        self._given = 0
        self._partial = Partial(out)
        try:
            self._process = start(self.command)
        except BaseException:
            self._partial.discard()
            raise
        self._head: list[str] = []
        self._tail: deque[str] = deque(maxlen=_TAIL)
        self._listener = threading.Thread(target=self._listen, name="ffmpeg stderr", daemon=True)
        self._listener.start()
        self._pump = Pump(self._send, patience, "ffmpeg stdin")

    def write(self, frame: Pixels) -> None:
        """Hand over one frame (see engine.sinks.base). Raises EncodeError, OutputError when ffmpeg has failed."""
        check_frame(frame, self._shape, self._given, self._expected)
        if self._pump.failure is not None:
            raise self._fail()
        try:
            self._pump.put(frame)
        except Stalled:
            raise self._fail(hung=True) from None
        self._given += 1

    def finish(self) -> SinkResult:
        """Complete the file and rename it. Raises EncodeError, OutputError; then no file is left."""
        begin = time.perf_counter()
        try:
            self._pump.close()
            with contextlib.suppress(OSError):
                self._stdin().close()
            # It ends with its stderr; waiting for that wakes at once, where waiting for a process polls.
            self._listener.join(self._patience)
            status = self._process.wait(0 if self._listener.is_alive() else 60)
        except (Stalled, subprocess.TimeoutExpired):
            raise self._fail(hung=True) from None
        if status or self._pump.failure is not None or error_lines(self._stderr()):
            raise self._fail()
        self._check_count()
        size = self._partial.commit()
        return SinkResult(self._given, size, self._pump.seconds, time.perf_counter() - begin)

    def abort(self) -> None:
        """Kill ffmpeg and remove the unfinished file. Never raises; may be called from a signal handler or a thread."""
        self._stop()
        self._partial.discard()

    def _check_count(self) -> None:
        """The last proof: ffmpeg exits 0 even when it wrote fewer frames than it was given."""
        try:
            found = count_frames(self._ffmpeg, self._partial.path)
            if found != self._expected:
                raise EncodeError(
                    f"{self._out} would have {found} frames instead of {self._expected}",
                    f"{self._given} frames were given to ffmpeg, which reported no error",
                )
        except RenderError:
            self._partial.discard()
            raise

    def _fail(self, *, hung: bool = False) -> RenderError:
        """Stop everything, remove the file; the error to raise, with what ffmpeg said."""
        if not hung:
            with contextlib.suppress(subprocess.TimeoutExpired):  # it closed its stdin, so it is about to end
                self._process.wait(5)
        hung = hung or self._process.poll() is None
        self._stop()
        self._partial.discard()
        status = None if hung else self._process.returncode
        return explain(status, self._stderr(), self._pump.frames, self._expected, self._out)

    def _stop(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):  # with a timeout it takes no lock that we may hold
            self._process.wait(10)
        self._pump.stop()  # with its reader gone, a blocked write returns
        with contextlib.suppress(OSError):
            self._stdin().close()
        self._listener.join(5)  # a grandchild may hold stderr open

    def _send(self, view: memoryview) -> None:
        """Write one whole frame to the pipe, without copying it."""
        handle = self._stdin().fileno()
        while view:
            view = view[os.write(handle, view) :]

    def _stdin(self) -> IO[bytes]:
        assert self._process.stdin is not None  # noqa: S101 - it was opened as a pipe
        return self._process.stdin

    def _stderr(self) -> list[str]:
        return [*self._head, *self._tail]

    def _listen(self) -> None:
        """Read stderr to its end, so that ffmpeg never blocks on it; keep its first and last lines."""
        assert self._process.stderr is not None  # noqa: S101 - it was opened as a pipe
        with self._process.stderr as stream:
            for raw in stream:
                line = raw[:2000].decode(errors="replace").rstrip()
                (self._head if len(self._head) < _HEAD else self._tail).append(line)
