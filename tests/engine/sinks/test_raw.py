from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine.errors import EncodeError
from engine.scene import Canvas
from engine.sinks.raw import RawSink

CANVAS = Canvas(16, 16, Fraction(10))


def test_frames_are_written_as_they_are(tmp_path: Path) -> None:
    frames = np.random.default_rng(1).integers(0, 256, (3, 16, 16, 4), np.uint8)
    sink = RawSink(CANVAS, 3, tmp_path / "x.rgba")
    for frame in frames:
        sink.write(frame)
    assert not (tmp_path / "x.rgba").exists()
    assert sink.finish().bytes == frames.nbytes
    assert (tmp_path / "x.rgba").read_bytes() == frames.tobytes()


@pytest.mark.parametrize("how", ["short", "aborted"])
def test_nothing_is_left_of_what_is_not_complete(tmp_path: Path, how: str) -> None:
    sink = RawSink(CANVAS, 3, tmp_path / "x.rgba")
    sink.write(np.zeros((16, 16, 4), np.uint8))
    if how == "short":
        with pytest.raises(EncodeError, match="1 raw frames instead of 3"):
            sink.finish()
    sink.abort()
    sink.abort()
    assert list(tmp_path.iterdir()) == []
