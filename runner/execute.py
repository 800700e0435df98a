"""Tasks -> results, one after the other, with events on the way.

The parent analyses and keeps the books; it never imports Taichi. The render process draws and encodes. Analysis runs
while that process starts, and its result is kept for the next task on the same track.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine import ffmpeg
from engine.errors import InterruptedRenderError, OutputError, RenderError
from engine.sinks.ffmpeg import require_encoders
from engine.sinks.output import check_output, make_folder
from runner import interrupt, manifest, usage, versions
from runner.plan import ffmpeg_command
from runner.session import Event, Session
from runner.task import Task


def make(session: Session, task: Task) -> dict[str, Any]:
    """Make a task's output and everything beside it, the manifest last; the figures measured on the way.

    Raises RenderError: InputError where the output exists without `overwrite`.
    """
    for path in task.outputs.wanted():
        check_output(path, task.overwrite)
    figures = render(session, task)
    try:
        if task.outputs.manifest is not None:
            _write_manifest(task, task.outputs.manifest, figures)
    except OSError as error:
        raise disk_error(error) from error
    return figures


def render(session: Session, task: Task) -> dict[str, Any]:
    """Make one task's video; the figures measured on the way. Raises RenderError."""
    begin = time.perf_counter()
    cpu = usage.cpu_seconds()
    try:
        worker = session.worker(task.backend, task.threads)
        # Found out here, while the render process starts: a long analysis for an ffmpeg that cannot is a waste.
        require_encoders(ffmpeg.find(), task.encode)
        folder, analysed = session.timeline(task)
        done = _ask(session, task, "render", folder)
    except OSError as error:
        raise disk_error(error) from error
    return {
        "seconds": time.perf_counter() - begin,
        "cpu_seconds": usage.cpu_seconds() - cpu + done["cpu_seconds"],
        "startup_seconds": worker.startup["seconds"],
        "frames": done["frames"],
        "bytes": done["bytes"],
        "stages": {"analyse": analysed, **done["stages"]},
        "peak_memory": {"runner": usage.peak_memory(), "renderer": done["peak_memory"]},
    }


def draw(session: Session, task: Task, kind: str, **values: Any) -> Event:
    """Another request about a task: `still` (frame, out) writes one PNG, `dump` (out) every raw frame.

    Raises RenderError.
    """
    try:
        session.worker(task.backend, task.threads)
        folder, _ = session.timeline(task)
        return _ask(session, task, kind, folder, **values)
    except OSError as error:
        raise disk_error(error) from error


def _ask(session: Session, task: Task, kind: str, folder: Path, **values: Any) -> Event:
    """Send a request to the render process and pass its progress on; its last event."""
    request = {"command": kind, "task": task.to_dict(), "timeline": str(folder), **values}
    done: Event = {}
    for event in session.worker(task.backend, task.threads).request(request):
        if event["event"] == "progress":
            session.report({**event, "task": task.id, "stage": "render", "fps": float(task.canvas.fps)})
        done = event
    return done


def _write_manifest(task: Task, path: Path, figures: Mapping[str, Any]) -> None:
    from engine import audio

    info = audio.probe(task.audio)
    record = manifest.build(
        task,
        audio={
            "sample_rate": info.sample_rate,
            "channels": info.channels,
            "samples": info.samples,
            "codec": info.codec,
            "container": info.container,
            "decoder": info.decoder,
        },
        frames=figures["frames"],
        output_sha256=manifest.sha256(task.outputs.final),
        output_bytes=figures["bytes"],
        command=ffmpeg_command(task),
        versions=versions.collect(ffmpeg.find()),
        stages=figures["stages"],
        measured={name: figures[name] for name in ("seconds", "cpu_seconds", "startup_seconds", "peak_memory")},
    )
    make_folder(path)
    manifest.write(path, record)


def disk_error(error: OSError) -> OutputError:
    """A system error around files, in words for users."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return OutputError("the disk is full", "free some space; TMPDIR chooses another folder for temporary files")
    return OutputError(f"{error.filename or 'a file'}: {error.strerror or error}", "check the folder's permissions")


@dataclass
class Tally:
    """How a run went: counts, and the failures as (task id, error)."""

    done: int = 0
    skipped: int = 0
    failed: int = 0
    interrupted: bool = False
    failures: list[tuple[str, RenderError]] = field(default_factory=list)

    @property
    def exit_status(self) -> int:
        """130 interrupted, 0 all well, otherwise the failures' own status where they agree, else 1."""
        if self.interrupted:
            return 130
        statuses = {error.exit_status for _, error in self.failures}
        return statuses.pop() if len(statuses) == 1 else int(bool(statuses))


def run(
    planned: Iterable[tuple[Task, str | None]], session: Session, stop: interrupt.Stop, *, fail_fast: bool = False
) -> Tally:
    """Make every planned task, in order: (task, reason), or (task, None) for one that is up to date.

    A failed task does not stop the others unless `fail_fast`. KeyboardInterrupt kills the running task and ends it all.
    """
    tally = Tally()
    for task, reason in planned:
        if stop.requested:
            tally.interrupted = True
            break
        if reason is None:
            tally.skipped += 1
            session.report({"event": "task_skipped", "task": task.id, "reason": "up to date"})
            continue
        try:
            _run_one(session, task, reason, tally)
        except KeyboardInterrupt:
            session.stop()
            tally.interrupted = True
            _report_failure(session, task, InterruptedRenderError("interrupted", "run again to make it"))
            break
        if fail_fast and tally.failed:
            break
    return tally


def _run_one(session: Session, task: Task, reason: str, tally: Tally) -> None:
    common = {"task": task.id, "frames": task.frame_count, "fps": float(task.canvas.fps)}
    session.report({"event": "task_started", **common, "reason": reason, "output": str(task.outputs.final)})
    try:
        figures = make(session, task)
    except RenderError as error:
        tally.failed += 1
        tally.failures.append((task.id, error))
        _report_failure(session, task, error)
        return
    tally.done += 1
    session.report(
        {
            "event": "task_done",
            **common,
            "output": str(task.outputs.final),
            "seconds": figures["seconds"],
            "stages": figures["stages"],
            "peak_memory": figures["peak_memory"],
        }
    )


def _report_failure(session: Session, task: Task, error: RenderError) -> None:
    session.report(
        {
            "event": "task_failed",
            "task": task.id,
            "error": type(error).__name__,
            "message": error.message,
            "hint": error.hint,
            "exit_status": error.exit_status,
        }
    )
