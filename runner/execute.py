"""A task -> its output, with progress on the way.

The parent analyses and keeps the books; it never imports Taichi. The render process draws and encodes. Analysis runs
while that process starts, and its result is kept for the next task on the same track.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine import ffmpeg
from engine.errors import OutputError, StorageError
from engine.sinks.ffmpeg import require_encoders
from engine.sinks.output import check_output, make_folder, output_error
from runner import decoded, leftovers, manifest, usage, versions
from runner.plan import ffmpeg_command
from runner.session import Event, Session
from runner.task import RECORDING, Task


def make(session: Session, task: Task) -> dict[str, Any]:
    """Make a task's output and everything beside it, the manifest last; the figures measured on the way.

    Raises RenderError: InputError where the output exists without `overwrite`.
    """
    for path in task.outputs.wanted():
        check_output(path, task.overwrite or leftovers.claimed(task))
    try:
        figures = render(session, task)
        if task.action == "decode":
            decoded.write(task)
        if task.outputs.manifest is not None:
            _write_manifest(task, task.outputs.manifest, figures)
    except OSError as error:
        raise disk_error(error) from error
    finally:
        leftovers.release(task)
    return figures


def render(session: Session, task: Task) -> dict[str, Any]:
    """Make one task's video; the figures measured on the way. Raises RenderError."""
    begin = time.perf_counter()
    cpu = usage.cpu_seconds()
    try:
        worker = session.worker(task.backend, task.threads)
        warm = worker if worker.startup else None
        # Found out here, while the render process starts: a long analysis for an ffmpeg that cannot is a waste.
        if task.action not in RECORDING:
            require_encoders(ffmpeg.find(), task.encode)
        folder, analysed = session.timeline(task)
        done = _ask(session, task, "render", folder)
        worker = session.worker(task.backend, task.threads)  # another one where the first died before it was asked
    except OSError as error:
        raise disk_error(error) from error
    return {
        "seconds": time.perf_counter() - begin,
        "cpu_seconds": usage.cpu_seconds() - cpu + done["cpu_seconds"],
        "startup_seconds": 0.0 if worker is warm else worker.startup.get("seconds", 0.0),
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
        return StorageError("the disk is full", "free some space; TMPDIR chooses another folder for temporary files")
    kind = type(output_error(Path(error.filename or "."), error))
    return kind(f"{error.filename or 'a file'}: {error.strerror or error}", "check the folder's permissions")
