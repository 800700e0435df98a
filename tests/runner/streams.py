"""Streams of events as runs make them, for what shows and records them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Event = dict[str, Any]

STAGES = {
    "analyse": {"seconds": 0.5},
    "render": {"seconds": 1.0, "median": 0.02, "p95": 0.03},
    "encode": {"seconds": 2},
}


def begun(tasks: int, workers: int = 1, seconds: float = 2.0) -> Event:
    """seconds: of each task's video."""
    return {
        "event": "run_started",
        "jobs": ["jobs/a.yaml"],
        "run_dir": "out/.runs/x",
        "tasks": tasks,
        "workers": workers,
        "video_seconds": tasks * seconds,
    }


def started(task: str, worker: str = "1", **more: Any) -> Event:
    common = {"frames": 60, "fps": 30.0, "reason": "new", "output": f"out/{task}.mp4"}
    return {"event": "task_started", "task": task, "worker": worker, **common, **more}


def drawn(task: str, frames: int, worker: str = "1") -> Event:
    figures = {"stage": "render", "done": frames, "total": 60, "fps": 30.0}
    return {"event": "progress", "task": task, "worker": worker, **figures}


def analysed(task: str, share: float) -> Event:
    return {"event": "progress", "task": task, "stage": "analyse", "done": share, "total": 1}


def done(task: str, worker: str = "1", seconds: float = 4.0, **more: Any) -> Event:
    common = {"frames": 60, "fps": 30.0, "seconds": seconds, "stages": STAGES, "output": f"out/{task}.mp4"}
    return {"event": "task_done", "task": task, "worker": worker, **common, **more}


def failed(task: str, message: str = "ffmpeg was killed", **more: Any) -> Event:
    common = {"error": "EncodeError", "message": message, "hint": "run again", "exit_status": 1}
    return {"event": "task_failed", "task": task, **common, **more}


def skipped(task: str) -> Event:
    return {"event": "task_skipped", "task": task, "reason": "up to date"}


def retried(task: str, attempt: int = 2) -> Event:
    return {"event": "task_retry", "task": task, "attempt": attempt, "wait": 1.0, "message": "ffmpeg was killed"}


def ended(tasks: int = 0, skips: int = 0, failures: int = 0) -> Event:
    status = int(bool(failures))
    return {"event": "run_finished", "done": tasks, "skipped": skips, "failed": failures, "exit_status": status}


def overnight(tasks: int, workers: int) -> Iterator[Event]:
    """A run of many tasks: one in nine is up to date, one in seven fails."""
    yield begun(tasks, workers)
    counts = {"done": 0, "skipped": 0, "failed": 0}
    for number in range(tasks):
        name, worker = f"batch/aurora-song{number:04}-720p", str(number % workers + 1)
        if number % 9 == 0:
            counts["skipped"] += 1
            yield skipped(name)
            continue
        yield started(name, worker)
        yield drawn(name, 1, worker)
        yield drawn(name, 40, worker)
        if number % 7 == 0:
            counts["failed"] += 1
            yield failed(name, worker=worker)
        else:
            counts["done"] += 1
            yield done(name, worker)
    yield ended(counts["done"], counts["skipped"], counts["failed"])
