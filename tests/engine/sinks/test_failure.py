from __future__ import annotations

import signal
from pathlib import Path

import pytest

from engine.errors import EncodeError, OutputError
from engine.sinks.failure import error_lines, explain

COMPLAINTS = [
    "[mp3float @ 0x55d0c0] [error] Header missing",
    "[aist#1:0/mp3 @ 0x55d0c1] [dec:mp3float @ 0x55d0c2] [error] Error submitting packet to decoder: Invalid",
    "[flac @ 0x55d0c0] [error] invalid sync code",
    "[pcm_s16le @ 0x55d0c0] [error] Invalid PCM packet, data has size 3 but at least a size of 4 was expected",
    "x265 [info]: HEVC encoder version 4.1",
    "Svt[info]: SVT [version]: SVT-AV1",
    "",
]
ERRORS = [
    "[out#0/mp4 @ 0x55d0c0] [error] Error writing trailer: No space left on device",
    "[vost#0:0/libx264 @ 0x55d0c0] [error] Error submitting a packet to the muxer: Broken pipe",
    "[aost#0:1/aac @ 0x55d0c0] [enc:aac @ 0x55d0c1] [error] Error submitting audio frame to the encoder",
    "x265 [error]: unable to allocate",
    "Svt[error]: instance failed",
    "Illegal instruction",
]


@pytest.mark.parametrize("line", COMPLAINTS)
def test_what_a_decoder_skips_and_what_encoders_chat_is_no_error(line: str) -> None:
    assert error_lines([line]) == []


@pytest.mark.parametrize("line", ERRORS)
def test_whatever_else_is_said_is_an_error(line: str) -> None:
    assert len(error_lines([line])) == 1


@pytest.mark.parametrize(
    ("status", "written", "text"),
    [
        (1, 0, "ffmpeg failed with status 1 before it took a frame"),
        (-11, 5, "ffmpeg was killed by SIGSEGV after 5 of 9 frames were sent"),
        (-77, 5, "ffmpeg was killed by signal 77 after 5"),
        (None, 9, "ffmpeg stopped answering while it completed the file"),
        (0, 9, "ffmpeg reported an error while it completed the file"),
    ],
)
def test_the_message_says_how_it_ended_and_when(status: int | None, written: int, text: str) -> None:
    error = explain(status, ["[enc:x @ 0x1] [fatal] too odd"], written, 9, Path("v.mp4"))
    assert isinstance(error, EncodeError)
    assert error.transient == (status is None or status < 0)  # the same command would fail again by itself
    assert error.message.startswith(text)
    assert error.message.endswith(": too odd")


FULL = [(1, ["[error] a", "[error] b: No space left on device"]), (-signal.SIGXFSZ, [])]


@pytest.mark.parametrize(("status", "lines"), FULL)
def test_a_full_disk_wins_over_every_other_reason(status: int, lines: list[str]) -> None:
    error = explain(status, lines, 3, 9, Path("v.mp4"))
    assert isinstance(error, OutputError)
    assert error.transient
    assert error.message == "disk full: v.mp4"


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("Unknown encoder 'libx264'", "lacks the encoder"),
        ("Unrecognized option 'fps_mode:v'", "too old"),
        ("v.mp4: Permission denied", "permissions"),
        ("Invalid data found when processing input", "damaged"),
        ("Cannot allocate memory", "smaller size"),
        ("something new", "doctor"),
    ],
)
def test_hints_by_reason(line: str, hint: str) -> None:
    assert hint in explain(1, [line], 0, 9, Path("v.mp4")).hint


def test_a_kill_hints_at_memory() -> None:
    assert "memory" in explain(-9, [], 3, 9, Path("v.mp4")).hint
