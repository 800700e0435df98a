"""A Task: one output to make, with every default filled in and every path resolved; a value that travels as JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from engine.overlay.values import Asset, Item, Overlay
from engine.scene import Canvas, Scene, Switch
from engine.sinks.codecs import EncodeSettings

DRAWING = 1
"""Raised with every change of the engine that moves a pixel or a sample of an unchanged job: old outputs then rerun."""


RECORDING = ("record", "keep")
"""Actions that need no ffmpeg."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """The files of a task; None: not wanted. `manifest`, `timeline` and `framemd5` lie beside `final` unless told."""

    final: Path
    manifest: Path | None = None
    timeline: Path | None = None
    framemd5: Path | None = None

    def wanted(self) -> list[Path]:
        """Every file the task writes, the manifest last, as it is written last."""
        return [*self.made(), *([] if self.manifest is None else [self.manifest])]

    def made(self) -> list[Path]:
        """What the manifest vouches for: every file but itself."""
        return [one for one in (self.final, self.timeline, self.framemd5) if one is not None]

    def to_dict(self) -> dict[str, str | None]:
        """A JSON-serialisable form."""
        pairs = {"final": self.final, "manifest": self.manifest, "timeline": self.timeline, "framemd5": self.framemd5}
        return {name: None if path is None else str(path) for name, path in pairs.items()}

    @classmethod
    def from_dict(cls, data: Mapping[str, str | None]) -> Outputs:
        """The inverse of `to_dict`."""
        return cls(Path(data["final"] or ""), *(_path(data[name]) for name in ("manifest", "timeline", "framemd5")))


@dataclass(frozen=True, slots=True)
class PresetFile:
    """What a scene was read from: how the job names the preset, and the sha256 of its file. It explains changes."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Task:
    """One output to make.

    id: the output's path below the output root, without suffix: unique within a run, such as "demo/aurora-song-720p".
    first_frame, frame_count: the frames to draw, counted from the track's start (frame i is at i / canvas.fps).
    action: what becomes of the frames: `export` makes a video; `record` hashes them, `keep` also stores them raw, and
    `decode` hashes those of the encoded video, decoded again: for goldens.
    overlay: what lies over the picture. cover: the picture that scenes with cover art show; None: they show none, or
    artwork that stands in for it.
    threads: render threads; they do not change a bit of the output, encode.threads do.
    """

    id: str
    job: str
    audio: Path
    audio_sha256: str
    first_frame: int
    frame_count: int
    canvas: Canvas
    backend: str
    quality: str
    threads: int
    seed: int
    scenes: tuple[Scene, ...]
    switch: Switch
    encode: EncodeSettings
    outputs: Outputs
    overwrite: bool = False
    presets: tuple[PresetFile, ...] = ()
    action: str = "export"
    overlay: Overlay = ()
    cover: Asset | None = None

    @property
    def duration(self) -> Fraction:
        """Seconds of video, exact."""
        return self.frame_count / self.canvas.fps

    @property
    def digest(self) -> str:
        """sha256 (hex) of all that decides the bytes of the output; see `recipe`."""
        text = json.dumps(self.recipe(), sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(text.encode("ascii")).hexdigest()

    def recipe(self) -> dict[str, Any]:
        """All that decides the bytes of the output, and nothing else: no paths, no render threads."""
        data = self.to_dict()
        for name in ("id", "job", "audio", "threads", "outputs", "overwrite", "presets", "action"):
            data.pop(name, None)
        if self.overlay:
            data["overlay"] = [one.recipe() for one in self.overlay]
        if self.cover is not None:
            data["cover"] = {"sha256": self.cover.sha256, "part": self.cover.part}
        # The suffix chooses the container, and with it the bytes.
        return {"container": self.outputs.final.suffix.lower(), **data}

    def to_dict(self) -> dict[str, Any]:
        """A JSON-serialisable form, exact: fps is "30000/1001". `Task.from_dict` reads it back to an equal value."""
        data: dict[str, Any] = {
            "drawing": DRAWING,
            "id": self.id,
            "job": self.job,
            "audio": str(self.audio),
            "audio_sha256": self.audio_sha256,
            "first_frame": self.first_frame,
            "frame_count": self.frame_count,
            "canvas": {"width": self.canvas.width, "height": self.canvas.height, "fps": str(self.canvas.fps)},
            "backend": self.backend,
            "quality": self.quality,
            "threads": self.threads,
            "seed": self.seed,
            "scenes": [scene.to_dict() for scene in self.scenes],
            "switch": self.switch.to_dict(),
            "encode": _fields(self.encode),
            "outputs": self.outputs.to_dict(),
            "overwrite": self.overwrite,
            "presets": [_fields(one) for one in self.presets],
        }
        if self.overlay:  # where there is none, digests are those of versions that knew none
            data["overlay"] = [one.to_dict() for one in self.overlay]
        if self.cover is not None:
            data["cover"] = {"path": self.cover.path, "sha256": self.cover.sha256, "part": self.cover.part}
        return data if self.action == "export" else {**data, "action": self.action}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Task:
        """The inverse of `to_dict`; keys it does not know are ignored, so that a reader may add a note."""
        canvas = data["canvas"]
        plain = (
            "id",
            "job",
            "audio_sha256",
            "first_frame",
            "frame_count",
            "backend",
            "quality",
            "threads",
            "seed",
            "overwrite",
        )
        return cls(
            **{name: data[name] for name in plain},
            audio=Path(data["audio"]),
            canvas=Canvas(canvas["width"], canvas["height"], Fraction(canvas["fps"])),
            scenes=tuple(Scene.from_dict(one) for one in data["scenes"]),
            switch=Switch.from_dict(data["switch"]),
            encode=EncodeSettings(**data["encode"]),
            outputs=Outputs.from_dict(data["outputs"]),
            presets=tuple(PresetFile(**one) for one in data.get("presets", ())),
            action=data.get("action", "export"),
            overlay=tuple(Item.from_dict(one) for one in data.get("overlay", ())),
            cover=Asset(**data["cover"]) if data.get("cover") else None,
        )


def flatten(data: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The leaves of JSON data with their dotted names: ("scenes.0.locals.glow", 0.5). Empty containers are leaves."""
    items: list[tuple[Any, Any]] = []
    if isinstance(data, Mapping):
        items = list(data.items())
    elif isinstance(data, list):
        items = list(enumerate(data))
    if not items:
        yield prefix, data
    for key, value in items:
        yield from flatten(value, f"{prefix}.{key}" if prefix else str(key))


def _fields(value: EncodeSettings | PresetFile) -> dict[str, Any]:
    """A flat dataclass as a mapping; dataclasses.asdict copies deeply and takes ten times as long."""
    return {name: getattr(value, name) for name in value.__slots__}


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)
