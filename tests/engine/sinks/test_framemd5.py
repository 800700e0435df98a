from __future__ import annotations

import subprocess
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine.errors import EncodeError
from engine.ffmpeg import find
from engine.scene import Canvas
from engine.sinks.framemd5 import FrameMd5Sink
from tests.engine.sinks.video import CANVAS, frames


def write(out: Path, canvas: Canvas, count: int) -> None:
    sink = FrameMd5Sink(canvas, count, out)
    for frame in frames(count, canvas):
        sink.write(frame)
    result = sink.finish()
    assert (result.frames, result.bytes) == (count, out.stat().st_size)


@pytest.mark.parametrize("fps", ["30", "60", "1", "30000/1001", "24000/1001", "25/2"])
def test_the_file_is_the_one_that_ffmpeg_writes(tmp_path: Path, fps: str) -> None:
    canvas = Canvas(46, 22, Fraction(fps))
    write(tmp_path / "f.framemd5", canvas, 12)
    source = ["-f", "rawvideo", "-pixel_format", "rgba", "-video_size", "46x22", "-framerate", fps, "-i", "pipe:0"]
    theirs = subprocess.run(
        [str(find()), "-v", "error", *source, "-c:v", "rawvideo", "-fflags", "+bitexact", "-f", "framemd5", "-"],
        input=b"".join(frame.tobytes() for frame in frames(12, canvas)),
        capture_output=True,
        check=True,
    ).stdout
    assert (tmp_path / "f.framemd5").read_bytes() == theirs


def test_hashes_survive_a_ring_of_four_buffers(tmp_path: Path) -> None:
    write(tmp_path / "plain", CANVAS, 40)
    ring = np.zeros((4, 36, 64, 4), np.uint8)
    sink = FrameMd5Sink(CANVAS, 40, tmp_path / "ring")
    for index, frame in enumerate(frames(40)):
        ring[index % 4] = frame
        sink.write(ring[index % 4])
    sink.finish()
    assert (tmp_path / "ring").read_bytes() == (tmp_path / "plain").read_bytes()


def test_missing_frames_and_abort_leave_nothing(tmp_path: Path) -> None:
    sink = FrameMd5Sink(CANVAS, 2, tmp_path / "f")
    sink.write(frames(1)[0])
    with pytest.raises(EncodeError, match="1 frames instead of 2"):
        sink.finish()
    sink = FrameMd5Sink(CANVAS, 2, tmp_path / "f")
    sink.write(frames(1)[0])
    sink.abort()
    assert not list(tmp_path.iterdir())
