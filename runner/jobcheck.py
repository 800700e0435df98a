"""What a schema cannot see in a job: presets, audio, times, codecs, output paths. All of it, before anything starts."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Callable, Hashable
from pathlib import Path, PurePosixPath
from typing import Any

from engine import audio
from engine.errors import AudioError, InputError
from engine.sinks import codecs
from runner import collision, jobvalues, preset, template
from runner.diagnostics import JobError, Position
from runner.jobpaths import encode_settings, output_path, source_codec
from runner.jobspec import Job, Settings, key_path, presets_of
from runner.matrix import Cell
from runner.yamlfile import Where

_GUILTY = ((" audio cannot", "encode.audio_codec"), (" video cannot", "encode.codec"))
"""What the message about an impossible container blames -> the key that says so."""


class Checker:
    """Checks every cell of a job. Cells share most of what they say, so each distinct thing is checked once."""

    def __init__(self, job: Job, wrong: set[Where]) -> None:
        self.job = job
        self.wrong = wrong
        self.seen: dict[Hashable, Any] = {}
        self.outputs: dict[str, tuple[int, Path]] = {}  # a cell's number, not the cell: there may be 100,000
        self.number = -1
        self.collided = False

    def run(self) -> None:
        """Check all cells; problems go to the job's document. What broke the schema is left alone."""
        for cell in self.job.cells() if self.fine("matrix") else [Cell()]:
            self.number += 1
            self.check(cell)
        if self.number < 0:
            self.job.document.report(self.job.document.at_key(("matrix",)), "the matrix excludes every combination")

    def check(self, cell: Cell) -> None:
        """Check one cell."""
        settings = self.job.settings(cell)
        if self.fine("scene.preset", "scene.presets"):
            self.once(("scene", str(settings["scene"])), self.scene, cell, settings)
        places = self.fine("scene", "video", "encode", "engine", "name", "seed")
        if self.fine("video.fps"):
            places = self.once(("fps", settings["video"]["fps"]), self.rate, cell, settings) and places
        if self.fine("encode", "video"):
            self.once(("encode", str(settings["encode"]), str(settings["video"])), self.encode, cell, settings)
        if self.job.kind == "export" and self.fine("output.path", "scene.params"):
            key = ("template", settings["output"]["path"], *settings["scene"].get("params", {}))
            places = self.once(key, self.template, cell, settings) and places
        if self.fine("audio.source") and "source" in settings.get("audio", {}):
            self.tracks(cell, settings, places=places and self.job.kind == "export" and self.fine("output.path"))

    def tracks(self, cell: Cell, settings: Settings, *, places: bool) -> None:
        """Check each track of a cell: that it can be read, that the excerpt lies in it, where its output goes."""
        source, part = settings["audio"]["source"], settings["audio"]
        for index, path in enumerate(self.once(("source", str(source)), self.sources, cell, source)):
            self.once(("time", path, part["start"], part.get("duration")), self.times, cell, settings, path)
            if places:
                self.output(cell, settings, path, index)

    def fine(self, *keys: str) -> bool:
        """Whether these dotted keys, what they hold and what holds them, kept to the schema."""
        return not any(_overlap(key_path(key), where) for key in keys for where in self.wrong)

    def once(self, key: Hashable, work: Callable[..., Any], *arguments: Any) -> Any:
        """The result of `work`, done once for each key."""
        if key not in self.seen:
            self.seen[key] = work(*arguments)
        return self.seen[key]

    def report(self, position: Position, message: str, hint: str = "") -> None:
        """Record a problem."""
        self.job.document.report(position, message, hint)

    def scene(self, cell: Cell, settings: Settings) -> None:
        """Check the presets of a cell and the params that it sets."""
        infos = []
        for index, name in enumerate(presets_of(settings)):
            key = "scene.presets" if "presets" in settings["scene"] else "scene.preset"
            position = self.job.at(cell, key)
            if key == "scene.presets" and (*key_path(key), index) in self.job.document.values:
                position = self.job.document.at((*key_path(key), index))
            try:
                preset.check_name(name, self.job.folder)
                infos.append(preset.describe(name, self.job.folder))
            except JobError as error:
                self.job.document.problems.extend(error.diagnostics)
            except InputError as error:
                self.report(position, error.message, error.hint)
        if len(infos) == len(presets_of(settings)):
            self.params(cell, settings, infos)
        switch = settings["scene"]["switch"]
        if switch["hold_min"] > switch["hold_max"]:
            self.report(self.job.at(cell, "scene.switch.hold_min"), "hold_min is greater than hold_max")

    def params(self, cell: Cell, settings: Settings, infos: list[preset.PresetInfo]) -> None:
        """Check a cell's params against its presets."""
        for problem in preset.check_params(infos, settings["scene"].get("params", {})):
            key = f"scene.params.{problem.name}"
            position = self.job.at(cell, key)
            if problem.column:
                position = position.within(problem.column)
            else:
                position = self.job.document.keys.get(key_path(key), position)
            self.report(position, problem.message, problem.hint)

    def rate(self, cell: Cell, settings: Settings) -> bool:
        """Check the frame rate; whether there is one."""
        try:
            jobvalues.rate(settings["video"]["fps"])
        except ValueError as error:
            self.report(self.job.at(cell, "video.fps"), *error.args)
            return False
        return True

    def encode(self, cell: Cell, settings: Settings) -> None:
        """Check the encoder's numbers."""
        try:
            codecs.check_settings(encode_settings(settings), settings["video"]["width"], settings["video"]["height"])
        except InputError as error:
            keys = ("encode.crf", "encode.codec") if error.message.startswith("crf") else ("encode.codec", "video")
            self.report(self.job.at_first(cell, *keys), error.message, error.hint)

    def sources(self, cell: Cell, source: Any) -> list[Path]:
        """The tracks that a source names, those that can be read."""
        paths = []
        for index, found in jobvalues.expand_sources(source, self.job.folder):
            position = self.job.at(cell, "audio.source" if index is None else f"audio.source.{index}")
            if index is not None and ("audio", "source", index) in self.job.document.values:
                position = self.job.document.at(("audio", "source", index))
            if isinstance(found, AudioError):
                self.report(position, found.message, found.hint)
            elif self.once(("probe", found), self.probe, found, position):
                paths.append(found)
        return paths

    def probe(self, path: Path, position: Position) -> bool:
        """Read the headers of a track; whether it can be used."""
        try:
            self.job.audio[path] = audio.probe(path)
        except AudioError as error:
            self.report(position, error.message, error.hint)
            return False
        return True

    def times(self, cell: Cell, settings: Settings, path: Path) -> None:
        """Check that the excerpt lies in the track."""
        start, duration = settings["audio"]["start"], settings["audio"].get("duration")
        try:
            if self.fine("audio.start"):
                jobvalues.start_in(start, self.job.audio[path].duration, path.name)
        except ValueError as error:
            self.report(self.job.at(cell, "audio.start"), *error.args)
        try:
            if duration is not None and self.fine("audio.duration"):
                jobvalues.length(duration)
        except ValueError as error:
            self.once(("duration", duration), self.report, self.job.at(cell, "audio.duration"), *error.args)

    def template(self, cell: Cell, settings: Settings) -> bool:
        """Check the placeholders; whether the path can be filled in."""
        position = self.job.at(cell, "output.path")
        found = list(template.problems(settings["output"]["path"], settings["scene"].get("params", {})))
        for one in found:
            self.report(position.within(one.column), one.message, one.hint)
        return not found

    def output(self, cell: Cell, settings: Settings, path: Path, index: int) -> None:
        """Check where a track goes: a path below the root, of its own, in a container that carries it."""
        position = self.job.at(cell, "output.path")
        text = output_path(settings, self.job.audio[path], index)
        fault = template.path_problem(text)
        if fault:
            self.once(("path", fault), self.report, position, *fault)
            return
        # Files beside the output share its name without suffix; some file systems ignore case.
        key = unicodedata.normalize("NFC", str(PurePosixPath(text).with_suffix(""))).casefold()
        if key in self.outputs and not self.collided:
            self.collided = True  # one is enough: a forgotten placeholder makes every pair collide
            number, track = self.outputs[key]
            first = next(itertools.islice(self.job.cells(), number, None))
            self.report(position, *collision.explain(text, (first, track), (cell, path)))
        self.outputs[key] = (self.number, path)
        suffix = PurePosixPath(text).suffix
        self.once(("codec", str(settings["encode"]), path, suffix), self.container, cell, settings, path, suffix)

    def container(self, cell: Cell, settings: Settings, path: Path, suffix: str) -> None:
        """Check that the container carries codec and audio."""
        encode = settings["encode"]
        try:
            codecs.check(encode["codec"], encode["audio_codec"], suffix, source_codec(self.job.audio[path]))
        except InputError as error:
            keys = [key for sign, key in _GUILTY if sign in error.message]
            position = self.job.at_first(cell, *keys, "output.path")
            self.once(("container", error.message), self.report, position, error.message, error.hint)


def _overlap(one: Where, other: Where) -> bool:
    """Whether one place holds the other, or they are the same."""
    return all(left == right for left, right in zip(one, other, strict=False))
