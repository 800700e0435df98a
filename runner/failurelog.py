"""The log of a task that failed: every attempt with its error, and what only an expert wants to read."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from engine.errors import RenderError


def describe(attempt: int, error: RenderError) -> str:
    """An attempt's error with its notes: what ffmpeg and the render process printed, an internal traceback."""
    lines = [f"attempt {attempt}: {type(error).__name__}: {error.message}", f"hint: {error.hint}"]
    return "\n".join([*lines, *getattr(error, "__notes__", [])])


def write(folder: Path, task: str, story: Sequence[str]) -> Path | None:
    """Write the log of a task to `folder` (made if missing): its path, or None where it cannot be written."""
    name = os.fsdecode(os.fsencode(task.replace("/", "__"))[:200])
    path = folder / f"{name}.log"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text("\n\n".join(story) + "\n", encoding="utf-8", errors="replace")
    except OSError:
        return None
    return path
