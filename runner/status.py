"""Why a task would run: its manifest and its output, compared with what it is now."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import soundfile

from engine import ffmpeg
from engine.errors import MissingError
from runner import filehashes, manifest, preset
from runner.diagnostics import printable
from runner.task import DRAWING, Task, flatten

WORDS = {"new": "new", "changed": "changed", "missing": "missing output", "current": "up to date"}

_Change = tuple[str, str]
_NAMES = {
    "canvas.width": "video.width",
    "canvas.height": "video.height",
    "canvas.fps": "video.fps",
    "backend": "engine.backend",
    "quality": "engine.quality",
    "first_frame": "audio.start (first frame)",
    "frame_count": "audio.duration (frames)",
    "seed": "seed",
}
"""A task's own names -> the job's."""


@dataclass(frozen=True, slots=True)
class Status:
    """Why a task would run. `state` is new, changed, missing or current: then it would not.

    reason: of what kind the first change is: audio, parameter, preset, engine, tool, or output (its file was changed).
    detail: what changed, in words: "seed 0 -> 5, preset file ./mine.yaml".
    """

    state: str
    reason: str = ""
    detail: str = ""

    @property
    def current(self) -> bool:
        """Nothing to do."""
        return self.state == "current"

    def __str__(self) -> str:
        return f"{WORDS[self.state]}: {self.detail}" if self.detail else WORDS[self.state]


def status(task: Task) -> Status:
    """Compare a task with its manifest and its files. Hashes of files that have not changed are remembered."""
    path = task.outputs.manifest
    if path is None:
        return Status("new", "", "it has no manifest to compare with" if task.outputs.final.exists() else "")
    try:
        record = json.loads(path.read_bytes())
        digest, versions, output = record["digest"], record["versions"], record["output"]["sha256"]
        decoder = record["audio"].get("decoder")
    except (OSError, ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return Status("new")
    if digest != task.digest:
        return _changed(path, task)
    return _look(task, output, versions, decoded=decoder == "soundfile")


def _look(task: Task, output: str, versions: Mapping[str, Any], *, decoded: bool) -> Status:
    """Of a task whose digest is that of its manifest: whether the files are there, and made with the present tools."""
    for one in task.outputs.wanted():
        if not one.is_file():
            return Status("missing", "output", one.name)
    present = {"ffmpeg": _ffmpeg(os.environ.get(ffmpeg.VARIABLE))}
    if decoded:
        present["libsndfile"] = soundfile.__libsndfile_version__
    if task.overlay or task.cover is not None:
        present["pillow"] = metadata.version("pillow")
    for tool, now in present.items():
        then = versions.get(tool)
        if None not in {then, now} and then != now:
            return Status("changed", "tool", f"{tool} {printable(str(then))} -> {now}")
    try:
        same = filehashes.sha256(task.outputs.final) == output
    except OSError as error:
        return Status("changed", "output", f"the output cannot be read: {error.strerror}")
    detail = "the output is not the file that the manifest describes"
    return Status("current") if same else Status("changed", "output", detail)


def _changed(path: Path, task: Task) -> Status:
    record = manifest.read(path)  # checked whole: another program's file is none of ours
    if record is None:
        return Status("new")
    try:
        changes = list(_changes(record["task"], task))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        changes = [("engine", "the format of the manifest")]
    if not changes:
        changes = [("engine", "the engine's version")]
    more = f" and {len(changes) - 4} more" if len(changes) > 4 else ""
    return Status("changed", changes[0][0], ", ".join(text for _, text in changes[:4]) + more)


def _changes(old: Mapping[str, Any], task: Task) -> Iterator[_Change]:
    """What differs from a recorded task: kind and words."""
    new = task.to_dict()
    if old["audio_sha256"] != task.audio_sha256:
        was = Path(old["audio"]).name
        renamed = f"audio {was} -> {task.audio.name}" if was != task.audio.name else f"the bytes of {was}"
        yield "audio", printable(renamed)
    container = Path(old["outputs"]["final"]).suffix.lower()
    if container != task.outputs.final.suffix.lower():
        yield "parameter", _arrow("output.path (suffix)", container, task.outputs.final.suffix.lower())
    yield from _plain(old, new)
    yield from _scenes(old, new)
    yield from _overlay(old.get("overlay", []), new.get("overlay", []))
    yield from _cover(old.get("cover"), new.get("cover"))
    if old.get("drawing", DRAWING) != DRAWING:
        yield "engine", _arrow("the engine's drawing", old["drawing"], DRAWING)


def _plain(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[_Change]:
    """Keys of the job with one value each."""
    for part in ("canvas", "backend", "quality", "seed", "switch", "encode", "first_frame", "frame_count"):
        was, now = dict(flatten(old[part], part)), dict(flatten(new[part], part))
        for key in {**was, **now}:
            if was.get(key) != now.get(key):
                name = _NAMES.get(key, f"scene.{key}" if part == "switch" else key)
                yield "parameter", _arrow(name, was.get(key), now.get(key))


def _scenes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[_Change]:
    """Which presets show, their files and their parameters."""
    was = [one["name"] for one in old.get("presets") or old["scenes"]]
    now = [one["name"] for one in (new["presets"] if old.get("presets") else new["scenes"])]
    if was != now:
        yield "parameter", _arrow("scene.preset" if len(now) == len(was) == 1 else "scene.presets", was, now)
        return
    for index, name in enumerate(now):
        one, other = old["scenes"][index], new["scenes"][index]
        if old.get("presets") and old["presets"][index]["sha256"] != new["presets"][index]["sha256"]:
            kind = "preset file" if preset.is_path(name) else "built-in preset"
            yield "preset", printable(f"{kind} {name}")
            continue
        for key in {**one["locals"], **other["locals"]}:
            if one["locals"].get(key) != other["locals"].get(key):
                yield "parameter", _arrow(f"scene.params.{key}", one["locals"].get(key), other["locals"].get(key))
        if one["palette"] != other["palette"]:  # the preset's file is the same, so the job chose it
            yield "parameter", _arrow("scene.palette", " ".join(one["palette"]), " ".join(other["palette"]))
        if {**one, "locals": None, "palette": None} != {**other, "locals": None, "palette": None}:
            yield "preset", printable(f"what preset {name} draws")


def _cover(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> Iterator[_Change]:
    """The picture that scenes with cover art show; one in the tags changes with its track, which says so."""
    if old and new and old["part"] == new["part"]:
        if old["sha256"] != new["sha256"] and not new["part"]:
            yield "parameter", printable(f"the bytes of {Path(new['path']).name}")
    elif (old and old["part"]) != (new and new["part"]):
        words = [None if one is None else "tags" if one["part"] else Path(one["path"]).name for one in (old, new)]
        yield "parameter", _arrow("scene.cover", *words)


def _overlay(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> Iterator[_Change]:
    """What lies over the picture: its items, what they say, the bytes of their files."""
    if [one["kind"] for one in old] != [one["kind"] for one in new]:
        yield "parameter", _arrow("overlay", [one["kind"] for one in old], [one["kind"] for one in new])
        return
    for number, (one, other) in enumerate(zip(old, new, strict=True), start=1):
        was, now = (dict(flatten(part)) for part in (one, other))
        for key in {**was, **now}:
            if was.get(key) == now.get(key) or key.endswith(".path"):
                continue
            if key.endswith("sha256"):
                name = now.get(key.replace("sha256", "path"), was.get(key.replace("sha256", "path")))
                yield "parameter", printable(f"the bytes of {Path(str(name)).name}")
            else:
                yield "parameter", _arrow(f"overlay item {number} {key}", was.get(key), now.get(key))


def _arrow(name: str, old: Any, new: Any) -> str:
    return f"{name} {_word(old)} -> {_word(new)}"


def _word(value: Any) -> str:
    if isinstance(value, list):
        return "+".join(_word(one) for one in value)
    if isinstance(value, float):
        return f"{value:g}"
    text = "none" if value is None else printable(str(value))
    return text if len(text) <= 40 else text[:37] + "..."


@cache
def _ffmpeg(_named: str | None) -> str | None:
    """The version of the ffmpeg that would run; None where there is none, which is said when it is needed."""
    try:
        return ffmpeg.version(ffmpeg.find())
    except MissingError:
        return None
