"""One task from command-line options: export, export-plan, still, and the gallery of presets."""

from __future__ import annotations

import json
import shlex
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from engine.errors import InputError, RenderError
from engine.sinks.output import check_output, make_folder
from runner import execute, job, jobvalues, options, plan, preset, progress
from runner.manifest import write_atomic
from runner.session import Session
from runner.task import Task

PLAN_VERSION = 1


Options = Mapping[str, Any]


def resolve(given: Options) -> tuple[Task, Mapping[str, Any] | None]:
    """The task that the options mean, and the packed timeline where they name a plan. Raises InputError."""
    if given.get("plan") is None:
        _require(given, "audio", "out")
        return plan.single(given), None
    stored = _read_plan(given["plan"])
    chosen = {name: value for name, value in given.items() if value not in (None, (), False)}
    merged = {**stored["options"], **chosen}
    _require(merged, "audio", "out")
    task = plan.single(merged)
    if task.audio_sha256 != stored["audio_sha256"]:
        raise InputError(f"{task.audio} is not the track of this plan", "make a new plan with export-plan")
    if str(task.canvas.fps) != stored["timeline"]["fps"]:
        raise InputError("--fps cannot change what a plan has analysed", "make a new plan with export-plan --fps")
    return task, stored["timeline"]


def run(task: Task, packed: Mapping[str, Any] | None, session: Session) -> Path:
    """Render the task; its output. Raises RenderError; KeyboardInterrupt passes through, with everything cleaned up."""
    if packed is not None:
        session.use_timeline(packed, task.audio, task.canvas.fps)
    common = {"task": task.id, "frames": task.frame_count, "fps": float(task.canvas.fps)}
    output = str(task.outputs.final)
    session.report({"event": "task_started", **common, "reason": "export", "output": output})
    try:
        figures = execute.make(session, task)
    except RenderError as error:
        said = {"message": error.message, "hint": error.hint, "exit_status": error.exit_status}
        session.report({"event": "task_failed", "task": task.id, "error": type(error).__name__, **said})
        raise
    kept = {name: figures[name] for name in ("seconds", "stages", "peak_memory")}
    session.report({"event": "task_done", **common, "output": output, **kept})
    return task.outputs.final


def write_job(given: Options) -> Path:
    """Save the options as a job file that `run` renders the same way. Raises InputError, OutputError."""
    _require(given, "audio")
    path: Path = given["write_job"]
    check_output(path, bool(given.get("overwrite")))
    plan.single({**given, "out": given.get("out") or "out.mp4"})
    data, _ = options.job_mapping(given, path.parent)
    make_folder(path)
    write_atomic(path, job.to_yaml(data))
    return path


def write_plan(given: Options) -> Path:
    """Analyse, and save the resolved task with its timeline. Raises InputError, AudioError, OutputError."""
    from engine import timeline

    _require(given, "audio")
    path: Path = given["plan"]
    check_output(path, overwrite=True)
    task = plan.single({**given, "out": given.get("out") or "out.mp4"})
    kept = {name: value for name, value in given.items() if value not in (None, (), False) and name != "plan"}
    with Session(progress.Silent()) as session:
        packed = timeline.pack(timeline.load(session.timeline(task)[0]))
    record = {
        "version": PLAN_VERSION,
        "options": {**kept, "audio": str(task.audio)},
        "audio_sha256": task.audio_sha256,
        "task": task.to_dict(),
        "timeline": packed,
    }
    make_folder(path)
    write_atomic(path, json.dumps(record) + "\n")
    return path


def still(given: Options) -> Path:
    """Draw one frame as PNG. Raises InputError, OutputError, MissingError."""
    _require(given, "audio")
    out: Path = given["out"]
    check_output(out, bool(given.get("overwrite")))
    task = plan.single({**given, "out": "still.mp4", "overwrite": True})
    with Session(progress.Silent()) as session:
        execute.draw(session, task, "still", frame=frame_at(task, given["at"]), out=str(out))
    return out


def gallery(folder: Path, track: str | None, at: str) -> Iterator[Path]:
    """Draw each preset into `folder`, one after the other. Raises as `still`."""
    with tempfile.TemporaryDirectory(prefix="trackreel-") as name, Session(progress.Silent()) as session:
        if track is None:
            from runner import synth

            track = str(Path(name) / "synthesised.wav")
            synth.write(Path(track), 20.0)
        for one in preset.names():
            task = plan.single({"audio": track, "preset": one, "out": "still.mp4", "fps": "30", "overwrite": True})
            out = folder / f"{one}.png"
            execute.draw(session, task, "still", frame=frame_at(task, at), out=str(out))
            yield out


def frame_at(task: Task, text: str) -> int:
    """The frame on which the time `text` falls. Raises InputError."""
    try:
        time = jobvalues.seconds(text)
    except ValueError as error:
        raise InputError(f"--at: {error.args[0]}", *error.args[1:2]) from error
    index = int(time * task.canvas.fps)
    if index >= task.frame_count:
        end = jobvalues.clock(task.duration)
        raise InputError(f"--at {text} is not before the track's end at {end}", "choose an earlier time")
    return index


def command_line(task: Task) -> str:
    """The very ffmpeg command of the task, for a shell."""
    for path in task.outputs.wanted():
        check_output(path, task.overwrite)
    return shlex.join(plan.ffmpeg_command(task))


def _read_plan(path: Path) -> dict[str, Any]:
    try:
        stored = json.loads(path.read_bytes())
        if stored["version"] == PLAN_VERSION and {"options", "audio_sha256", "timeline"} <= set(stored):
            return dict(stored)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}", "make a plan with export-plan") from error
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    raise InputError(f"{path} is not a plan of this version", "make a plan with export-plan")


def _require(given: Options, *names: str) -> None:
    missing = [f"--{name}" for name in names if given.get(name) is None]
    if missing:
        raise InputError(f"missing option {' and '.join(missing)}", "see `trackreel export --help`")
