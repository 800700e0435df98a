"""ffmpeg alone."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from engine import ffmpeg
from engine.errors import EncodeError
from engine.scene import Canvas
from engine.sinks.codecs import EncodeSettings
from engine.sinks.command import command
from runner import floor

LOG = """\
[info] bench:     1000 user      500 sys     2000 real encode_video 0.0
[info] bench:     3000 user      500 sys     4000 real encode_video 0.0
[info] bench:        1 user        1 sys        2 real decode_video 0:0
[info] bench: 18446744073709551610 user 1 sys 18446744073709551615 real decode_video 0:0
[info] bench: utime=0.322s stime=0.040s rtime=0.500s
[info] bench: maxrss=51200KiB
"""


def test_the_figures_of_benchmark_all_are_summed_up() -> None:
    found = floor.parse_benchmark(LOG)
    assert found["encode_video"] == {"calls": 2, "unusable": 0, "user": 0.004, "system": 0.001, "real": 0.006}
    assert found["decode_video"] == {"calls": 2, "unusable": 1, "user": 1e-06, "system": 1e-06, "real": 2e-06}
    assert found["total"] == {"utime": 0.322, "stime": 0.04, "rtime": 0.5, "maxrss": 51200.0}


def test_it_encodes_a_file_of_frames_and_measures(tmp_path: Path) -> None:
    frames = tmp_path / "frames.raw"
    frames.write_bytes(bytes(64 * 36 * 4 * 10))
    canvas, settings = Canvas(64, 36, Fraction(30)), EncodeSettings(speed="ultrafast")
    arguments = command(ffmpeg.find(), settings, canvas, None, 0, 10, tmp_path / "out.mp4")
    run = floor.encode(arguments, frames)
    assert run.wall > 0
    assert run.cpu > 0
    assert run.peak_memory > 1 << 20
    figures = floor.benchmark_all(arguments, frames)
    assert figures["encode_video"]["calls"] >= 10
    assert figures["total"]["rtime"] >= 0


def test_a_failure_is_said_with_its_reason(tmp_path: Path) -> None:
    frames = tmp_path / "frames.raw"
    frames.write_bytes(b"")
    arguments = [str(ffmpeg.find()), "-hide_banner", "-loglevel", "error", "-i", "nothing.wav", "-f", "null", "-"]
    with pytest.raises(EncodeError, match="ffmpeg alone failed") as caught:
        floor.encode(arguments, frames)
    assert "nothing.wav" in caught.value.hint
