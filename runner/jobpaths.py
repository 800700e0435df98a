"""Settings of a cell -> its output path and its encoder settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from engine.audio import AudioInfo
from engine.sinks.codecs import CONTAINERS, EncodeSettings, carries_audio
from runner import jobvalues, preset, template
from runner.jobspec import Settings, presets_of

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


def output_path(settings: Settings, info: AudioInfo, index: int) -> str:
    """The path of a track's video below the output root, placeholders filled in."""
    return template.expand(settings["output"]["path"], placeholder_values(settings, info, index))


def placeholder_values(settings: Settings, info: AudioInfo, index: int) -> dict[str, str]:
    """What each placeholder stands for."""
    path, encode = info.path, settings["encode"]
    values = {
        "audio.stem": path.stem,
        "audio.parent": path.parent.name,
        "audio.index": str(index),
        "scene.preset": "+".join(Path(one).stem if preset.is_path(one) else one for one in presets_of(settings)),
        "scene.switch.mode": settings["scene"]["switch"]["mode"],
        "encode.container": usual_suffix(encode["codec"], encode["audio_codec"], source_codec(info)),
        "video.fps": str(jobvalues.rate(settings["video"]["fps"])).replace("/", "-"),
    }
    values |= {f"scene.params.{name}": str(value) for name, value in settings["scene"].get("params", {}).items()}
    for name in template.PLACEHOLDERS:
        if name not in values:
            part: Any = settings
            for key in name.split("."):
                part = part.get(key, "")
            values[name] = f"{part:g}" if isinstance(part, float) else str(part)  # 64.0 pixels are 64
    return values


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
