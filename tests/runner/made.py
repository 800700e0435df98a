"""Tasks as if they had been run."""

from __future__ import annotations

from typing import Any

from engine import ffmpeg
from runner import manifest, plan, versions
from runner.task import Task


def make(task: Task, **changes: Any) -> None:
    """Write the output and the manifest that a run would; `changes` are other parts of the manifest."""
    assert task.outputs.manifest is not None
    task.outputs.final.parent.mkdir(parents=True, exist_ok=True)
    task.outputs.final.write_bytes(b"video")
    parts: dict[str, Any] = {
        "audio": {"decoder": "soundfile"},
        "versions": versions.collect(ffmpeg.find()),
        "measured": {"seconds": 2.0},
    }
    record = manifest.build(
        task, frames=task.frame_count, output_sha256=manifest.sha256(task.outputs.final), output_bytes=5000,
        command=plan.ffmpeg_command(task), stages={}, **(parts | changes),
    )  # fmt: skip
    manifest.write(task.outputs.manifest, record)
