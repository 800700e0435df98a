"""What a schema cannot see in a job, for every cell and track: all of it, before anything starts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from engine.errors import InputError
from runner import collision, jobcover, jobpalette, matrix, overlays, template
from runner.cellcheck import CellCheck
from runner.collision import place, plain, shared
from runner.jobpaths import MissingTagError, output_path, task_id
from runner.jobspec import Job, Settings, Track, source_key
from runner.jobtracks import SUFFIX, Tracks
from runner.matrix import Cell
from runner.yamlfile import Where

Each = Callable[[str, int, Settings, str, Path], None]
"""Told of each task on the way: id, number of frames, settings, output below the root, track."""

MAX_PROBLEMS = 500
"""Enough to see what is wrong; a matrix could make 100,000 of one mistake."""


class Checker(CellCheck):
    """Checks every cell of a job with all of its tracks."""

    def __init__(self, job: Job, wrong: set[Where], each: Each | None = None) -> None:
        super().__init__(job, wrong)
        self.each = each
        self.found = Tracks(job)
        self.usage = matrix.Usage()

    def run(self) -> None:
        """Check all cells; problems go to the job's document. What broke the schema is left alone."""
        self.listed()
        count = 0
        for cell in self.job.cells(self.usage) if self.fine("matrix") else [Cell()]:
            count += 1
            self.check(cell)
            if len(self.job.document.problems) > MAX_PROBLEMS:
                return
        if not count:
            self.job.document.report(self.job.document.at_key(("matrix",)), "the matrix excludes every combination")
        elif self.fine("matrix") and not any(key in self.job.matrix.axes for key in self.job.overrides):
            for origin, message, hint in matrix.unused(self.job.matrix, self.usage):
                self.report(self.job.document.at(("matrix", *origin)), message, hint)
        self.collisions()

    def check(self, cell: Cell) -> None:
        """Check one cell, with each of its tracks."""
        settings = self.job.settings(cell)
        if not self.fine("audio.source") or not ("source" in settings["audio"] or "tracks" in self.job.base):
            self.values(cell, settings, None)
            return
        tracks = self.job.memo(("found", settings["audio"].number), self.tracks, cell, settings)
        if not tracks or any(not track.own for track in tracks):
            places = self.values(cell, settings, None)
        for track in tracks:
            if track.own:
                own = self.job.settings(cell, track.own)
                self.track(cell, own, track, places=self.values(cell, own, track))
            else:
                self.track(cell, settings, track, places=places)

    def tracks(self, cell: Cell, settings: Settings) -> list[Track]:
        """The tracks of a cell, those that can be read."""
        source = source_key(settings)
        if source not in self.job.sources:
            at = partial(self.job.at, cell)
            self.job.sources[source] = self.found.of_source(settings["audio"]["source"], at)
        return self.job.sources[source]

    def listed(self) -> None:
        """Find the tracks of the job's own list."""
        document = self.job.document
        if "tracks" not in self.job.base:
            return
        given = [one for one in (*self.job.matrix.axes, *self.job.overrides) if one in {"audio", "audio.source"}]
        if given or "source" in self.job.base.get("audio", {}):
            document.report(document.at_key(("tracks",)), "'tracks' and 'audio.source' exclude each other")
            self.wrong.add(("audio", "source"))
        self.job.sources[()] = self.found.listed(self.wrong)

    def track(self, cell: Cell, settings: Settings, track: Track, *, places: bool) -> None:
        """Check a track of a cell: that the excerpt lies in it, where its output goes."""
        excerpt = self.job.memo(
            ("frames", track, settings["audio"].number, settings["video"].number), self.frames, cell, settings, track
        )
        if self.fine("overlay", "scene", "video", "engine", "encode", "seed"):
            self.overlay(cell, settings, track)
        if self.fine("scene") and settings["scene"].get("palette") is not None:
            self.palette(cell, settings, track)
        if self.fine("scene") and settings["scene"].get("cover") is not None:
            self.cover(cell, settings, track)
        if places:
            self.output(cell, settings, track, excerpt or 0)

    def output(self, cell: Cell, settings: Settings, track: Track, frames: int) -> None:
        """Check where a track goes: a path below the root, in a container that carries it."""
        try:
            text = output_path(self.job, settings, track)
        except MissingTagError as error:
            self.once(("tag", track, error.name), self.tag, cell, settings, track, error.name)
            return
        fault = template.path_problem(text)
        if fault:
            self.once(("path", fault), self.report, self.job.at(cell, "output.path", track), *fault)
            return
        name = task_id(text)
        self.job.places.append(place(name))
        suffix = text[len(text) - len(text.rpartition(".")[2]) - 1 :]
        key = ("codec", settings["encode"].number, track, suffix)
        self.job.memo(key, self.container, cell, settings, track, suffix)
        if self.each is not None:
            self.each(name, frames, settings, text, track.path)

    def overlay(self, cell: Cell, settings: Settings, track: Track) -> None:
        """Check what lies over the picture of a track."""
        laid = overlays.of(self.job, settings, track)
        self.job.document.problems += [one for one in laid.files if one not in self.job.document.problems]
        for fault in laid.faults:
            position = self.job.at(cell, fault.key, track)
            if fault.column:
                position = position.within(fault.column)
            self.once(("overlay", position, fault.message), self.report, position, fault.message, fault.hint)

    def palette(self, cell: Cell, settings: Settings, track: Track) -> None:
        """Check that a palette from cover art can be made for a track."""
        if any(jobpalette.problems(settings)) or any(jobcover.problems(settings)):
            return
        try:
            jobpalette.of(self.job, settings, track)
        except InputError as error:
            position = self.job.at(cell, jobpalette.key(settings), track)
            self.once(("palette", position, error.message), self.report, position, error.message, error.hint)

    def cover(self, cell: Cell, settings: Settings, track: Track) -> None:
        """Check that there is the picture that a track's scenes show."""
        if any(jobcover.problems(settings)):
            return
        try:
            jobcover.of(self.job, settings, track)
        except InputError as error:
            position = self.job.at(cell, jobcover.KEY, track)
            self.once(("cover", position, error.message), self.report, position, error.message, error.hint)

    def tag(self, cell: Cell, settings: Settings, track: Track, name: str) -> None:
        """Report that the output's path needs a tag that the track lacks."""
        self.placed = False
        path = settings["output"]["path"]
        position = self.job.at(cell, "output.path", track).within(template.column(path, f"tags.{name}"))
        hint = f"set it in the file, in {track.path.stem}{SUFFIX} beside it, or in 'tracks'"
        self.report(position, f"{track.path.name} has no tag '{name}'", hint)

    def collisions(self) -> None:
        """Report two tasks with one output. One pair is enough: a forgotten placeholder makes every pair collide."""
        twice = shared(self.job.places)
        if not twice or not self.placed:
            return
        first: dict[str, tuple[Cell, Track]] = {}
        for cell in self.job.cells():
            settings = self.job.settings(cell)
            for track in self.job.tracks(settings):
                text = output_path(self.job, self.job.settings(cell, track.own) if track.own else settings, track)
                key = plain(task_id(text))
                if hash(key) in twice and key in first:
                    position = self.job.at(cell, "output.path", track)
                    message, hint = collision.explain(text, first[key], (cell, track))
                    if self.job.kind == "verify":
                        message, hint = (
                            f"two goldens have one name: {message}",
                            hint.replace("output.path", "golden.name"),
                        )
                    self.report(position, message, hint)
                    return
                if hash(key) in twice:
                    first[key] = (cell, track)
