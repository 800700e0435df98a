"""What a run came to: counts, failures and sums, gathered from its events alone.

So a live run and the report of one that was killed come to the same figures.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

VERSION = 1

Event = Mapping[str, Any]


class Summary:
    """Feed it every event in order; `to_dict` is summary.json. Memory grows with failures and workers alone.

    ended: whether the run told its end; one that was killed, or is still under way, did not.
    """

    def __init__(self) -> None:
        self._reset()

    def _reset(self) -> None:
        self._counts: Counter[str] = Counter()
        self._failures: dict[str, dict[str, Any]] = {}
        self._stages: defaultdict[str, float] = defaultdict(float)
        self._workers: dict[str, dict[str, float]] = {}
        self._attempts: dict[str, int] = {}
        self._run: dict[str, Any] = {}
        self._error: dict[str, Any] = {}
        self._started = self._finished = ""
        self._made = 0.0
        self._exit_status = 0
        self._interrupted = False
        self.ended = False

    def update(self, event: Event) -> None:
        """Take an event. What lacks is taken as nothing: events may come from an older or a newer version."""
        name = event["event"]
        if name == "progress":
            return
        if name == "run_started":  # --run-dir may have been given twice: the last run counts
            self._reset()
        self._started = self._started or str(event.get("time", ""))
        self._finished = str(event.get("time", self._finished))
        take = getattr(self, f"_{name}", None)
        if take is not None:
            take(event)

    def to_dict(self) -> dict[str, Any]:
        """The figures so far."""
        wall = _seconds(self._started, self._finished)
        return {
            "version": VERSION,
            "started": self._started,
            "finished": self._finished,
            **self._run,
            **{name: self._counts[name] for name in ("done", "skipped", "failed", "retries")},
            "interrupted": self._interrupted,
            "exit_status": self._exit_status,
            **self._error,
            "wall_seconds": round(wall, 3),
            "video_seconds": round(self._made, 3),
            "realtime_factor": round(self._made / wall, 3) if wall > 0 else 0.0,
            "stages": {name: round(seconds, 3) for name, seconds in sorted(self._stages.items())},
            "per_worker": [
                {"worker": worker, **{key: round(value, 3) for key, value in sums.items()}}
                for worker, sums in sorted(self._workers.items(), key=lambda item: _natural(item[0]))
            ],
            "failures": list(self._failures.values()),
        }

    def _run_started(self, event: Event) -> None:
        kept = ("command", "jobs", "run_dir", "workers", "tasks")
        self._run = {name: event[name] for name in kept if name in event}

    def _task_started(self, event: Event) -> None:
        self._attempts[event["task"]] = int(event.get("attempt", 1))

    def _task_retry(self, event: Event) -> None:
        self._counts["retries"] += 1
        self._attempts[event["task"]] = int(event.get("attempt", 1))

    def _task_skipped(self, _: Event) -> None:
        self._counts["skipped"] += 1

    def _task_done(self, event: Event) -> None:
        self._counts["done"] += 1
        self._attempts.pop(event["task"], None)
        length = event["frames"] / event["fps"] if "frames" in event and "fps" in event else 0.0
        self._made += length
        sums = self._sums(event)
        sums["done"] += 1
        sums["seconds"] += event.get("seconds", 0.0)
        sums["video_seconds"] += length
        for stage, figures in event.get("stages", {}).items():
            self._stages[stage] += figures.get("seconds", 0.0) if isinstance(figures, dict) else 0.0

    def _task_failed(self, event: Event) -> None:
        # What was merely interrupted is no failure of its own: the next run makes it.
        attempts = self._attempts.pop(event["task"], 1)
        if event.get("exit_status") == 130:
            return
        self._counts["failed"] += 1
        if "worker" in event:
            self._sums(event)["failed"] += 1
        kept = ("task", "error", "message", "hint", "exit_status", "log", "worker")
        self._failures[event["task"]] = {**{name: event[name] for name in kept if name in event}, "attempts": attempts}

    def _stopping(self, _: Event) -> None:
        self._interrupted = True

    def _run_finished(self, event: Event) -> None:
        self.ended = True
        self._exit_status = event["exit_status"]
        if "message" in event:
            self._error = {"error": {"message": event["message"], "hint": event.get("hint", "")}}
        self._interrupted = self._exit_status == 130

    def _sums(self, event: Event) -> dict[str, float]:
        empty = {"done": 0, "failed": 0, "seconds": 0.0, "video_seconds": 0.0}
        return self._workers.setdefault(str(event.get("worker", "1")), empty)


def _seconds(began: str, ended: str) -> float:
    try:
        return max(0.0, (dt.datetime.fromisoformat(ended) - dt.datetime.fromisoformat(began)).total_seconds())
    except ValueError:
        return 0.0


def _natural(name: str) -> tuple[int, str]:
    """Numbers before hosts, and 2 before 10."""
    return (int(name), "") if name.isdecimal() else (1 << 62, name)
