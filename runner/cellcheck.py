"""What the settings of a cell say by themselves, checked: presets, frame rates, encoders, excerpts, placeholders."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from engine.errors import InputError
from engine.sinks import codecs
from runner import jobcover, jobpalette, jobvalues, preset, template
from runner.diagnostics import JobError, Position
from runner.dotted import key_path
from runner.jobpaths import described, encode_settings, source_codec
from runner.jobspec import GOLDEN_FOLDER, Job, Settings, Track, presets_of
from runner.matrix import Cell
from runner.yamlfile import Where

_GUILTY = ((" audio cannot", "encode.audio_codec"), (" video cannot", "encode.codec"))
"""What the message about an impossible container blames -> the key that says so."""


class CellCheck:
    """Checks settings. Cells share most of what they say, so each distinct thing is checked once."""

    def __init__(self, job: Job, wrong: set[Where]) -> None:
        self.job = job
        self.wrong = wrong
        self.seen: dict[Hashable, Any] = {}
        self.placed = True  # every task has an output path

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
        has_tasks = self.job.kind in {"export", "verify"}
        if has_tasks and self.fine("output.path", "golden", "scene.params"):
            key = ("check template", settings["output"].number, *settings["scene"].get("params", ()))
            places = self.job.memo(key, self.template, cell, settings, track) and places
        places = places and has_tasks and self.fine("output.path", "golden")
        self.placed = self.placed and places
        return places

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
            try:
                infos.append(described(self.job, name))
            except JobError as error:
                self.job.document.problems.extend(error.diagnostics)
            except InputError as error:
                key = "scene.presets" if "presets" in settings["scene"] else "scene.preset"
                position = self.job.at(cell, key, track)
                if key == "scene.presets" and (*key_path(key), index) in self.job.document.values:
                    position = self.job.document.at((*key_path(key), index))
                self.report(position, error.message, error.hint)
        if len(infos) == len(presets_of(settings)):
            self.params(cell, settings, infos, track)
        for part in (jobpalette, jobcover):
            for key, message, hint, column in part.problems(settings) if self.fine(part.KEY) else ():
                position = self.job.at(cell, key, track)
                self.report(position.within(column) if column else position, message, hint)
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
        found = list(template.problems(settings["output"]["path"], settings["scene"].get("params", {})))
        before = len(GOLDEN_FOLDER) if self.job.kind == "verify" else 0  # what the file does not say
        for one in found:
            position = self.job.at(cell, "output.path", track)
            self.report(position.within(one.column - before), one.message, one.hint)
        return not found

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
