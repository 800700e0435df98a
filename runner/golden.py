"""The Golden value: stored frame hashes, where they come from, and what is needed to explain a mismatch."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import io
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
from numpy.typing import NDArray

import schemas
from engine.errors import InputError
from engine.sinks import sketch
from engine.sinks.images import frame_name
from engine.sinks.sketch import Sketch
from runner import framehashes, goldenfiles, versions
from runner.framehashes import AGAIN, FrameHashes
from runner.goldenfiles import HASHES, PROVENANCE
from runner.task import Task, flatten

VERSION = 1
SKETCH, TIMELINE = "sketch.gz", "timeline.jsonl.gz"
MAX_TIMELINE = 64 * 2**20
"""Bytes of a golden's timeline: more than an hour of video."""
FRAMES, ENCODED = "frames", "encoded"
DRAWN_BY = ("taichi", "numpy", "libsndfile", "pillow", "freetype")
"""What may move a frame that is drawn by the same recipe, besides ourselves."""


@dataclass(frozen=True)
class Golden:
    """A golden, or what a run recorded to compare with one. base: its path without suffix.

    note: its provenance; empty for what was only just recorded.
    """

    base: Path
    note: Mapping[str, Any]

    @cached_property
    def hashes(self) -> FrameHashes:
        """The hashes of its frames. Raises InputError, which says what is wrong with the file."""
        data = goldenfiles.read(self.base, HASHES)
        if data is None:
            raise InputError(f"{goldenfiles.place(self.base, HASHES)} is missing", AGAIN)
        return framehashes.parse(data)

    @cached_property
    def sketch(self) -> Sketch | None:
        """The blocks of its frames; None: it has none. Raises InputError."""
        data = goldenfiles.read(self.base, SKETCH)
        return None if data is None else sketch.unpack(data)

    @cached_property
    def timeline(self) -> str | None:
        """The music's features, frame by frame, as JSON Lines (schemas/timeline.schema.json); None: it has none.

        Raises InputError for a golden's that is damaged, or too large to be of one.
        """
        data = goldenfiles.read(self.base, TIMELINE)
        if data is not None:
            return _unzipped(data)
        path = self.base / TIMELINE.removesuffix(".gz")
        try:
            return path.read_text(encoding="utf-8") if path.exists() else None
        except (OSError, ValueError) as error:
            raise InputError(f"its timeline cannot be read: {error}", AGAIN) from error

    def pictures(self) -> list[int]:
        """The frames of which there is a picture."""
        count = len(self.hashes.hashes)
        return [one for one in sketch.pictured(count) if goldenfiles.read(self.base, frame_name(one)) is not None]

    def picture(self, frame: int) -> NDArray[np.uint8]:
        """One of `pictures`: uint8 [height, width, 3], sRGB. Raises InputError."""
        from PIL import Image

        data = goldenfiles.read(self.base, frame_name(frame))
        try:
            with Image.open(io.BytesIO(data or b""), formats=["PNG"]) as image:
                return np.asarray(image.convert("RGB"))
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            raise InputError(f"{self.base.name}/{frame_name(frame)} is no picture: {error}") from error

    def damage(self) -> Iterator[str]:
        """Files that are not those that its provenance vouches for."""
        for name, expected in self.note.get("files", {}).items():
            data = goldenfiles.read(self.base, name)
            if data is None:
                yield f"{_shown(self.base, name)} is missing"
            elif hashlib.sha256(data).hexdigest() != expected:
                yield f"{_shown(self.base, name)} was changed since it was recorded"


def load(base: Path) -> Golden | None:
    """The golden at `base`; None: there is none. Raises InputError for a provenance that cannot be read."""
    if goldenfiles.read(base, HASHES) is None:
        return None
    data = goldenfiles.read(base, PROVENANCE)
    name = goldenfiles.place(base, PROVENANCE).name
    if data is None:
        raise InputError(f"{name} is missing: nothing says where it comes from", AGAIN)
    try:
        note = json.loads(data)
        jsonschema.Draft202012Validator(schemas.load("golden")).validate(note)
    except jsonschema.ValidationError as error:
        raise InputError(f"{name} is damaged: {error.message[:200]}", AGAIN) from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{name} is damaged: {error}", AGAIN) from None
    return Golden(base, note)


def kind(task: Task) -> str:
    """What a task's golden is of."""
    return ENCODED if task.action == "decode" else FRAMES


def recipe(task: Task) -> dict[str, Any]:
    """All that decides the frames of a golden, and nothing else: the backend may be another one."""
    data = task.recipe()
    del data["backend"]
    if kind(task) == FRAMES:
        del data["encode"], data["container"]
    return {"of": kind(task), **data}


def digest(of: Mapping[str, Any]) -> str:
    """sha256 (hex) of a recipe."""
    text = json.dumps(of, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """What differs between two recipes: dotted key, old value, new value; None where there was nothing."""
    was, now = dict(flatten(old)), dict(flatten(new))
    keys = list({**was, **now})
    return [(key, was.get(key), now.get(key)) for key in keys if was.get(key) != now.get(key)]


def files(task: Task, recorded: Golden, reason: str, binary: Path | None) -> dict[str, bytes]:
    """The files of a new golden, made of what a run recorded. binary: the ffmpeg there is. Raises InputError."""
    names = [HASHES, SKETCH, *(frame_name(one) for one in recorded.pictures())]
    found = {name: data for name in names if (data := goldenfiles.read(recorded.base, name)) is not None}
    if recorded.timeline is not None:
        found[TIMELINE] = gzip.compress(recorded.timeline.encode(), 9, mtime=0)
    of = recipe(task)
    note = {
        "version": VERSION,
        "task": task.id,
        "of": kind(task),
        "digest": digest(of),
        "recipe": of,
        "presets": {one.name: one.sha256 for one in task.presets},
        "audio": task.audio.name,
        "frames": task.frame_count,
        "reason": reason,
        "date": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "versions": versions.collect(binary),
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in sorted(found.items())},
    }
    text = json.dumps(note, indent=2, allow_nan=False) + "\n"
    return {**found, PROVENANCE: text.encode()}


def _unzipped(data: bytes) -> str:
    """A golden's timeline. Raises InputError."""
    unzip = zlib.decompressobj(wbits=31)
    try:
        text = unzip.decompress(data, MAX_TIMELINE).decode()  # a bomb is cut off, and then refused
    except (zlib.error, ValueError) as error:
        raise InputError(f"its timeline cannot be read: {error}", AGAIN) from error
    if not unzip.eof:
        raise InputError("its timeline cannot be read: it is truncated, or too large", AGAIN)
    return text


def _shown(base: Path, name: str) -> str:
    return goldenfiles.place(base, name).relative_to(base.parent).as_posix()
