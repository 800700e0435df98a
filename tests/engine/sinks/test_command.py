from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.scene import Canvas
from engine.sinks.codecs import EncodeSettings
from engine.sinks.command import command, seconds

CANVAS = Canvas(64, 36, Fraction(30000, 1001))


def make(audio: str | None = "a.wav", first: int = 0, out: str = "v.mp4", **settings: object) -> list[str]:
    chosen = EncodeSettings(**settings)  # type: ignore[arg-type]
    return command(Path("ffmpeg"), chosen, CANVAS, Path(audio) if audio else None, first, 30, Path(out))


def after(arguments: list[str], option: str) -> str:
    return arguments[arguments.index(option) + 1]


def test_the_command_states_everything_that_matters() -> None:
    arguments = make(threads=3, crf=18)
    assert after(arguments, "-framerate") == "30000/1001"
    assert after(arguments, "-video_size") == "64x36"
    assert after(arguments, "-threads:v") == "3"
    assert after(arguments, "-crf") == "18"
    assert after(arguments, "-x264-params") == "cpu-independent=1"
    assert after(arguments, "-map_metadata") == "-1"
    assert after(arguments, "-movflags") == "+faststart"
    assert [after(arguments, option) for option in ("-color_primaries", "-color_trc", "-colorspace")] == ["bt709"] * 3
    assert arguments[-1] == "file:.v.mp4.part.mp4"
    assert "-nostdin" in arguments
    assert "-xerror" not in arguments  # see the comment there


def test_without_bitexact_its_options_are_absent() -> None:
    arguments = make(bitexact=False)
    assert not any(one.startswith("cpu-independent") or one == "+bitexact" for one in arguments)


def test_the_default_crf_is_the_codecs_own() -> None:
    assert [after(make(codec=codec), "-crf") for codec in ("h264", "hevc", "vp9", "av1")] == ["20", "23", "31", "32"]
    assert "-crf" not in make(codec="prores", out="v.mov", crf=20)


def test_the_audio_is_cut_where_the_frames_are() -> None:
    chain = after(make(first=30), "-af")
    assert "atrim=start=1.001000:end=2.002000" in chain
    assert "-an" in make(audio=None)
    assert "-an" in make(audio_codec="none")
    assert "-af" not in make(audio_codec="copy")


def test_only_files_can_be_opened() -> None:
    arguments = make(audio="concat:a|b")
    where = arguments.index("file:concat:a|b")
    assert after(arguments[:where], "-format_whitelist").startswith("aac,")
    assert arguments.count("-protocol_whitelist") == 2


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_an_hour_long_offset_is_written_in_full(codec: str) -> None:
    assert "atrim=start=36036.000000" in after(make(codec=codec, first=1080000), "-af")


@given(st.fractions(min_value=0, max_value=10**6))
def test_times_are_decimal_and_right_to_the_microsecond(value: Fraction) -> None:
    text = seconds(value)
    assert abs(Fraction(text) - value) <= Fraction(1, 2_000_000)
    assert "e" not in text
