"""Settings of a cell -> its output path and its encoder settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from engine.audio import AudioInfo
from engine.sinks.codecs import CONTAINERS, EncodeSettings, carries_audio
from runner import jobvalues, preset, template
from runner.jobspec import SECTIONS, Job, Settings, Track, presets_of

_USUAL = {"vp9": ".webm", "prores": ".mov"}
"""Codec -> the suffix that people expect of it; .mp4 otherwise."""

_CODECS = {"VORBIS": "vorbis", "OPUS": "opus", "MPEG_LAYER_III": "mp3", "MPEG_LAYER_II": "mp2"}
_PCM = {
    "PCM_16": "pcm_s16le",
    "PCM_24": "pcm_s24le",
    "PCM_32": "pcm_s32le",
    "FLOAT": "pcm_f32le",
    "DOUBLE": "pcm_f64le",
}
"""libsndfile's names of codecs -> ffmpeg's; of PCM, where it is little-endian."""


class MissingTagError(Exception):
    """A path asks for a tag, `name`, that the track lacks."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def output_path(job: Job, settings: Settings, track: Track) -> str:
    """The path of a track's video below the output root, placeholders filled in.

    Raises MissingTagError.
    """
    parts = []
    for text, name in template.pieces(settings["output"]["path"]):
        parts.append(text)
        if name:
            parts.append(placeholder(job, settings, track, name))
    return "".join(parts)


def task_id(path: str) -> str:
    """The id of the task with this output path: the same without suffix."""
    stem = path.rpartition(".")[0]
    return str(PurePosixPath(stem)) if "//" in stem or "./" in stem else stem


def placeholder(job: Job, settings: Settings, track: Track, name: str, *, words: bool = False) -> str:
    """What a placeholder stands for; what does not depend on the track is worked out once a section.

    words: to be read by people, not to be part of a path. Raises MissingTagError.
    """
    root = name.partition(".")[0]
    if words and root == "tags":
        return _words(track, name.partition(".")[2])
    if root in {"audio", "tags"}:
        return _OF_TRACK[name](track) if root == "audio" else _tag(track, name.partition(".")[2])
    if root not in SECTIONS:
        return template.clean(_text(settings.get(name, "")))
    source = source_codec(track.info) if name == "encode.container" else None
    return job.memo((name, settings[root].number, source), _of_section, settings, name, source)


_OF_TRACK: Mapping[str, Callable[[Track], str]] = {
    "audio.stem": lambda track: template.clean(track.path.stem),
    "audio.parent": lambda track: template.clean(track.path.parent.name),
    "audio.index": lambda track: str(track.index),
}


def _tag(track: Track, name: str) -> str:
    found = track.tag(name)
    if found is None and name == "title":
        return template.clean(track.path.stem)
    if found is None:
        raise MissingTagError(name)
    return found


def _words(track: Track, name: str) -> str:
    found = track.words(name)
    if found is None and name != "title":
        raise MissingTagError(name)
    return track.path.stem if found is None else found


def _of_section(settings: Settings, name: str, source: str | None) -> str:
    encode = settings["encode"]
    if name == "encode.container":
        return usual_suffix(encode["codec"], encode["audio_codec"], source)
    if name == "scene.preset":
        names = [Path(one).stem if preset.is_path(one) else one for one in presets_of(settings)]
        return template.clean("+".join(names))
    if name == "scene.palette":
        return template.clean(_palette(settings["scene"].get("palette", "own")))
    if name == "video.fps":
        return str(jobvalues.rate(settings["video"]["fps"])).replace("/", "-")
    if name.startswith("scene.params."):
        return template.clean(str(settings["scene"]["params"][name.removeprefix("scene.params.")]))
    part: Any = settings
    for key in name.split("."):
        part = part.get(key, "")
    return template.clean(_text(part))


def _palette(said: Any) -> str:
    """A palette in a file name: its name, the stem of the picture that it is from, or its colours."""
    if isinstance(said, list):
        return "+".join(one.removeprefix("#").lower() for one in said)
    return Path(str(said["cover"])).stem if isinstance(said, dict) else str(said)


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)  # 64.0 pixels are 64


def described(job: Job, name: str) -> preset.PresetInfo:
    """A preset that a job names, read once. Raises InputError, or JobError for a bad file."""
    return job.memo(("preset", name), _describe, name, job.folder)


def _describe(name: str, folder: Path) -> preset.PresetInfo:
    preset.check_name(name, folder)
    return preset.describe(name, folder)


def usual_suffix(codec: str, audio_codec: str, source: str | None = None) -> str:
    """The first suffix, without its dot, that carries both: the codec's own, or .mp4, .mov, .mkv."""
    for suffix in (_USUAL.get(codec, ".mp4"), ".mp4", ".mov", ".mkv"):
        if codec in CONTAINERS[suffix].video and carries_audio(CONTAINERS[suffix], audio_codec, source):
            return suffix[1:]
    return "mkv"  # it carries everything


def source_codec(info: AudioInfo) -> str | None:
    """ffmpeg's name of a track's codec, which libsndfile calls otherwise; None: not known."""
    if info.decoder != "soundfile":
        return info.codec
    if info.container == "FLAC":
        return "flac"
    if info.codec.startswith("ALAC"):
        return "alac"
    little = info.container in {"WAV", "WAVEX", "RF64", "W64"}
    return _CODECS.get(info.codec) or (_PCM.get(info.codec) if little else None)


def encode_settings(settings: Settings) -> EncodeSettings:
    """The encoder's part of a cell's settings."""
    names = ("codec", "audio_codec", "crf", "speed", "threads", "bitexact")
    return EncodeSettings(**{name: settings["encode"][name] for name in names if name in settings["encode"]})
