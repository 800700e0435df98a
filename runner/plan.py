"""Job -> tasks, with why each would run. Renders nothing, writes nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

from engine import audio, ffmpeg
from engine.audio import AudioInfo
from engine.errors import AudioError, InputError
from engine.scene import Canvas, Scene, Switch
from engine.sinks.codecs import EncodeSettings
from engine.sinks.command import command
from runner import filehashes, jobvalues, manifest, preset
from runner import job as jobs
from runner import options as options_as_job
from runner.diagnostics import show
from runner.jobpaths import encode_settings, output_path
from runner.jobspec import Job, Settings, presets_of
from runner.task import Outputs, Task, flatten

DEFAULT_ROOT = Path("out")
_EMITTED = ("manifest", "timeline", "framemd5")


@dataclass(frozen=True, slots=True)
class Status:
    """Why a task would run: `state` is new, changed, missing or current (then it would not); `detail` says what."""

    state: str
    detail: str = ""

    @property
    def current(self) -> bool:
        """Nothing to do."""
        return self.state == "current"

    def __str__(self) -> str:
        words = {"new": "new", "changed": "changed", "missing": "missing output", "current": "up to date"}[self.state]
        return f"{words}: {self.detail}" if self.detail else words


def tasks(job: Job, out_root: Path = DEFAULT_ROOT) -> Iterator[Task]:
    """The job's tasks, lazily, in the order of its matrix and, within a cell, of its tracks.

    Raises InputError for a job that exports nothing, and for an output that would replace a track or leave `out_root`.
    """
    if job.kind != "export":
        raise InputError(f"a job of kind '{job.kind}' has no outputs to make", "only jobs of kind 'export' have tasks")
    return (task for cell in job.cells() for task in _cell_tasks(job, job.settings(cell), out_root))


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


def status(task: Task) -> Status:
    """Compare a task with the manifest and the output that are there; reads the output whole, to hash it."""
    if task.outputs.manifest is None:
        return Status("new", "it has no manifest to compare with" if task.outputs.final.exists() else "")
    record = manifest.read(task.outputs.manifest)
    if record is None:
        return Status("new")
    if record["digest"] != task.digest:
        return Status("changed", _difference(record["task"], task) or "the engine's version")
    for path in task.outputs.wanted():
        if not path.is_file():
            return Status("missing", path.name)
    if filehashes.sha256(task.outputs.final) != record["output"]["sha256"]:
        return Status("changed", "the output is not the file that the manifest describes")
    return Status("current")


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
    binary = ffmpeg.find()
    sound = None if task.encode.audio_codec == "none" else task.audio
    return command(binary, task.encode, task.canvas, sound, task.first_frame, task.frame_count, task.outputs.final)


def _cell_tasks(job: Job, settings: Settings, out_root: Path) -> Iterator[Task]:
    for index, (_, path) in enumerate(jobvalues.expand_sources(settings["audio"]["source"], job.folder)):
        if not isinstance(path, Path):  # it was there when the job was checked
            raise path
        info = job.audio[path] if path in job.audio else audio.probe(path)
        yield _task(job, settings, info, out_root, output_path(settings, info, index))


def _task(job: Job, settings: Settings, info: AudioInfo, out_root: Path, text: str) -> Task:
    video, engine = settings["video"], settings["engine"]
    canvas = Canvas(int(video["width"]), int(video["height"]), jobvalues.rate(video["fps"]))
    duration = settings["audio"].get("duration")
    first, count = jobvalues.frame_range(
        info.duration,
        canvas.fps,
        jobvalues.seconds(settings["audio"]["start"]),
        None if duration is None else jobvalues.seconds(duration),
    )
    task = Task(
        id=str(PurePosixPath(text).with_suffix("")),
        job=settings["name"],
        audio=info.path,
        audio_sha256=_digest(info.path),
        first_frame=first,
        frame_count=count,
        canvas=canvas,
        backend=engine["backend"],
        quality=engine["quality"],
        threads=int(engine["threads"]),
        seed=int(settings["seed"]),
        scenes=scenes(job, settings),
        switch=_switch(settings),
        encode=_encoder(settings),
        outputs=outputs(settings, out_root / text),
        overwrite=settings["output"]["overwrite"],
    )
    _check_outputs(task, out_root)
    return task


def scenes(job: Job, settings: Settings) -> tuple[Scene, ...]:
    """The scenes of a cell, the job's params applied to each."""
    params = settings["scene"].get("params", {})
    return tuple(preset.bind(preset.describe(name, job.folder), params) for name in presets_of(settings))


def outputs(settings: Settings, final: Path) -> Outputs:
    """The files that a cell's `output` asks for, beside `final`."""
    stem, wanted = final.with_suffix(""), settings["output"]

    def beside(key: str, suffix: str) -> Path | None:
        return stem.with_name(stem.name + suffix) if wanted[key] else None

    return Outputs(
        final,
        beside("manifest", ".manifest.json"),
        beside("timeline", ".timeline.jsonl"),
        beside("framemd5", ".framemd5"),
    )


def _switch(settings: Settings) -> Switch:
    values: Mapping[str, Any] = settings["scene"]["switch"]
    numbers = {key: float(value) for key, value in values.items() if key != "mode"}
    return Switch(values["mode"], **numbers)


def _encoder(settings: Settings) -> EncodeSettings:
    encode = encode_settings(settings)
    crf = None if encode.crf is None else float(encode.crf)
    return replace(encode, crf=crf, threads=int(encode.threads))


def _digest(path: Path) -> str:
    try:
        return filehashes.sha256(path)
    except OSError as error:
        raise AudioError(f"cannot read '{path}': {error.strerror}", "check the path and its permissions") from error


def _check_outputs(task: Task, out_root: Path) -> None:
    final = task.outputs.final
    with contextlib.suppress(OSError):
        if final.exists() and final.samefile(task.audio):
            raise InputError(f"the output {final} is the track itself", "choose another output path")
    if not final.resolve().is_relative_to(_resolved(out_root.absolute())):
        hint = "a link in the output folder points elsewhere: remove it or choose another --out-root"
        raise InputError(f"the output {show(str(final))} leaves the output root {out_root}", hint)


@lru_cache(maxsize=16)
def _resolved(path: Path) -> Path:
    return path.resolve()


def _difference(recorded: Mapping[str, Any], task: Task) -> str:
    """The dotted names of what differs from a recorded task, a few of them."""
    try:
        old = dict(flatten(Task.from_dict(recorded).recipe()))
    except (KeyError, TypeError, ValueError):
        return "the format of the manifest"
    new = dict(flatten(task.recipe()))
    names = [key for key in {**old, **new} if key not in old or key not in new or old[key] != new[key]]
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
