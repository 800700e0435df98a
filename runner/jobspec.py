"""The Job value: one validated job file, and how its cells become settings with every default filled in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from engine.audio import AudioInfo
from engine.sinks.codecs import VIDEO
from runner import matrix, schemacheck
from runner.diagnostics import Position
from runner.matrix import Cell, Matrix
from runner.yamlfile import Document, Where

Settings = dict[str, Any]
"""A job's mapping for one cell, nested as in the file, with all defaults."""

_RIVALS = {"scene.preset": "presets", "scene.presets": "preset"}


@dataclass(frozen=True)
class Job:
    """One validated job.

    path: the job file, or what stands for it; folder: what its relative paths are below.
    base: the file's mapping with overrides, without `matrix`; overrides: dotted key -> value, stronger than the matrix.
    audio: what is known of each track, filled in by validation.
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

    def cells(self) -> Iterator[Cell]:
        """The cells of the matrix, lazily, in its order."""
        return matrix.cells(self.matrix)

    def settings(self, cell: Cell) -> Settings:
        """Everything a cell says: the file, then the cell, then the overrides, and defaults for the rest."""
        data = copy_mappings(self.base)
        # An axis that lists a mapping ("video") goes before one that sets a part of it ("video.fps").
        for key in sorted(cell.values, key=lambda one: one.count(".")):
            assign(data, key, cell.values[key])
        for key, value in self.overrides.items():
            assign(data, key, value)
        return self._with_defaults(data)

    def at(self, cell: Cell, key: str) -> Position:
        """Where the value of a dotted key stands for this cell: an override, the matrix or the file."""
        parts = key.split(".")
        for end in range(len(parts), 0, -1):
            prefix, rest = ".".join(parts[:end]), tuple(parts[end:])
            if prefix in self.overrides:
                break
            if prefix in cell.origins:
                return self.document.at(("matrix", *cell.origins[prefix], *rest))
        return self.document.at(tuple(parts))

    def at_first(self, cell: Cell, *keys: str) -> Position:
        """Where the first of these keys that is written anywhere stands; the job's start if none is."""
        for key in keys:
            written = (*cell.values, *self.overrides)
            if key_path(key) in self.document.values or any(key == one or key.startswith(one + ".") for one in written):
                return self.at(cell, key)
        return self.document.at(())

    def _with_defaults(self, data: Settings) -> Settings:
        data.setdefault("name", self.name)
        several = "presets" in data.get("scene", {})
        for where, default in _defaults():
            if not (several and where == ("scene", "preset")):
                _fill(data, where, default)
        encode = data["encode"]
        if VIDEO[encode["codec"]].crf:
            encode.setdefault("crf", _usual_crf(encode["codec"]))
        return data


def presets_of(settings: Settings) -> list[str]:
    """The presets that a scene names."""
    scene = settings["scene"]
    return list(scene["presets"]) if "presets" in scene else [scene["preset"]]


def assign(data: Settings, key: str, value: Any) -> None:
    """Set a dotted key in place; mappings are merged, anything else is replaced, and `preset` replaces `presets`."""
    *parents, last = key.split(".")
    for name in parents:
        if not isinstance(data.get(name), dict):
            data[name] = {}
        data = data[name]
    if key in _RIVALS:
        data.pop(_RIVALS[key], None)
    if isinstance(value, dict) and isinstance(data.get(last), dict):
        for name, one in value.items():
            assign(data[last], name, copy_mappings(one) if isinstance(one, dict) else one)
    else:
        data[last] = copy_mappings(value) if isinstance(value, dict) else value


def copy_mappings(data: Mapping[str, Any]) -> Settings:
    """A copy of nested mappings; lists are shared, as a source may list 100,000 files."""
    return {key: copy_mappings(value) if isinstance(value, dict) else value for key, value in data.items()}


def key_path(key: str) -> Where:
    """The place of a dotted key in the document."""
    return tuple(key.split("."))


@cache
def _defaults() -> tuple[tuple[tuple[str, ...], Any], ...]:
    """Key by key, what a task has where the file is silent; `runs` belongs to benches."""
    found = schemacheck.defaults("job").items()
    return tuple((tuple(key.split(".")), default) for key, default in found if key != "runs")


def _fill(data: Settings, where: tuple[str, ...], default: Any) -> None:
    for name in where[:-1]:
        data = data.setdefault(name, {})
    data.setdefault(where[-1], default)


def _usual_crf(codec: str) -> float | None:
    limits = VIDEO[codec].crf
    return limits[1] if limits else None
