"""What became of the tasks that were handed to a cluster: a small file for each, on the shared disk.

Dask runs the task of a lost worker again by itself, and does not say who died of what.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from pathlib import Path
from typing import Any


class Trace:
    """What happened to a task that was handed out, in a file beside the workers' events; it is gone with its result."""

    def __init__(self, events: Path, task: str) -> None:
        self._path = folder(events) / f"{hashlib.sha256(task.encode()).hexdigest()[:32]}.jsonl"

    def read(self) -> tuple[int, dict[str, Any] | None]:
        """How often it was begun and not ended, and its result. Never raises."""
        return _read(self._path)

    def note(self, kind: str, value: Any = None) -> None:
        """Add `begun`, `left` (by a worker that is well) or `result`. Never raises: a full disk costs a note."""
        with contextlib.suppress(OSError), self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({kind: value}) + "\n")

    def remove(self) -> None:
        """Nobody asks any more. Never raises."""
        with contextlib.suppress(OSError):
            self._path.unlink()


def folder(events: Path) -> Path:
    """Where traces are."""
    return events / "traces"


def running(events: Path) -> int:
    """The number of tasks that a worker has begun and not ended."""
    found = [_read(path) for path in folder(events).glob("*.jsonl")]
    return sum(begun > 0 and result is None for begun, result in found)


def _read(path: Path) -> tuple[int, dict[str, Any] | None]:
    begun, result = 0, None
    with contextlib.suppress(OSError):
        for line in path.read_text(encoding="utf-8").splitlines():
            with contextlib.suppress(ValueError):
                note = json.loads(line)
                begun += ("begun" in note) - ("left" in note)
                result = note.get("result", result)
    return begun, result
