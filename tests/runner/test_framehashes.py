import subprocess
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import ffmpeg
from engine.scene import Canvas
from engine.sinks.framemd5 import FrameMd5Sink, header, row
from runner.framehashes import FrameHashError, parse

CANVAS = Canvas(20, 10, Fraction(30000, 1001))
HASHES = [f"{one:032x}" for one in range(7, 12)]


def text() -> str:
    return header(CANVAS) + "".join(row(index, 800, one) for index, one in enumerate(HASHES))


def test_reads_what_the_sink_writes() -> None:
    found = parse(text().encode())
    assert found.hashes == tuple(HASHES)
    assert (found.width, found.height, found.tick, found.frame_bytes) == (20, 10, Fraction(1001, 30000), 800)


def test_agrees_with_ffmpegs_own_muxer(tmp_path: Path) -> None:
    frames = np.random.default_rng(1).integers(0, 256, (4, 10, 20, 4), np.uint8)
    sink = FrameMd5Sink(CANVAS, 4, tmp_path / "ours.framemd5")
    for frame in frames:
        sink.write(frame)
    sink.finish()
    made = subprocess.run(
        [ffmpeg.find(), "-v", "error", "-f", "rawvideo", "-pixel_format", "rgba", "-video_size", "20x10", "-framerate",
         "30000/1001", "-i", "-", "-f", "framemd5", "-"],
        input=frames.tobytes(), capture_output=True, check=True,
    )  # fmt: skip
    ours, theirs = (tmp_path / "ours.framemd5").read_bytes(), made.stdout

    def columns(data: bytes) -> list[str]:
        return [line for line in data.decode().splitlines() if not line.startswith("#")]

    assert columns(ours) == columns(theirs)
    assert len(columns(ours)) == 4
    assert parse(ours) == parse(theirs)  # theirs names its software in the header


LINES = text().splitlines(keepends=True)
START = header(CANVAS).count("\n")


@pytest.mark.parametrize(
    ("damaged", "words"),
    [
        ("", "empty"),
        (text().replace("\n", "\r\n"), "CR LF"),
        (text()[:-1], "truncated: line 14 does not end"),
        (text()[:-20], "truncated"),
        (text()[:-20] + "\n", "truncated: line 14"),
        ("".join(LINES[:START]), "no frames"),
        ("".join(LINES[:4]), "truncated: its header has no end"),
        ("".join(LINES[1:]), "line 1"),
        (text().replace("#dimensions 0: 20x10\n", ""), "no '#dimensions 0'"),
        (text().replace("20x10", "0x10"), "foreign header"),
        (text().replace("rawvideo", "h264"), "foreign header"),
        (text().replace("#version: 2", "#version: 1"), "line 2: version is '1': a foreign header"),
        ("".join([*LINES[: START + 2], *LINES[START + 3 :]]), "line 12: a frame is missing: 2 should come, not 3"),
        ("".join([*LINES[:START], *LINES[START + 1 :]]), "a frame is missing: 0 should come, not 1"),
        ("".join([*LINES[: START + 2], *LINES[START + 1 :]]), "line 12: an extra frame: 1 is there already"),
        (text().replace("     800, " + HASHES[2], "     600, " + HASHES[2]), "600 bytes among frames of 800"),
        (text().replace(HASHES[2], HASHES[2][:-1] + "G"), "line 12 is not a frame's line"),
        (text().replace(HASHES[2], "\u00e4"), "no ASCII"),
    ],
)  # fmt: skip
def test_says_what_is_wrong(damaged: str, words: str) -> None:
    with pytest.raises(FrameHashError) as caught:
        parse(damaged.encode())
    assert words in caught.value.message


@given(
    place=st.integers(0, len(text()) - 1), length=st.integers(1, 60), put=st.text("0123456789abcdef,# \n\r", max_size=9)
)
def test_any_damage_is_an_error_or_other_hashes(place: int, length: int, put: str) -> None:
    damaged = text()[:place] + put + text()[place + length :]
    try:
        found = parse(damaged.encode())
    except FrameHashError:
        return
    # ffmpeg pads the columns: a lost blank between two of them changes no value.
    rows = [line.rpartition(",")[2].strip() for line in damaged.splitlines() if not line.startswith("#")]
    assert found.hashes == tuple(rows)
