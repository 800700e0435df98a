"""The Job value: one validated job file, and how its cells become settings with every default filled in.

A job may have 100,000 cells, which differ in a few keys. Settings are therefore made of sections ("video", "scene"
...) that cells share: a section is worked out once for all cells that say the same in it, and so is whatever follows
from it (see `Memo`).
"""

from __future__ import annotations

import itertools
from array import array
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from engine.audio import AudioInfo
from engine.sinks.codecs import VIDEO
from runner import matrix, schemacheck, tags
from runner.diagnostics import Position
from runner.dotted import Memo, assign, copy_mappings, key_path
from runner.dotted import root as root_of
from runner.matrix import Cell, Matrix, Usage
from runner.yamlfile import Document

Settings = dict[str, Any]
"""A job's mapping for one cell, nested as in the file, with all defaults; shared between cells: not to be changed."""

Own = Sequence[tuple[str, Any, Hashable]]
"""What a track says of its own: (dotted key, value, what tells this value from that of other tracks), weakest first."""

SECTIONS = ("audio", "video", "engine", "scene", "overlay", "encode", "output")

_numbers = itertools.count()


class Section(Settings):
    """One section of settings; `number` stands for it in keys of a `Memo`, and is never used again."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        self.number = next(_numbers)


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One track of a job, and what its entry in `tracks` and the file beside it say of it.

    index: its number among the job's tracks, or those of a cell's source, from 0.
    own: what it changes; positions: where its own keys stand. tags: what is said of it, stronger than the file's tags.
    """

    info: AudioInfo
    index: int
    own: Own = ()
    positions: Mapping[str, Position] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    _of_file: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        """The audio file."""
        return self.info.path

    def tag(self, name: str) -> str | None:
        """A tag, fit for a file name (see `tags.clean`); None: it has none. The file is read when it is first asked."""
        found = self._said(name)
        return None if found is None else tags.clean(name, found)

    def words(self, name: str) -> str | None:
        """A tag as it is shown on a picture; None: it has none."""
        found = self._said(name)
        return None if found is None else tags.shown(name, found)

    def _said(self, name: str) -> str | None:
        if name in self.tags:
            return self.tags[name]
        if not self._of_file:
            self._of_file.update({**tags.read(self.path), "": "was read"})
        return self._of_file.get(name)


@dataclass(frozen=True)
class Job:
    """One validated job.

    path: the job file, or what stands for it; folder: what its relative paths are below.
    base: the file's mapping with overrides, without `matrix`; overrides: dotted key -> value, stronger than the matrix.
    audio: what is known of each file, filled in by validation; so are `sources`, the tracks of each audio source ((),
    of the job's own list), and `places`, a hash of each task's output. memo: what was worked out of its cells.
    """

    path: Path
    folder: Path
    kind: str
    name: str
    base: Mapping[str, Any]
    matrix: Matrix
    overrides: Mapping[str, Any]
    document: Document = field(repr=False, compare=False)
    audio: dict[Path, AudioInfo] = field(default_factory=dict, repr=False, compare=False)
    sources: dict[Hashable, list[Track]] = field(default_factory=dict, repr=False, compare=False)
    places: array[int] = field(default_factory=lambda: array("q"), repr=False, compare=False)
    memo: Memo = field(default_factory=Memo, repr=False, compare=False)

    def cells(self, usage: Usage | None = None) -> Iterator[Cell]:
        """The cells of the matrix, lazily, in its order; see `matrix.cells`."""
        return matrix.cells(self.matrix, usage)

    def settings(self, cell: Cell, own: Own = ()) -> Settings:
        """Everything a cell says: the file, then the track's `own`, the cell, the overrides, and defaults for the rest.

        Its sections are `Section`s, the same object for all cells that say the same in it.
        """
        settings = dict(self.memo(("constant",), self._constant))
        said: dict[str, list[tuple[str, Hashable]]] = {}
        for key, _, mark in own:
            said.setdefault(root_of(key), []).append((key, mark))
        for key, origin in cell.origins.items():
            said.setdefault(root_of(key), []).append((key, origin))
        for root, marks in said.items():
            settings[root] = self.memo((root, *marks), self._part, root, cell, own)
        return settings

    def _tracks(self, settings: Settings) -> list[Track]:
        return self.sources.get(source_key(settings), [])

    def _constant(self) -> Settings:
        parts = {root: self._part(root, Cell(), ()) for root in ("name", *SECTIONS, "seed")}
        return {**self.base, **parts}

    def _part(self, root: str, cell: Cell, own: Own) -> Any:
        """A section, or a plain value at the top, for a cell."""
        start = self.base.get(root)
        if cell.values and root != "encode":  # the usual crf follows from the codec; all other defaults may go before
            start = self.memo(("constant",), self._constant)[root]
        data: Settings = {} if start is None else {root: copy_mappings(start) if isinstance(start, dict) else start}
        for layer in ([(key, value) for key, value, _ in own], cell.values.items(), self.overrides.items()):
            pairs = [(key, value) for key, value in layer if root_of(key) == root]
            # An axis that lists a mapping ("video") goes before one that sets a part of it ("video.fps").
            for key, value in sorted(pairs, key=lambda one: one[0].count(".")) if len(pairs) > 1 else pairs:
                assign(data, key, value)
        if start is self.base.get(root):
            self._fill_defaults(root, data)
        part = data.get(root)
        if root == "overlay" and not isinstance(part, dict):
            part = {"items": part or [], "said": part is not None}
        return Section(part) if isinstance(part, dict) else part

    def tracks(self, settings: Settings) -> list[Track]:
        """The tracks of a cell, without those of their own settings; known once the job was checked."""
        return self.memo(("tracks", settings["audio"].number), self._tracks, settings)

    def at(self, cell: Cell, key: str, track: Track | None = None) -> Position:
        """Where the value of a dotted key stands: an override, this cell of the matrix, the track's own or the file."""
        if self.kind == "verify" and root_of(key) == "output":
            key = "golden.name"
        parts = [int(one) if one.isdigit() else one for one in key.split(".")]
        for end in range(len(parts), 0, -1):
            prefix, rest = ".".join(str(one) for one in parts[:end]), tuple(parts[end:])
            if prefix in self.overrides:
                break
            if prefix in cell.origins:
                return self.document.at(("matrix", *cell.origins[prefix], *rest))
            if track is not None and prefix in track.positions:
                return track.positions[prefix]
        return self.document.at(tuple(parts))

    def at_first(self, cell: Cell, track: Track | None, *keys: str) -> Position:
        """Where the first of these keys that is written anywhere stands; the job's start if none is."""
        for key in keys:
            written = (*cell.values, *self.overrides, *(track.positions if track else ()))
            if key_path(key) in self.document.values or any(key == one or key.startswith(one + ".") for one in written):
                return self.at(cell, key, track)
        return self.document.at(())

    def _fill_defaults(self, root: str, data: Settings) -> None:
        if root == "name":
            data.setdefault("name", self.name)
        several = "presets" in data.get("scene", {})
        for where, default in _defaults(root):
            if not (several and where == ("scene", "preset")):
                _fill(data, where, default)
        if root == "encode" and VIDEO[data["encode"]["codec"]].crf:
            data["encode"].setdefault("crf", _usual_crf(data["encode"]["codec"]))


GOLDEN_FOLDER = "{name}/"


def golden_path(name: str | None) -> str:
    """What stands for `output.path` in a job of kind verify: the template of `golden.name` below the job's name."""
    name = schemacheck.defaults("job")["golden.name"] if name is None else name
    return f"{GOLDEN_FOLDER}{name}.{{encode.container}}"


def source_key(settings: Settings) -> Hashable:
    """What tells one audio source from another; () for the job's own list of tracks."""
    source = settings["audio"].get("source", ())
    return source if isinstance(source, str) else tuple(source)


def presets_of(settings: Settings) -> list[str]:
    """The presets that a scene names."""
    scene = settings["scene"]
    return list(scene["presets"]) if "presets" in scene else [scene["preset"]]


@cache
def _defaults(root: str) -> tuple[tuple[tuple[str, ...], Any], ...]:
    """Key by key, what a task has where the file is silent."""
    found = schemacheck.defaults("job").items()
    return tuple((tuple(key.split(".")), default) for key, default in found if root_of(key) == root)


def _fill(data: Settings, where: tuple[str, ...], default: Any) -> None:
    for name in where[:-1]:
        data = data.setdefault(name, {})
    data.setdefault(where[-1], default)


def _usual_crf(codec: str) -> float | None:
    limits = VIDEO[codec].crf
    return limits[1] if limits else None
