"""Settings of a cell -> its output path and its encoder settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from engine.sinks.codecs import CONTAINERS, EncodeSettings, carries_audio
from runner import jobvalues, preset, template
from runner.jobspec import Settings, presets_of

_USUAL = {"vp9": ".webm", "prores": ".mov"}
"""Codec -> the suffix that people expect of it; .mp4 otherwise."""


def output_path(settings: Settings, path: Path, index: int) -> str:
    """The path of a track's video below the output root, placeholders filled in."""
    return template.expand(settings["output"]["path"], placeholder_values(settings, path, index))


def placeholder_values(settings: Settings, path: Path, index: int) -> dict[str, str]:
    """What each placeholder stands for."""
    values = {
        "audio.stem": path.stem,
        "audio.parent": path.parent.name,
        "audio.index": str(index),
        "scene.preset": "+".join(Path(one).stem if preset.is_path(one) else one for one in presets_of(settings)),
        "scene.switch.mode": settings["scene"]["switch"]["mode"],
        "encode.container": usual_suffix(settings["encode"]["codec"], settings["encode"]["audio_codec"]),
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


def usual_suffix(codec: str, audio_codec: str) -> str:
    """The first suffix, without its dot, that carries both: the codec's own, or .mp4, .mov, .mkv."""
    for suffix in (_USUAL.get(codec, ".mp4"), ".mp4", ".mov", ".mkv"):
        if codec in CONTAINERS[suffix].video and carries_audio(CONTAINERS[suffix], audio_codec, None):
            return suffix[1:]
    return "mkv"  # it carries everything


def encode_settings(settings: Settings) -> EncodeSettings:
    """The encoder's part of a cell's settings."""
    names = ("codec", "audio_codec", "crf", "speed", "threads", "bitexact", "ffmpeg")
    return EncodeSettings(**{name: settings["encode"][name] for name in names if name in settings["encode"]})
