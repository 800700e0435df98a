"""What was made, from what, with what, how long each stage took; and files that are never half-written."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import jsonschema

import schemas
from engine import filelock
from engine.scene import QUALITY
from engine.sinks.output import output_error, sync_folder
from runner.task import Task

VERSION = 1


def write_atomic(path: Path, content: bytes | str) -> None:
    """Write a file so that `path` holds the old content or the new one, whatever happens.

    Written aside, synced, renamed. Text becomes UTF-8. The folder must exist. Raises OutputError.
    """
    raw = content if isinstance(content, bytes) else content.encode("utf-8")
    # Not tempfile: its 0600 would keep others from reading outputs. Short: `path` may have the longest name there is.
    aside = path.with_name(f".{secrets.token_hex(6)}.part")
    try:
        with aside.open("xb") as stream:
            filelock.take(stream.fileno())  # so that nobody takes it for the leftover of a killed run
            stream.write(raw)
            stream.flush()
            os.fsync(stream.fileno())
        aside.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise output_error(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)


def sha256(path: Path) -> str:
    """sha256 (hex) of a file, streamed. Raises OSError."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def summarise(seconds: Sequence[float]) -> dict[str, float]:
    """A stage's samples, one a frame or call: their sum, median and 95th percentile (nearest rank), in seconds."""
    if not seconds:
        return {"seconds": 0.0}
    ranked = sorted(seconds)
    middle = len(ranked) // 2
    median = ranked[middle] if len(ranked) % 2 else (ranked[middle - 1] + ranked[middle]) / 2
    return {"seconds": sum(seconds), "median": median, "p95": ranked[max(0, -(-95 * len(ranked) // 100) - 1)]}


def build(  # noqa: PLR0913 - a record has as many parts as it has
    task: Task,
    *,
    audio: Mapping[str, Any],
    frames: int,
    output_sha256: str,
    output_bytes: int,
    command: Sequence[str],
    versions: Mapping[str, Any],
    stages: Mapping[str, Mapping[str, float]],
    measured: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The manifest of a finished task, checked against its schema.

    audio: facts about the track (sample_rate, channels, samples, codec ...). stages: name -> seconds, with median and
    p95 a frame where there are such (see `summarise`). measured: further figures: wall seconds, peak memory.
    """
    data = {
        "version": VERSION,
        "id": task.id,
        "digest": task.digest,
        "task": task.to_dict(),
        "quality": {"name": task.quality, **asdict(QUALITY[task.quality])},
        "audio": {**audio, "path": str(task.audio), "sha256": task.audio_sha256},
        "output": {
            "path": task.outputs.final.name,
            "sha256": output_sha256,
            "bytes": output_bytes,
            "frames": frames,
            "seconds": float(task.duration),
        },
        "versions": dict(versions),
        "command": list(command),
        "stages": {name: dict(stage) for name, stage in stages.items()},
        "measured": dict(measured or {}),
    }
    validate(data)
    return data


def validate(data: Any) -> None:
    """Raise jsonschema.ValidationError for what is no manifest: a bug of the caller, or a file of another program."""
    jsonschema.Draft202012Validator(schemas.load("manifest")).validate(data)


def write(path: Path, data: Mapping[str, Any]) -> None:
    """Write a manifest, atomically. Raises OutputError."""
    write_atomic(path, json.dumps(data, indent=2, allow_nan=False) + "\n")


def read(path: Path) -> dict[str, Any] | None:
    """The manifest at `path`; None if there is none that can be understood: the task then counts as new."""
    try:
        data = json.loads(path.read_bytes())
        validate(data)
    except (OSError, ValueError, RecursionError, jsonschema.ValidationError):
        return None
    found: dict[str, Any] = data
    return found
