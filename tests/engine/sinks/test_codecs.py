from __future__ import annotations

import dataclasses
import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from engine.sinks.codecs import AUDIO, CONTAINERS, SPEEDS, VIDEO, EncodeSettings, check, check_settings


@pytest.mark.parametrize(
    ("codec", "audio", "suffix", "source", "message", "nearest"),
    [
        ("h264", "aac", ".webm", None, "h264 video cannot go into .webm", ".mp4 with h264 and aac"),
        ("prores", "aac", ".mp4", None, "prores video cannot go into .mp4", ".mov with prores and aac"),
        ("prores", "opus", ".mp4", None, "prores video cannot go into .mp4", ".mkv with prores and opus"),
        ("vp9", "aac", ".webm", None, "aac audio cannot go into .webm", ".mp4 with vp9 and aac"),
        ("h264", "opus", ".mov", None, "opus audio cannot go into .mov", ".mp4 with h264 and opus"),
        (
            "h264",
            "copy",
            ".mp4",
            "vorbis",
            "vorbis audio (audio codec copy) cannot go into .mp4",
            ".mkv with h264 and copy",
        ),
        ("h264", "copy", ".mp4", "pcm_s16le", "pcm_s16le audio (audio codec copy)", ".mov with h264 and copy"),
        ("h264", "copy", ".mp4", "wmav2", "wmav2 audio (audio codec copy)", ".mp4 with h264 and aac"),
        ("h265", "aac", ".mp4", None, "unknown codec 'h265'", "hevc"),
        ("h264", "mp3", ".mp4", None, "unknown audio codec 'mp3'", "aac, opus"),
        ("h264", "aac", ".avi", None, "unknown output format '.avi'", ".mp4"),
        ("h264", "aac", "", None, "unknown output format ''", ".mp4"),
    ],
)
def test_an_impossible_pair_is_refused_by_name(
    codec: str, audio: str, suffix: str, source: str | None, message: str, nearest: str
) -> None:
    with pytest.raises(InputError) as caught:
        check(codec, audio, suffix, source)
    assert message in caught.value.message
    assert nearest in caught.value.hint
    assert caught.value.exit_status == 2


@given(
    st.sampled_from(sorted(VIDEO)), st.sampled_from(sorted(AUDIO)), st.sampled_from(sorted(CONTAINERS)),
    st.sampled_from([None, "aac", "mp3", "vorbis", "pcm_s16le", "flac", "wmav2"]),
)  # fmt: skip
def test_the_nearest_that_can_really_can(codec: str, audio: str, suffix: str, source: str | None) -> None:
    try:
        check(codec, audio, suffix, source)
    except InputError as error:
        words = error.hint.removeprefix("nearest that can: ").split()
        check(words[2], words[4], words[0], source)


def test_suffixes_are_read_in_any_case() -> None:
    check("h264", "aac", ".MP4")


def test_settings_are_json() -> None:
    settings = EncodeSettings(crf=18.5)
    assert EncodeSettings(**json.loads(json.dumps(dataclasses.asdict(settings)))) == settings


@pytest.mark.parametrize(
    ("change", "size", "message"),
    [
        ({"codec": "h264"}, (63, 36), "h264 needs an even width, not 63"),
        ({"codec": "h264"}, (64, 37), "h264 needs an even height, not 37"),
        ({"codec": "hevc"}, (8, 16), "hevc needs a width of at least 16, not 8"),
        ({"crf": 52}, (64, 36), "crf 52 is outside h264's range"),
        ({"codec": "av1", "crf": 0}, (64, 36), "crf 0 is outside av1's range"),
        ({"speed": "warp"}, (64, 36), "unknown speed 'warp'"),
        ({"threads": 0}, (64, 36), "encoder threads must be 1 to 64, not 0"),
        ({"codec": "mpeg2"}, (64, 36), "unknown codec 'mpeg2'"),
    ],
)
def test_settings_that_no_encoder_takes(change: dict[str, object], size: tuple[int, int], message: str) -> None:
    with pytest.raises(InputError, match=message):
        check_settings(EncodeSettings(**change), *size)  # type: ignore[arg-type]


def test_every_speed_means_something_to_every_encoder() -> None:
    for codec, speed in itertools.product(VIDEO, SPEEDS):
        arguments = VIDEO[codec].options(EncodeSettings(codec=codec, crf=20, speed=speed))
        assert all(isinstance(one, str) for one in arguments)
    quickest, slowest = (VIDEO["av1"].options(EncodeSettings(speed=speed)) for speed in (SPEEDS[0], SPEEDS[-1]))
    assert int(quickest[1]) > int(slowest[1])  # SVT counts the other way round than patience does


def test_prores_takes_odd_heights_and_ignores_crf() -> None:
    check_settings(EncodeSettings(codec="prores", crf=20), 64, 37)
