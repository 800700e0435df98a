"""Audio sources -> tracks, each with what its entry in `tracks` and the file beside it say of it.

A path or glob of `audio.source` or of an entry of `tracks` names files. Beside `song.flac`, `song.trackreel.yaml` may
say `tags` and `set` for it, as an entry of `tracks` may; the entry goes before the file beside the track, and both go
before the tags in the track itself.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine import audio
from engine.errors import AudioError
from runner import jobvalues, preset, schemacheck, tags, yamlfile
from runner.diagnostics import JobError, Position
from runner.jobspec import Job, Track
from runner.matrixcheck import check_own
from runner.yamlfile import Document, Where

SUFFIX = ".trackreel.yaml"


@dataclass(frozen=True, slots=True)
class Said:
    """What a file or an entry says of a track."""

    own: Sequence[tuple[str, Any, Hashable]] = ()
    positions: Mapping[str, Position] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


NOTHING = Said()


class Tracks:
    """Finds the tracks of a job and puts them into it; problems go to the job's document. Each file is read once."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._probed: dict[Path, audio.AudioInfo | None] = {}
        self._beside: dict[Path, Said] = {}

    def of_source(self, source: str | Sequence[str], at: Callable[[str], Position]) -> list[Track]:
        """The tracks that a source names, those that can be read; `at` says where a dotted key stands."""
        found: list[Track] = []
        for item, path in jobvalues.expand_sources(source, self._job.folder):
            self._add(found, path, at("audio.source" if item is None else f"audio.source.{item}"), NOTHING)
        return found

    def listed(self, wrong: set[Where]) -> list[Track]:
        """The tracks of the job's own list; entries that broke the schema are left out."""
        found: list[Track] = []
        document = self._job.document
        for index, entry in enumerate(self._job.base.get("tracks", ())):
            where: Where = ("tracks", index)
            if not any(one[:2] == where for one in wrong):
                said = _said(document, entry, where, ("tracks", index))
                for _, path in jobvalues.expand_sources(entry["source"], self._job.folder):
                    self._add(found, path, document.at((*where, "source")), said)
        return found

    def _add(self, found: list[Track], path: Path | AudioError, position: Position, said: Said) -> None:
        if isinstance(path, AudioError):
            self._job.document.report(position, path.message, path.hint)
            return
        info = self._probe(path, position)
        if info is not None:
            beside = self._read_beside(path)
            own = (*beside.own, *said.own)
            positions, texts = {**beside.positions, **said.positions}, {**beside.tags, **said.tags}
            found.append(Track(info, len(found), own, positions, texts))

    def _probe(self, path: Path, position: Position) -> audio.AudioInfo | None:
        if path not in self._probed:
            self._probed[path] = None
            try:
                self._probed[path] = self._job.audio[path] = audio.probe(path)
            except AudioError as error:
                self._job.document.report(position, error.message, error.hint)
        return self._probed[path]

    def _read_beside(self, track: Path) -> Said:
        path = track.with_name(track.stem + SUFFIX)
        if path not in self._beside:
            try:
                self._beside[path] = read_beside(path) if path.is_file() else NOTHING
            except JobError as error:
                self._job.document.problems.extend(error.diagnostics)
                self._beside[path] = NOTHING
        return self._beside[path]


def read_beside(path: Path) -> Said:
    """What the file beside a track says. Raises JobError with every problem of it."""
    document = yamlfile.read(path)
    wrong = schemacheck.check(document, "track")
    if isinstance(document.data, dict) and not any(one[:1] == ("set",) for one in wrong):
        check_own(document, document.data.get("set", {}), ("set",))
    document.check()
    said = _said(document, document.data, (), str(path))
    return Said([(key, _absolute(key, value, path.parent), mark) for key, value, mark in said.own],
                said.positions, said.tags)  # fmt: skip


def _said(document: Document, data: Mapping[str, Any], where: Where, mark: Hashable) -> Said:
    own = data.get("set", {})
    return Said(
        [(key, value, (mark, key)) for key, value in own.items()],
        {key: document.at((*where, "set", key)) for key in own},
        {name: str(text) for name, text in data.get("tags", {}).items() if tags.clean(name, str(text))},
    )


def _absolute(key: str, value: Any, folder: Path) -> Any:
    """A value with the preset files that it names below `folder`: paths are relative to the file that has them."""
    if key == "scene" and isinstance(value, dict):
        return {name: _absolute(f"scene.{name}", one, folder) for name, one in value.items()}
    if key == "overlay":
        return [_item_absolute(one, folder) for one in value]
    if key == "scene.cover":
        return value if value == "tags" else str(folder.absolute() / value)
    if key == "scene.preset":
        return str(folder.absolute() / value) if preset.is_path(value) else value
    if key == "scene.presets":
        return [_absolute("scene.preset", one, folder) for one in value]
    return value


def _item_absolute(item: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """An item of an overlay with the files that it names below `folder`."""

    def place(name: str, value: Any) -> Any:
        if name not in {"lyrics", "logo", "cover", "font"} or (name == "cover" and value == "tags"):
            return value
        return [place(name, one) for one in value] if isinstance(value, list) else str(folder.absolute() / value)

    return {name: place(name, value) for name, value in item.items()}
