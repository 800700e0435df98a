"""Codec profiles: which encoder with which options, and which containers carry what. Plain data and its checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from engine.errors import InputError

Entry = TypeVar("Entry")

SPEEDS = (
    "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow", "placebo",
)  # fmt: skip
"""x264's preset names, the common scale of speed; every profile maps them to its encoder's own."""


@dataclass(frozen=True, slots=True)
class EncodeSettings:
    """How to encode; JSON-able. `crf` None: the codec's default. `threads`: the video encoder's."""

    codec: str = "h264"
    audio_codec: str = "aac"
    crf: float | None = None
    speed: str = "veryfast"
    threads: int = 4
    bitexact: bool = True


@dataclass(frozen=True, slots=True)
class VideoProfile:
    """A video codec. `options` gives the encoder's own arguments for settings whose crf is filled in.

    crf: smallest, default and largest value, on the encoder's own scale; None: the codec has no such scale.
    grid: width and height must be multiples of it (chroma subsampling).  smallest: least width and height in pixels.
    """

    encoder: str
    pixel_format: str
    options: Callable[[EncodeSettings], list[str]]
    crf: tuple[float, float, float] | None
    grid: tuple[int, int] = (2, 2)
    smallest: int = 2


@dataclass(frozen=True, slots=True)
class Container:
    """A file format: ffmpeg's muxer, the profiles that it carries, and the source codecs that `copy` may put there."""

    muxer: str
    video: tuple[str, ...]
    audio: tuple[str, ...]
    copies: tuple[str, ...]
    arguments: tuple[str, ...] = ()


def _number(value: float | None) -> str:
    return f"{value or 0:g}"


def _x264(settings: EncodeSettings) -> list[str]:
    options = ["-preset", settings.speed, "-crf", _number(settings.crf), "-profile:v", "high"]
    # Without it x264 picks code by the CPU's features, and some of that code rounds differently.
    return options + (["-x264-params", "cpu-independent=1"] if settings.bitexact else [])


def _x265(settings: EncodeSettings) -> list[str]:
    # x265 logs past ffmpeg's -loglevel, and its `info` SEI holds the CPU's features. Frame threads change the
    # output, pool threads do not; more than two frame threads need more cores than a task is given.
    frame_threads = min(settings.threads, 2)
    params = ["log-level=error", f"pools={settings.threads}", f"frame-threads={frame_threads}"]
    params += ["no-info=1"] if settings.bitexact else []
    return ["-preset", settings.speed, "-crf", _number(settings.crf), "-x265-params", ":".join(params)]


_VPX: Mapping[str, tuple[str, int]] = {
    "ultrafast": ("realtime", 8), "superfast": ("realtime", 6), "veryfast": ("good", 5), "faster": ("good", 4),
    "fast": ("good", 3), "medium": ("good", 2), "slow": ("good", 1), "slower": ("good", 0), "veryslow": ("good", 0),
    "placebo": ("best", 0),
}  # fmt: skip


def _vp9(settings: EncodeSettings) -> list[str]:
    deadline, cpu_used = _VPX[settings.speed]
    return ["-b:v", "0", "-crf", _number(settings.crf), "-deadline", deadline, "-cpu-used", str(cpu_used),
            "-row-mt", "1", "-tile-columns", "2"]  # fmt: skip


_SVT: Mapping[str, int] = {
    "ultrafast": 12, "superfast": 11, "veryfast": 10, "faster": 9, "fast": 8,
    "medium": 6, "slow": 5, "slower": 4, "veryslow": 3, "placebo": 2,
}  # fmt: skip


def _av1(settings: EncodeSettings) -> list[str]:
    lp = min(settings.threads, 6)  # SVT's "level of parallelism" ends there
    return ["-preset", str(_SVT[settings.speed]), "-crf", _number(settings.crf), "-svtav1-params", f"lp={lp}"]


def _prores(_: EncodeSettings) -> list[str]:
    return ["-profile:v", "hq", "-vendor", "apl0"]


VIDEO: Mapping[str, VideoProfile] = {
    "h264": VideoProfile("libx264", "yuv420p", _x264, (0, 20, 51)),
    "hevc": VideoProfile("libx265", "yuv420p", _x265, (0, 23, 51), smallest=16),
    "vp9": VideoProfile("libvpx-vp9", "yuv420p", _vp9, (0, 31, 63)),
    "av1": VideoProfile("libsvtav1", "yuv420p", _av1, (1, 32, 63)),
    "prores": VideoProfile("prores_ks", "yuv422p10le", _prores, None, grid=(2, 1)),
}

AUDIO: Mapping[str, tuple[str | None, tuple[str, ...]]] = {
    "aac": ("aac", ("-b:a", "192k")),
    "opus": ("libopus", ("-b:a", "160k")),
    "pcm": ("pcm_s24le", ()),
    "copy": (None, ()),
    "none": (None, ()),
}
"""Audio codec -> its encoder (None: nothing is encoded) and that encoder's arguments."""

_PCM = ("pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_s16be", "pcm_s24be")
_FASTSTART = ("-movflags", "+faststart")
_MP4 = Container("mp4", ("h264", "hevc", "vp9", "av1"), ("aac", "opus"),
                 ("aac", "mp3", "opus", "flac", "alac", "ac3", "eac3"), _FASTSTART)  # fmt: skip

CONTAINERS: Mapping[str, Container] = {
    ".mp4": _MP4,
    ".m4v": _MP4,
    ".mov": Container("mov", ("h264", "hevc", "prores"), ("aac", "pcm"),
                      ("aac", "mp3", "alac", "ac3", "eac3", *_PCM), _FASTSTART),
    ".mkv": Container("matroska", tuple(VIDEO), ("aac", "opus", "pcm"),
                      ("aac", "mp3", "mp2", "opus", "flac", "alac", "ac3", "eac3", "dts", "vorbis", *_PCM)),
    ".webm": Container("webm", ("vp9", "av1"), ("opus",), ("opus", "vorbis")),
}  # fmt: skip
"""File suffix (lower case) -> container. What is listed was written and read back; see the tests."""


def carries_audio(container: Container, audio_codec: str, source_codec: str | None) -> bool:
    """Whether the container takes this audio; an unknown `source_codec` is given the benefit of the doubt."""
    if audio_codec == "copy":
        return source_codec is None or source_codec in container.copies
    return audio_codec == "none" or audio_codec in container.audio


def check(codec: str, audio_codec: str, suffix: str, source_codec: str | None = None) -> None:
    """Refuse a combination that cannot be, by name, with the nearest one that can.

    suffix: of the output, ".mp4". source_codec: ffmpeg's name of the source's codec ("mp3"), where known
    (engine.sinks.sources has it for what libsndfile reads); needed to judge `copy` only. Raises InputError.
    """
    _known("codec", codec, VIDEO)
    _known("audio codec", audio_codec, AUDIO)
    suffix = suffix.lower()
    container = _known("output format", suffix, CONTAINERS)
    if codec not in container.video:
        raise InputError(f"{codec} video cannot go into {suffix}", _nearest(codec, audio_codec, suffix, source_codec))
    if not carries_audio(container, audio_codec, source_codec):
        what = f"{source_codec} audio (audio codec copy)" if audio_codec == "copy" else f"{audio_codec} audio"
        raise InputError(f"{what} cannot go into {suffix}", _nearest(codec, audio_codec, suffix, source_codec))


def check_settings(settings: EncodeSettings, width: int, height: int) -> None:
    """Refuse numbers that the encoder would refuse later: size, crf, speed, threads. Raises InputError."""
    profile = _known("codec", settings.codec, VIDEO)
    _known("speed", settings.speed, dict.fromkeys(SPEEDS, 0))
    for name, size, grid in (("width", width, profile.grid[0]), ("height", height, profile.grid[1])):
        if size % grid:
            raise InputError(f"{settings.codec} needs an even {name}, not {size}", f"use {size - 1} or {size + 1}")
        if size < profile.smallest:
            raise InputError(f"{settings.codec} needs a {name} of at least {profile.smallest}, not {size}")
    if profile.crf and settings.crf is not None and not profile.crf[0] <= settings.crf <= profile.crf[2]:
        low, usual, high = profile.crf
        raise InputError(
            f"crf {settings.crf:g} is outside {settings.codec}'s range", f"{low:g} to {high:g}, usually {usual:g}"
        )
    if not 1 <= settings.threads <= 64:
        raise InputError(f"encoder threads must be 1 to 64, not {settings.threads}")


def _known(kind: str, name: str, registry: Mapping[str, Entry]) -> Entry:
    if name not in registry:
        raise InputError(f"unknown {kind} {name!r}", f"one of: {', '.join(registry)}")
    return registry[name]


def _nearest(codec: str, audio_codec: str, suffix: str, source_codec: str | None) -> str:
    """The change of one word that makes it possible: another suffix first, then another codec in this suffix."""
    for other, container in CONTAINERS.items():
        if codec in container.video and carries_audio(container, audio_codec, source_codec):
            return f"nearest that can: {other} with {codec} and {audio_codec}"
    here = CONTAINERS[suffix]
    video = codec if codec in here.video else here.video[0]
    audio = audio_codec if carries_audio(here, audio_codec, source_codec) else here.audio[0]
    return f"nearest that can: {suffix} with {video} and {audio}"
