"""Lyrics: what players read is read, and every bad line is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.overlay import lyrics

LRC = """\ufeff[ti:Low Tide]\r
[offset:+500]\r
[00:12.50][01:02]Hold the line\r
\r
[00:15:00] And the <00:15.20>lights  go out\r
[00:30.5]\r
"""
SRT = """1
00:00:12,500 --> 00:00:14,000 X1:40
<i>Hold</i> {\\an8}the line
again

00:01:02.0 --> 00:01:03.000
And out
"""


def cues(text: str, suffix: str = ".lrc") -> list[tuple[float, float, str, int]]:
    found, faults = lyrics.parse(text.encode(), suffix)
    assert faults == []
    return [(one.start, one.end, one.text, one.line) for one in found]


def test_lrc_with_tags_offset_stamps_and_pauses() -> None:
    assert cues(LRC) == [
        (12.0, 14.5, "Hold the line", 3),
        (14.5, 14.5 + lyrics.LINGER, "And the lights go out", 5),
        (61.5, 61.5 + lyrics.LINGER, "Hold the line", 3),
    ]


def test_an_empty_line_ends_the_one_before() -> None:
    assert cues("[00:01]a\n[00:03]\n[00:09]b")[0] == (1.0, 3.0, "a", 1)


def test_an_offset_cannot_move_lines_before_the_track() -> None:
    assert cues("[offset: 5000]\n[00:01]a\n[00:07]b") == [(0.0, 2.0, "a", 2), (2.0, 10.0, "b", 3)]


def test_srt_with_markup_and_several_lines() -> None:
    assert cues(SRT, ".srt") == [(12.5, 14.0, "Hold the line\nagain", 2), (62.0, 63.0, "And out", 6)]


@pytest.mark.parametrize(
    ("text", "suffix", "line", "message"),
    [
        ("[00:01]a\nwords\n", ".lrc", 2, "there is no time before these words"),
        ("[00:61]a", ".lrc", 1, "there is no time before these words"),
        ("[offset:soon]\n[00:01]a", ".lrc", 1, "the offset is not a number of milliseconds"),
        ("[ar:Ada]\n", ".lrc", 0, "there are no lyrics with times in it"),
        ("[00:01]" + "a" * 201, ".lrc", 1, "a line of more than 200 characters"),
        ("1\n00:00:01,000 -> 00:00:02,000\nwords\n", ".srt", 1, "there are no times before these words"),
        ("1\n00:00:01 --> 00:00:02,000\nwords\n", ".srt", 2, "there are no times before these words"),
        ("\n00:00:02,000 --> 00:00:01,000\nwords\n", ".srt", 2, "it ends before it begins"),
        ("", ".srt", 0, "there are no lyrics with times in it"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, suffix: str, line: int, message: str) -> None:
    (fault,) = lyrics.parse(text.encode(), suffix)[1]
    assert (fault.line, fault.message) == (line, message)


def test_other_encodings_and_huge_files_are_refused() -> None:
    (fault,) = lyrics.parse("[00:01]a\n[00:02]Ä".encode("latin-1"), ".lrc")[1]
    assert (fault.line, fault.message) == (2, "byte 0xc4 is not UTF-8")
    (fault,) = lyrics.parse(b"[00:01]a\n" * 200_000, ".lrc")[1]
    assert "more than 1000000 bytes" in fault.message
    (fault,) = lyrics.parse(b"[00:01]a\n" * 6_000, ".lrc")[1]
    assert "more than 5000 lines" in fault.message


PIECES = ["[00:01]", "[1:2.3]", "[", "]", "00:00:01,000", " --> ", "\n", "\r", "\n\n", "a", "7", "[offset:-3]", "<0:1>"]


@given(st.lists(st.sampled_from(PIECES)).map("".join), st.sampled_from(lyrics.SUFFIXES))
def test_any_text_gives_cues_in_order_or_faults_with_lines(text: str, suffix: str) -> None:
    found, faults = lyrics.parse(text.encode(), suffix)
    count = len(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    assert found or faults
    assert all(0 <= one.line <= count for one in faults)
    assert all(one.text and 0 <= one.start < one.end and 1 <= one.line <= count for one in found)
    assert [one.start for one in found] == sorted(one.start for one in found)


@given(st.lists(st.integers(0, 5_999_999), min_size=1, max_size=30, unique=True))
def test_every_stamp_comes_back(times: list[int]) -> None:
    text = "\n".join(f"[{one // 60000:02d}:{one // 1000 % 60:02d}.{one % 1000:03d}]words {one}" for one in times)
    found, _ = lyrics.parse(text.encode(), ".lrc")
    assert [(one.start, one.text) for one in found] == [(one / 1000, f"words {one}") for one in sorted(times)]
