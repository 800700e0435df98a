"""An entry of the cache of timelines on disk: made aside, indexed, synced, renamed; and taken apart the other way."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from engine.sinks.output import sync_folder
from runner import filehashes
from runner.manifest import write_atomic

INDEX = "index.json"


def aside(path: Path) -> Path:
    """Where an entry is made, and where it is taken apart."""
    return path.with_name(f"{path.name}.part")


def discard(path: Path) -> None:
    """Remove an entry that is held alone: renamed first, so that a kill leaves no half of one under its name."""
    shutil.rmtree(aside(path), ignore_errors=True)
    if os.path.lexists(path):
        path.replace(aside(path))
        shutil.rmtree(aside(path))


def publish(path: Path, about: Mapping[str, str]) -> None:
    """Give what was made aside its name, with an index, so that it survives a power cut. Raises OSError, OutputError.

    about: what a person may want to know who finds it.
    """
    made = aside(path)
    files = sorted(made.iterdir())
    for one in files:
        sync(one)
    sizes = {one.name: [one.stat().st_size, filehashes.sha256(one)] for one in files}
    write_atomic(made / INDEX, json.dumps({"version": 1, **about, "files": sizes}, indent=2) + "\n")
    sync_folder(made)
    made.replace(path)
    sync_folder(path.parent)


def is_sound(path: Path) -> bool:
    """Whether an entry is there and every byte as it was written (unchanged files are not read again)."""
    try:
        files = json.loads((path / INDEX).read_bytes())["files"]
        return bool(files) and all(
            (path / Path(name).name).stat().st_size == size and filehashes.sha256(path / Path(name).name) == digest
            for name, (size, digest) in files.items()
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return False


def sync(path: Path) -> None:
    """Bring a file's bytes to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
