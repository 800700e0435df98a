"""What a schema cannot see in a job: presets, audio, times, codecs, output paths. All of it, before anything starts."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial
from pathlib import Path
from typing import Any

from engine.errors import InputError
from engine.sinks import codecs
from runner import collision, jobvalues, matrix, preset, template
from runner.collision import place, plain, shared
from runner.diagnostics import JobError, Position
from runner.dotted import key_path
from runner.jobpaths import encode_settings, output_path, source_codec, task_id
from runner.jobspec import Job, Settings, Track, presets_of, source_key
from runner.jobtracks import SUFFIX, Tracks
from runner.matrix import Cell
from runner.yamlfile import Where

_GUILTY = ((" audio cannot", "encode.audio_codec"), (" video cannot", "encode.codec"))
"""What the message about an impossible container blames -> the key that says so."""


Each = Callable[[str, int, Settings, str, Path], None]
"""Told of each task on the way: id, number of frames, settings, output below the root, track."""

MAX_PROBLEMS = 500
"""Enough to see what is wrong; a matrix could make 100,000 of one mistake."""


class Checker:
    """Checks every cell of a job. Cells share most of what they say, so each distinct thing is checked once."""

    def __init__(self, job: Job, wrong: set[Where], each: Each | None = None) -> None:
        self.job = job
        self.wrong = wrong
        self.each = each
        self.seen: dict[Hashable, Any] = {}
        self.found = Tracks(job)
        self.usage = matrix.Usage()
        self.placed = True  # every task has an output path

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

    def values(self, cell: Cell, settings: Settings, track: Track | None) -> bool:
        """Check what settings say by themselves; whether an output path can be made of them."""
        scene, video, encode = (settings[name].number for name in ("scene", "video", "encode"))
        if self.fine("scene.preset", "scene.presets"):
            self.job.memo(("check scene", scene), self.scene, cell, settings, track)
        places = self.fine("scene", "video", "encode", "engine", "name", "seed")
        if self.fine("video.fps"):
            places = self.job.memo(("check fps", video), self.rate, cell, settings, track) and places
        if self.fine("encode", "video"):
            self.job.memo(("check encode", encode, video), self.encode, cell, settings, track)
        if self.job.kind == "export" and self.fine("output.path", "scene.params"):
            key = ("check template", settings["output"].number, scene)
            places = self.job.memo(key, self.template, cell, settings, track) and places
        places = places and self.job.kind == "export" and self.fine("output.path")
        self.placed = self.placed and places
        return places

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
        if places:
            self.output(cell, settings, track, excerpt or 0)

    def fine(self, *keys: str) -> bool:
        """Whether these dotted keys, what they hold and what holds them, kept to the schema."""
        return not self.wrong or not any(_overlap(key_path(key), where) for key in keys for where in self.wrong)

    def once(self, key: Hashable, work: Callable[..., Any], *arguments: Any) -> Any:
        """The result of `work`, done once for each key."""
        if key not in self.seen:
            self.seen[key] = work(*arguments)
        return self.seen[key]

    def report(self, position: Position, message: str, hint: str = "") -> None:
        """Record a problem."""
        self.job.document.report(position, message, hint)

    def scene(self, cell: Cell, settings: Settings, track: Track | None) -> None:
        """Check the presets of a cell and the params that it sets."""
        infos = []
        for index, name in enumerate(presets_of(settings)):
            key = "scene.presets" if "presets" in settings["scene"] else "scene.preset"
            position = self.job.at(cell, key, track)
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
            self.params(cell, settings, infos, track)
        switch = settings["scene"]["switch"]
        if switch["hold_min"] > switch["hold_max"]:
            self.report(self.job.at(cell, "scene.switch.hold_min", track), "hold_min is greater than hold_max")

    def params(self, cell: Cell, settings: Settings, infos: list[preset.PresetInfo], track: Track | None) -> None:
        """Check a cell's params against its presets."""
        for problem in preset.check_params(infos, settings["scene"].get("params", {})):
            key = f"scene.params.{problem.name}"
            position = self.job.at(cell, key, track)
            if problem.column:
                position = position.within(problem.column)
            else:
                position = self.job.document.keys.get(key_path(key), position)
            self.report(position, problem.message, problem.hint)

    def rate(self, cell: Cell, settings: Settings, track: Track | None) -> bool:
        """Check the frame rate; whether there is one."""
        try:
            jobvalues.rate(settings["video"]["fps"])
        except ValueError as error:
            self.report(self.job.at(cell, "video.fps", track), *error.args)
            return False
        return True

    def encode(self, cell: Cell, settings: Settings, track: Track | None) -> None:
        """Check the encoder's numbers."""
        try:
            codecs.check_settings(encode_settings(settings), settings["video"]["width"], settings["video"]["height"])
        except InputError as error:
            keys = ("encode.crf", "encode.codec") if error.message.startswith("crf") else ("encode.codec", "video")
            self.report(self.job.at_first(cell, track, *keys), error.message, error.hint)

    def frames(self, cell: Cell, settings: Settings, track: Track) -> int | None:
        """The number of frames of a track's excerpt; None if it does not lie in the track, which is reported."""
        part = settings["audio"]
        start, duration, name = part["start"], part.get("duration"), track.path.name
        first = length = None
        try:
            if self.fine("audio.start"):
                first = jobvalues.start_in(start, track.info.duration, name)
        except ValueError as error:
            self.once(("start", name, start), self.report, self.job.at(cell, "audio.start", track), *error.args)
        try:
            if duration is not None and self.fine("audio.duration"):
                length = jobvalues.length(duration)
        except ValueError as error:
            self.once(("duration", duration), self.report, self.job.at(cell, "audio.duration", track), *error.args)
            return None
        if first is None or not self.fine("video.fps"):
            return None
        try:
            fps = jobvalues.rate(settings["video"]["fps"])
        except ValueError:  # reported already
            return None
        return jobvalues.frame_range(track.info.duration, fps, first, length)[1]

    def template(self, cell: Cell, settings: Settings, track: Track | None) -> bool:
        """Check the placeholders; whether the path can be filled in."""
        position = self.job.at(cell, "output.path", track)
        found = list(template.problems(settings["output"]["path"], settings["scene"].get("params", {})))
        for one in found:
            self.report(position.within(one.column), one.message, one.hint)
        return not found

    def output(self, cell: Cell, settings: Settings, track: Track, frames: int) -> None:
        """Check where a track goes: a path below the root, in a container that carries it."""
        try:
            text = output_path(self.job, settings, track)
        except LookupError as error:
            self.once(("tag", track, str(error)), self.tag, cell, settings, track, str(error.args[0]))
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
                    self.report(position, *collision.explain(text, first[key], (cell, track)))
                    return
                if hash(key) in twice:
                    first[key] = (cell, track)

    def container(self, cell: Cell, settings: Settings, track: Track, suffix: str) -> None:
        """Check that the container carries codec and audio."""
        encode = settings["encode"]
        try:
            codecs.check(encode["codec"], encode["audio_codec"], suffix, source_codec(track.info))
        except InputError as error:
            keys = [key for sign, key in _GUILTY if sign in error.message]
            position = self.job.at_first(cell, track, *keys, "output.path")
            self.once(("container", error.message), self.report, position, error.message, error.hint)


def _overlap(one: Where, other: Where) -> bool:
    """Whether one place holds the other, or they are the same."""
    return all(left == right for left, right in zip(one, other, strict=False))
