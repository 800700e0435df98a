"""The items of a job's `overlay` -> what the engine lays over the picture, with everything that can be wrong with them.

Each item is worked out once for all tracks that it does not distinguish: a job may have 100,000.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import schemas
from engine.errors import InputError, MissingError
from engine.overlay import lyrics, pictures
from engine.overlay.fonts import readable
from engine.overlay.values import COVER, Asset, Item, Overlay
from runner import assets, coverart, filehashes, jobvalues, overlayfiles, template
from runner.diagnostics import Diagnostic, listing, printable
from runner.jobpaths import MissingTagError, described, placeholder
from runner.jobspec import Job, Settings, Track, presets_of
from runner.jobtracks import SUFFIX

KINDS = ("text", "watermark", "lyrics", "progress", "time", "logo", "cover")
TEXTS = ("text", "watermark")
FILES = ("lyrics", "logo", "cover")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with an item: its dotted key, the character (from 1) of a text, 0: all of it."""

    key: str
    message: str
    hint: str = ""
    column: int = 0


@dataclass(slots=True)
class Laid:
    """The overlay of a task, and what is wrong with it; `files` has what is wrong in the files that it names."""

    overlay: Overlay = ()
    faults: list[Fault] = field(default_factory=list)
    files: list[Diagnostic] = field(default_factory=list)


def of(job: Job, settings: Settings, track: Track) -> Laid:
    """The overlay of a track. Raises MissingError where this machine cannot set a text."""
    section = settings["overlay"]
    if not section["said"]:
        return Laid(job.memo(("overlay of preset", settings["scene"].number, track), _of_preset, job, settings, track))
    if not section["items"]:
        return Laid()
    whole = Laid()
    found: list[Item] = []
    for index, data in enumerate(section["items"]):
        own = job.memo(("overlay own", section.number, index), _names_track, data)
        # What a text says may follow from other sections too; they are few.
        sections = tuple(settings[name].number for name in ("video", "engine", "scene", "encode"))
        key = ("overlay", section.number, index, *sections, settings["seed"], track if own else None)
        laid = job.memo(key, _item, job, settings, track, index, data)
        found += laid.overlay
        whole.faults += laid.faults
        whole.files += laid.files
    whole.overlay = tuple(found)
    return whole


def _of_preset(job: Job, settings: Settings, track: Track) -> Overlay:
    """The words that a preset alone on stage brings; those that cannot be set for this track are left out."""
    names = presets_of(settings)
    try:
        brought = described(job, names[0]).overlay if len(names) == 1 else ()
    except InputError:  # a bad preset, which is reported where the job names it
        return ()
    found: list[Item] = []
    for index, data in enumerate(brought):
        with contextlib.suppress(MissingError):
            laid = _item(job, settings, track, index, data)
            found += () if laid.faults else laid.overlay
    return tuple(found)


def filled(data: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """An item's kind, and everything that it says with all defaults."""
    kind = next(one for one in KINDS if one in data)
    return kind, {**_defaults(kind), **data}


@cache
def _defaults(kind: str) -> Mapping[str, Any]:
    known = schemas.load("job")["$defs"]
    found = {}
    for name, part in known[f"overlay_{kind}"]["properties"].items():
        whole = {**known.get(part.get("$ref", "").rpartition("/")[2], {}), **part}
        if "default" in whole:
            found[name] = whole["default"]
    return found


def _names_track(data: Mapping[str, Any]) -> bool:
    kind, item = filled(data)
    text = str(item[kind])
    return text == "tags" if kind == "cover" and "{" not in text else "{audio." in text or "{tags." in text


def _item(job: Job, settings: Settings, track: Track, index: int, data: Mapping[str, Any]) -> Laid:
    return _Maker(job, settings, track, index, data).run()


class _Maker:
    """Makes one item."""

    def __init__(self, job: Job, settings: Settings, track: Track, index: int, data: Mapping[str, Any]) -> None:
        self.job, self.settings, self.track = job, settings, track
        self.kind, self.data = filled(data)
        self.key = f"overlay.{index}"
        self.laid = Laid()
        self.named = ""
        """What messages call the file of lyrics."""

    def run(self) -> Laid:
        kind, data = self.kind, self.data
        start, end = (self.moment(name) for name in ("from", "to"))
        if start is not None and end is not None and (start < 0) == (end < 0) and end <= start:
            self.fault("to", "'to' is not after 'from'", "it counts from the start of the video, as 'from' does")
        files = tuple(one for one in (self.file(*pair) for pair in self.font_files()) if one is not None)
        content = self.text() if kind in TEXTS else data[kind] if kind in {"progress", "time"} else ""
        file = self.asset() if kind in FILES else None
        if not self.laid.faults:
            self.laid.overlay = (
                Item(
                    "text" if kind in TEXTS else kind, content, file, data["position"], float(data["size"]),
                    data["safe"], start, end, float(data["fade"]), float(data["opacity"]),
                    data.get("color", "#ffffff").lower(), data.get("weight", "bold"), files,
                    float(data["shadow"]), int(data.get("lines", 1)), int(data.get("context", 0)),
                    float(data.get("radius", 0.0)),
                ),
            )  # fmt: skip
            self.check()
        return self.laid

    def fault(self, name: str, message: str, hint: str = "", column: int = 0) -> None:
        """Record what is wrong with one of its keys."""
        self.laid.faults.append(Fault(f"{self.key}.{name}", message, hint, column))

    def moment(self, name: str) -> float | None:
        """Seconds of `from` or `to`."""
        value = self.data.get(name)
        if value is None:
            return None
        text = str(value) if isinstance(value, str) else value
        negative = text.startswith("-") if isinstance(text, str) else text < 0
        plain = text.removeprefix("-") if isinstance(text, str) else abs(text)
        try:
            found = float(jobvalues.seconds(plain))
        except ValueError as error:
            self.fault(name, *error.args)
            return None
        return -found if negative else found

    def expanded(self, name: str, *, words: bool) -> str | None:
        """A text with its placeholders filled in: as people read it, or as part of a path; None: that cannot be."""
        text, params = self.data[name], self.settings["scene"].get("params", {})
        problems = list(template.problems(text, params, "text" if words else "path"))
        for one in problems:
            self.fault(name, one.message, one.hint, one.column)
        if problems:
            return None
        parts: list[str] = []
        for plain, field_name in template.pieces(text):
            parts.append(plain)
            try:
                if field_name:
                    parts.append(placeholder(self.job, self.settings, self.track, field_name, words=words))
            except MissingTagError as error:
                hint = f"set it in the file, in {self.track.path.stem}{SUFFIX} beside it, or in 'tracks'"
                column = template.column(text, field_name)
                self.fault(name, f"{self.track.path.name} has no tag '{error.name}'", hint, column)
                return None
        return "".join(parts)

    def text(self) -> str:
        """The words."""
        found = self.expanded(self.kind, words=True)
        if found is not None and not readable(found).strip():
            self.fault(self.kind, "there is nothing to read in this text", "leave the item out")
        return (found or "")[:1000]

    def asset(self) -> Asset | None:
        """The file of lyrics, a logo or a cover."""
        if self.kind == COVER and self.data[COVER] == "tags":
            if coverart.read(self.track.path) is None:
                hint = "put it into the tags, name a picture in place of 'tags', or leave the item out"
                self.fault(COVER, f"missing cover art: there is no picture in the tags of {self.track.path.name}", hint)
                return None
            return Asset(str(self.track.path), filehashes.sha256(self.track.path), COVER)
        text = self.expanded(self.kind, words=False)
        if text is None:
            return None
        if self.kind == "lyrics" and Path(text).suffix.lower() not in lyrics.SUFFIXES:
            self.fault(
                self.kind, f"lyrics are .lrc or .srt files, not {printable(Path(text).name)}", "see docs/overlays.md"
            )
            return None
        self.named = str(self.job.folder / text)
        return self.file(self.kind, text)

    def font_files(self) -> Iterator[tuple[str, str]]:
        """The fonts that it names, each with its key."""
        named = self.data.get("font", [])
        if isinstance(named, str):
            yield "font", named
        else:
            yield from ((f"font.{index}", one) for index, one in enumerate(named))

    def file(self, name: str, text: str) -> Asset | None:
        """A file that can be used."""
        what = {"lyrics": "lyrics", "logo": "picture", "cover": "picture"}.get(name, "font")
        try:
            asset = assets.find(jobvalues.absolute(self.job.folder, text), what)
            self.job.memo(("asset", asset.path, asset.sha256), overlayfiles.look, asset, what)
        except InputError as error:
            self.fault(name, error.message, error.hint)
            return None
        return asset

    def check(self) -> None:
        """Look into the files; and whether there is a glyph for each character."""
        (item,) = self.laid.overlay
        if item.kind == COVER and item.file is not None and item.file.part:
            try:
                pictures.read(assets.read(item.file), f"the cover art of {self.track.path.name}")
            except InputError as error:
                self.fault(COVER, error.message, error.hint)
        if item.kind in {"text", "lyrics", "time"}:
            face = self.job.memo(("face", item.fonts, item.weight), overlayfiles.face, item.fonts, item.weight)
            if item.kind == "text":
                absent = face.missing(readable(item.content))
                if absent:
                    at = item.content.find(absent) + 1 if "{" not in self.data[self.kind] else 0
                    self.fault(self.kind, *overlayfiles.missing(absent), at)
            elif item.file is not None:
                self.laid.files += overlayfiles.check_lyrics(item.file, face, self.named)


def summary(overlay: Overlay) -> str:
    """`text "Northern Lights", progress bar, lyrics song.lrc`."""

    def words(item: Item) -> str:
        if item.file is not None:
            return f"{item.kind} {printable(Path(item.file.path).name)}"
        return f"{item.kind} {printable(item.content)}"

    return listing([words(one) for one in overlay], 6)
