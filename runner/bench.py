"""`trackreel bench`: exports beside ffmpeg alone, profile after profile; the JSON is written after each one.

Each profile: draw the frames once into a file, warm up, then alternate export and floor (A B A B), so that a change of
the machine's mood meets both. Wall, CPU and memory of the export are its whole cost in a process that runs already;
`cold` is what a single `trackreel export` takes, Python and Taichi included.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine import audio, ffmpeg
from engine.errors import OutputError, WorkerError
from engine.sinks.command import command
from engine.sinks.output import make_folder
from runner import cachelimit, execute, floor, plan, synth, versions
from runner.benchoptions import PROFILES, Options, options
from runner.benchrecord import export_figures, hardware, spread, summary
from runner.manifest import write_atomic
from runner.session import Session
from runner.task import Task

__all__ = ["PROFILES", "Options", "options", "run", "spread", "summary"]

MEMORY_SHARE = 0.5
"""The share of free memory that raw frames may take: outside the page cache, the floor would measure the disk."""


def run(options: Options) -> Iterator[str]:
    """Measure; a line for a person after each profile. Raises RenderError, OSError."""
    with tempfile.TemporaryDirectory(prefix="trackreel-bench-") as name:
        folder = Path(name)
        track = options.audio or _synthesise(folder, options.seconds)
        result: dict[str, Any] = {
            "version": 1,
            "created": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "settings": {
                "preset": options.preset,
                "runs": options.runs,
                "seconds": options.seconds,
                "audio": options.audio.name if options.audio else "synthesised",
            },
            "hardware": hardware(),
            "versions": versions.collect(ffmpeg.find()),
            "profiles": [],
        }
        with Session(lambda _event: None, cached=False) as session:
            for title, size in options.profiles.items():
                task = _task(options, track, size, folder)
                result["profiles"].append(_profile(title, task, options, session, folder))
                _save(options.out, result)
                yield summary(result["profiles"][-1])
    yield str(options.out)


def _profile(name: str, task: Task, options: Options, session: Session, folder: Path) -> dict[str, Any]:
    raw = folder / "frames.raw"
    task = _fit(task, folder)
    arguments = _command(task, folder)
    # Its kernels are on disk when the session has ended: `cold` reads them back.
    with Session(lambda _event: None, cached=False) as first:
        execute.draw(first, task, "dump", out=str(raw))
    with raw.open("rb") as written:
        os.fsync(written.fileno())  # gigabytes still on their way to the disk would slow the first runs
    cold = _cold(task, options)
    session.forget_timeline()
    execute.render(session, task)
    floor.encode(arguments, raw)
    exports, floors = [], []
    for _ in range(options.runs):
        session.forget_timeline()
        exports.append(execute.render(session, task))
        exports[-1]["stages"]["decode"] = {"seconds": _decode(task.audio)}
        floors.append(floor.encode(arguments, raw))
    bench_all = floor.benchmark_all(arguments, raw)
    raw.unlink()
    lone = spread([one.wall for one in floors])
    ratios = spread([one["seconds"] / other.wall for one, other in zip(exports, floors, strict=True)])
    return {
        "name": name,
        "width": task.canvas.width,
        "height": task.canvas.height,
        "fps": str(task.canvas.fps),
        "frames": task.frame_count,
        "command": shlex.join(arguments),
        "cold": {"wall": round(cold, 4), "ratio_to_floor": round(cold / lone["median"], 4)},
        "export": export_figures(exports, float(task.duration)),
        "floor": {
            "wall": lone,
            "cpu": spread([one.cpu for one in floors]),
            "peak_memory": max(one.peak_memory for one in floors),
        },
        "ratio_to_floor": ratios["median"],
        "ratios": ratios,
        "benchmark_all": bench_all,
    }


def _fit(task: Task, folder: Path) -> Task:
    """The task, cut so that its raw frames fit on the disk and in the page cache."""
    frame = task.canvas.width * task.canvas.height * 4
    room = min(shutil.disk_usage(folder).free * 0.8, _free_memory() * MEMORY_SHARE)
    count = min(task.frame_count, int(room / frame))
    if count < 1:
        raise OutputError(f"no room for one raw frame of {frame} bytes in {folder}", "free some disk space or memory")
    return replace(task, frame_count=count)


def _cold(task: Task, options: Options) -> float:
    """Seconds of the same export as a process of its own, from start to exit."""
    canvas = task.canvas
    arguments = [
        sys.executable,
        "-m",
        "runner",
        "-q",
        "export",
        "--audio",
        str(task.audio),
        "--out",
        str(task.outputs.final),
    ]
    arguments += ["--preset", options.preset, "--width", str(canvas.width), "--height", str(canvas.height)]
    arguments += ["--fps", str(canvas.fps), "--duration", str(float(task.duration)), "--overwrite"]
    # Without the cache of timelines: a single export of a new track analyses it.
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1]), cachelimit.VARIABLE: "0"}
    begin = time.perf_counter()
    done = subprocess.run(arguments, env=environment, capture_output=True, check=False)
    if done.returncode:
        raise WorkerError("an export in a process of its own failed", done.stderr.decode(errors="replace").strip())
    return time.perf_counter() - begin


def _decode(track: Path) -> float:
    """Seconds to decode the track alone; the analysis decodes while it works, so that its own figure includes this."""
    begin = time.perf_counter()
    for _ in audio.blocks(track):
        pass
    return time.perf_counter() - begin


def _command(task: Task, folder: Path) -> list[str]:
    """The export's ffmpeg command, with another output."""
    binary = ffmpeg.find()
    out = folder / f"floor{task.outputs.final.suffix}"
    return command(binary, task.encode, task.canvas, task.audio, task.first_frame, task.frame_count, out)


def _task(options: Options, track: Path, size: tuple[int, int, str], folder: Path) -> Task:
    """The export to measure."""
    width, height, fps = size
    return plan.single(
        {
            **options.task,
            "audio": str(track),
            "preset": options.preset,
            "width": str(width),
            "height": str(height),
            "fps": fps,
            "duration": str(options.seconds),
            "out": str(folder / "export.mp4"),
            "overwrite": True,
        }
    )


def _synthesise(folder: Path, seconds: float) -> Path:
    path = folder / "synthesised.wav"
    synth.write(path, seconds)
    return path


def _free_memory() -> int:
    """Bytes that files may take in the page cache without pushing programs out."""
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2


def _save(path: Path, result: Mapping[str, Any]) -> None:
    make_folder(path)
    write_atomic(path, json.dumps(result, indent=2) + "\n")
