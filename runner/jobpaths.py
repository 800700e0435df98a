"""Settings of a cell -> its output path and its encoder settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from engine.sinks.codecs import EncodeSettings
from runner import jobvalues, preset, template
from runner.jobspec import CONTAINERS, Settings, presets_of


def output_path(settings: Settings, path: Path, index: int) -> str:
    """The path of a track's video below the output root, placeholders filled in."""
    return template.expand(settings["output"]["path"], placeholder_values(settings, path, index))


def placeholder_values(settings: Settings, path: Path, index: int) -> dict[str, str]:
    """What each placeholder stands for."""
    values = {
        "audio.stem": path.stem,
        "audio.index": str(index),
        "scene.preset": "+".join(Path(one).stem if preset.is_path(one) else one for one in presets_of(settings)),
        "scene.switch.mode": settings["scene"]["switch"]["mode"],
        "encode.container": CONTAINERS[settings["encode"]["codec"]],
        "video.fps": str(jobvalues.rate(settings["video"]["fps"])).replace("/", "-"),
    }
    values |= {f"scene.params.{name}": str(value) for name, value in settings["scene"].get("params", {}).items()}
    for name in template.PLACEHOLDERS:
        if name not in values:
            part: Any = settings
            for key in name.split("."):
                part = part.get(key, "")
            values[name] = str(part)
    return values


def encode_settings(settings: Settings) -> EncodeSettings:
    """The encoder's part of a cell's settings."""
    names = ("codec", "audio_codec", "crf", "speed", "threads", "bitexact", "ffmpeg")
    return EncodeSettings(**{name: settings["encode"][name] for name in names if name in settings["encode"]})
