"""`trackreel bench`: exports beside ffmpeg alone, profile after profile; the JSON is written after each one.

Each profile: draw the frames once into a file, warm up, then alternate export and floor (A B A B), so that a change of the
machine's mood meets both. Wall, CPU and memory of the export are its whole cost in a process that runs already;
`cold` is what a single `trackreel export` takes, Python and Taichi included.
"""

from __future__ import annotations

import datetime
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from engine import audio, ffmpeg
from engine.errors import InputError, OutputError, WorkerError
from engine.sinks.ffmpeg import command
from runner import execute, floor, plan, versions
from runner.manifest import write_atomic
from runner.task import Task
from runner.usage import percentile

PROFILES: Mapping[str, tuple[int, int, str]] = {
    "720p30": (1280, 720, "30"),
    "900p60": (1600, 900, "60"),
    "1080p60": (1920, 1080, "60"),
}

MEMORY_SHARE = 0.5
"""The raw frames must stay in the page cache, or the floor would measure the disk: the share of free memory they may take."""


@dataclass(frozen=True, slots=True)
class Options:
    """What to measure. `profiles`: name -> width, height, fps."""

    profiles: Mapping[str, tuple[int, int, str]]
    preset: str
    runs: int = 5
    seconds: float = 8.0
    audio: Path | None = None
    out: Path = Path("out/bench/bench.json")


def run(options: Options) -> Iterator[str]:
    """Measure; a line for a person after each profile. Raises RenderError, OSError."""
    with tempfile.TemporaryDirectory(prefix="trackreel-bench-") as name:
        folder = Path(name)
        track = options.audio or _synthesise(folder, options.seconds)
        result: dict[str, Any] = {
            "version": 1,
            "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "settings": {
                "preset": options.preset,
                "runs": options.runs,
                "seconds": options.seconds,
                "audio": options.audio.name if options.audio else "synthesised",
            },
            "hardware": _hardware(),
            "versions": versions.collect(ffmpeg.find()),
            "profiles": [],
        }
        with execute.Session(lambda _event: None) as session:
            for name, size in options.profiles.items():
                result["profiles"].append(_profile(name, _task(options, track, size, folder), options, session, folder))
                _save(options.out, result)
                yield summary(result["profiles"][-1])
    yield str(options.out)


def _profile(name: str, task: Task, options: Options, session: execute.Session, folder: Path) -> dict[str, Any]:
    raw = folder / "frames.raw"
    task = _fit(task, folder)
    arguments = _command(task, folder)
    execute.dump(session, task, raw)
    cold = _cold(task, options)
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
        "export": _exports(exports, float(task.duration)),
        "floor": {
            "wall": lone,
            "cpu": spread([one.cpu for one in floors]),
            "peak_memory": max(one.peak_memory for one in floors),
        },
        "ratio_to_floor": ratios["median"],
        "ratios": ratios,
        "benchmark_all": bench_all,
    }


def _exports(runs: Sequence[Mapping[str, Any]], duration: float) -> dict[str, Any]:
    """The figures of the measured exports."""
    stages: dict[str, Any] = {}
    for name in ("decode", "analyse", "render", "pipe_write", "encode_wait"):
        stage = stages[name] = {"seconds": spread([one["stages"][name]["seconds"] for one in runs])}
        for figure in ("median_ms", "p95_ms"):
            values = [one["stages"][name][figure] for one in runs if figure in one["stages"][name]]
            if values:
                stage[figure] = round(percentile(values, 0.5), 4)
    memory = {name: max(one["peak_memory"][name] for one in runs) for name in ("runner", "renderer")}
    return {
        "wall": spread([one["seconds"] for one in runs]),
        "cpu": spread([one["cpu_seconds"] for one in runs]),
        "realtime": spread([duration / one["seconds"] for one in runs]),
        "peak_memory": {**memory, "together": sum(memory.values())},
        "stages": stages,
    }


def spread(values: Sequence[float]) -> dict[str, Any]:
    """Median and 95th percentile of the runs, and the runs themselves."""
    return {
        "median": round(percentile(values, 0.5), 4),
        "p95": round(percentile(values, 0.95), 4),
        "values": [round(one, 4) for one in values],
    }


def summary(profile: Mapping[str, Any]) -> str:
    """A profile in a line."""
    export, lone = profile["export"], profile["floor"]
    memory = export["peak_memory"]["together"] / 2**20
    return (
        f"{profile['name']}: {profile['frames']} frames in {export['wall']['median']:.2f} s "
        f"({export['realtime']['median']:.2f}x realtime), ffmpeg alone {lone['wall']['median']:.2f} s, "
        f"ratio {profile['ratio_to_floor']:.2f} (cold {profile['cold']['ratio_to_floor']:.2f}), "
        f"render {export['stages']['render']['median_ms']:.1f} ms a frame, {memory:.0f} MiB"
    )


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
    arguments = [sys.executable, "-m", "runner", "-q", "export", "--audio", str(task.audio), "--out", str(task.outputs.final)]
    arguments += ["--preset", options.preset, "--width", str(canvas.width), "--height", str(canvas.height)]
    arguments += ["--fps", str(canvas.fps), "--duration", str(float(task.duration)), "--overwrite"]
    root = str(Path(__file__).resolve().parents[1])
    begin = time.perf_counter()
    done = subprocess.run(arguments, env={**os.environ, "PYTHONPATH": root}, capture_output=True, check=False)
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
    binary = ffmpeg.find(task.encode.ffmpeg)
    out = folder / f"floor{task.outputs.final.suffix}"
    return command(binary, task.encode, task.canvas, task.audio, task.first_frame, task.frame_count, out)
