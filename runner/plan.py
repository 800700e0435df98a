"""Job -> tasks, lazily. Renders nothing, writes nothing."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

from engine import ffmpeg
from engine.errors import InputError
from engine.scene import TRANSITIONS, Canvas, Scene, Switch, Transition
from engine.sinks.codecs import EncodeSettings
from engine.sinks.command import command
from runner import filehashes, jobcover, jobpalette, jobvalues, overlays, preset
from runner import job as jobs
from runner import options as options_as_job
from runner.diagnostics import show
from runner.jobpaths import described, encode_settings, output_path, task_id
from runner.jobspec import Job, Settings, Track, presets_of
from runner.matrix import Cell
from runner.shard import cost
from runner.task import Outputs, PresetFile, Task

DEFAULT_ROOT = Path("out")
Wanted = Callable[[str, int], bool]
"""(id, cost) of each task in turn -> whether it is meant; see `shard.cost`."""

_EMITTED = ("manifest", "timeline", "framemd5")


def tasks(
    job: Job, out_root: Path = DEFAULT_ROOT, wanted: Wanted | None = None, *, checked: bool = False
) -> Iterator[Task]:
    """The job's tasks, lazily, in the order of its matrix and, within a cell, of its tracks; those `wanted`.

    Those of a verify job have the golden's place as their output: see `_golden`.
    checked: `check_output` has looked at their outputs already.

    Raises InputError for a job that exports nothing, and for an output that would replace a track or leave `out_root`.
    """
    if job.kind not in {"export", "verify"}:
        raise InputError(f"a job of kind '{job.kind}' has no outputs to make", "only 'export' and 'verify' have tasks")
    planner = _Planner(job, out_root, wanted, checked=checked)
    return (task for cell in job.cells() for task in planner.tasks(cell))


def single(options: Mapping[str, Any]) -> Task:
    """The task of `export`'s options (see runner.options): the same as that of a job file that says the same.

    The output may lie anywhere, and so may the files of `emit_manifest`, `emit_timeline` and `emit_framemd5`.
    Raises InputError, or JobError whose places are the options' names.
    """
    data, labels = options_as_job.job_mapping(options)
    options_as_job.check_audio(options.get("audio"))
    out = options.get("out")
    root = Path() if out is None else Path(out).parent
    task = next(tasks(jobs.from_mapping(data, labels), root))
    emitted = {one: Path(options[f"emit_{one}"]) for one in _EMITTED if options.get(f"emit_{one}") is not None}
    task = replace(task, outputs=replace(task.outputs, **emitted))
    check_collisions([task])
    return task


def check_collisions(planned: Iterable[Task]) -> None:
    """Raise InputError when two tasks, of one job or several, write the same file."""
    owners: dict[Path, str] = {}
    for task in planned:
        for path in task.outputs.wanted():
            place = path.resolve()
            if place in owners:
                names = f"'{owners[place]}' and '{task.job}'" if owners[place] != task.job else f"'{task.job}' twice"
                raise InputError(
                    f"the output {path} is written by {names}", "give the jobs other names or output paths"
                )
            owners[place] = task.job


def ffmpeg_command(task: Task) -> list[str]:
    """The very command that the render process runs for this task. Raises MissingError."""
    return encoder_command(task.audio, task.first_frame, task.frame_count, task.canvas, task.encode, task.outputs.final)


def encoder_command(
    audio: Path, first_frame: int, frame_count: int, canvas: Canvas, encode: EncodeSettings, out: Path
) -> list[str]:
    """The same of a task's parts. Raises MissingError."""
    sound = None if encode.audio_codec == "none" else audio
    return command(ffmpeg.find(), encode, canvas, sound, first_frame, frame_count, out)


class _Planner:
    """Makes the tasks of one job. What several tasks share is worked out once: there may be 100,000."""

    def __init__(self, job: Job, out_root: Path, wanted: Wanted | None, *, checked: bool) -> None:
        self._job, self._root, self._wanted, self._checked = job, out_root, wanted, checked
        self._digests: dict[Path, str] = {}  # of this pass: the next one looks at the files again

    def tasks(self, cell: Cell) -> Iterator[Task]:
        settings = self._job.settings(cell)
        for track in self._job.tracks(settings):
            task = self._task(self._job.settings(cell, track.own) if track.own else settings, track)
            if task is not None:
                yield task

    def _task(self, settings: Settings, track: Track) -> Task | None:
        job, memo = self._job, self._job.memo
        audio_part, video = settings["audio"], settings["video"]
        text = output_path(job, settings, track)
        canvas = memo(("canvas", video.number), _canvas, video)
        first, count = memo(("range", track, audio_part.number, video.number), _range, audio_part, track, canvas.fps)
        name, quality = task_id(text), settings["engine"]["quality"]
        if self._wanted is not None and not self._wanted(name, cost(count, canvas.width, canvas.height, quality)):
            return None
        final = Path(f"{self._root}/{text}")
        if job.kind == "verify":
            return self._golden(settings, self._make(settings, track, name, final, canvas, (first, count)))
        task = self._make(settings, track, name, final, canvas, (first, count))
        if not self._checked:
            check_output(text, track.path, self._root)
        return task

    def _golden(self, settings: Settings, task: Task) -> Task:
        """A verify job's task: where its golden is stands for the output."""
        golden = settings["golden"]
        place = Path(f"{jobvalues.absolute(self._job.folder, golden['dir'])}/{task.id}")
        if golden.get("of") == "encoded":
            final = place.with_name(place.name + task.outputs.final.suffix)
            return replace(
                task, action="decode", encode=replace(task.encode, audio_codec="none"), outputs=Outputs(final)
            )
        return replace(task, action="record", outputs=Outputs(place.with_name(f"{place.name}.framemd5")))

    def _make(
        self, settings: Settings, track: Track, name: str, final: Path, canvas: Canvas, frames: tuple[int, int]
    ) -> Task:
        memo, scene, (first, count) = self._job.memo, settings["scene"], frames
        quality = settings["engine"]["quality"]
        return Task(
            id=name,
            job=settings["name"],
            audio=track.path,
            audio_sha256=self._digest(track.path),
            first_frame=first,
            frame_count=count,
            canvas=canvas,
            backend=settings["engine"]["backend"],
            quality=quality,
            threads=int(settings["engine"]["threads"]),
            seed=int(settings["seed"]),
            scenes=self._scenes(settings, track),
            switch=memo(("switch", scene.number), _switch, settings),
            encode=memo(("encoder", settings["encode"].number), _encoder, settings),
            outputs=outputs(settings, final),
            overwrite=settings["output"]["overwrite"],
            presets=memo(("presets", scene.number), _presets, self._job, settings),
            overlay=overlays.of(self._job, settings, track).overlay,
            cover=jobcover.of(self._job, settings, track),
        )

    def _scenes(self, settings: Settings, track: Track) -> tuple[Scene, ...]:
        """The scenes in the palette that the job gives to this track."""
        own, number = jobpalette.of(self._job, settings, track), settings["scene"].number
        return self._job.memo(("scenes", number, own), scenes, self._job, settings, own)

    def _digest(self, path: Path) -> str:
        if path not in self._digests:
            try:
                self._digests[path] = filehashes.sha256(path)
            except OSError:  # gone since the job was checked: this costs its tasks, which will say so, not the batch
                self._digests[path] = "0" * 64
        return self._digests[path]


def _canvas(video: Mapping[str, Any]) -> Canvas:
    return Canvas(int(video["width"]), int(video["height"]), jobvalues.rate(video["fps"]))


def _range(part: Mapping[str, Any], track: Track, fps: Fraction) -> tuple[int, int]:
    duration = part.get("duration")
    return jobvalues.frame_range(
        track.info.duration,
        fps,
        jobvalues.seconds(part["start"]),
        None if duration is None else jobvalues.seconds(duration),
    )


def scenes(job: Job, settings: Settings, palette: tuple[str, ...] | None = None) -> tuple[Scene, ...]:
    """The scenes of a cell, the job's params applied to each; palette: in place of their own."""
    params = settings["scene"].get("params", {})
    found = (preset.bind(described(job, name), params) for name in presets_of(settings))
    return tuple(one if palette is None else replace(one, palette=palette) for one in found)


def outputs(settings: Settings, final: Path) -> Outputs:
    """The files that a cell's `output` asks for, beside `final`."""
    stem, wanted = str(final)[: -len(final.suffix)], settings["output"]
    return Outputs(
        final,
        Path(f"{stem}.manifest.json") if wanted["manifest"] else None,
        Path(f"{stem}.timeline.jsonl") if wanted["timeline"] else None,
        Path(f"{stem}.framemd5") if wanted["framemd5"] else None,
    )


def _presets(job: Job, settings: Settings) -> tuple[PresetFile, ...]:
    """What each preset was read from: how the job names it, and its file's hash."""
    return tuple(PresetFile(name, described(job, name).sha256) for name in presets_of(settings))


def _switch(settings: Settings) -> Switch:
    values: Mapping[str, Any] = settings["scene"]["switch"]
    numbers = {key: float(values[key]) for key in ("every", "hold_min", "hold_max")}
    return Switch(values["mode"], **numbers, transition=_transition(values["transition"]))


def _transition(said: Any) -> float | Transition:
    """What `scene.switch.transition` says; a plain number for a crossfade in seconds, however it is said."""
    if not isinstance(said, Mapping):
        return float(said)
    kind = said.get("kind", "crossfade")
    kinds = {"any": TRANSITIONS}.get(kind, (kind,)) if isinstance(kind, str) else tuple(kind)
    length, beats = float(said.get("beats", said.get("seconds", 1.0))), "beats" in said
    plain = kinds == ("crossfade",) and not beats
    return length if plain else Transition(kinds, length, beats)


def _encoder(settings: Settings) -> EncodeSettings:
    encode = encode_settings(settings)
    crf = None if encode.crf is None else float(encode.crf)
    return replace(encode, crf=crf, threads=int(encode.threads))


def check_output(text: str, audio: Path, out_root: Path) -> None:
    """Raise InputError for an output below the root that would replace a track, or leave the root through a link.

    In texts, not Paths, which would take most of the time that planning takes.
    """
    final = os.path.join(out_root, text)  # noqa: PTH118
    try:
        linked = stat.S_ISLNK(os.lstat(final).st_mode)
    except OSError:
        linked = False
    else:
        with contextlib.suppress(OSError):
            if os.path.samefile(final, audio):  # noqa: PTH121
                raise InputError(f"the output {final} is the track itself", "choose another output path")
    place = final if linked else os.path.dirname(final)  # noqa: PTH120
    if not _inside(place, str(out_root), os.getcwd()):  # noqa: PTH109
        hint = "a link in the output folder points elsewhere: remove it or choose another --out-root"
        raise InputError(f"the output {show(final)} leaves the output root {out_root}", hint)


@lru_cache(maxsize=4096)
def _inside(place: str, out_root: str, _folder: str) -> bool:
    return Path(place).resolve().is_relative_to(Path(out_root).resolve())
