"""Who a host of a cluster is, and what it sees of a run's files: asked of every worker, and of this host itself."""

from __future__ import annotations

import contextlib
import hashlib
import platform
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from engine import ffmpeg
from runner import leftovers, lock, spool, versions

MARK = "seen"
"""The file by which a run knows that others see its folder."""


@cache
def source_digest() -> str:
    """sha256 (hex) of what draws and decides, as it was when first asked for; frames do not differ where it agrees."""
    root = Path(__file__).resolve().parents[1]
    total = hashlib.sha256()
    for package in ("engine", "runner", "schemas"):
        for path in sorted((root / package).rglob("*")):
            if path.suffix in {".py", ".yaml", ".json"}:
                data = path.read_bytes()
                total.update(f"{path.relative_to(root).as_posix()} {len(data)}\n".encode() + data)
    return total.hexdigest()


def identity() -> dict[str, Any]:
    """What has to be alike on all hosts, name -> version. Raises MissingError: no ffmpeg."""
    return {
        "Python": ".".join(platform.python_version_tuple()[:2]),
        "trackreel": versions.trackreel(),
        "distributed": metadata.version("distributed"),
        "numpy": metadata.version("numpy"),
        "taichi": metadata.version("taichi"),
        "libsndfile": versions.libsndfile(),
        "ffmpeg": ffmpeg.version(ffmpeg.find()),
        "trackreel's source": source_digest()[:12],
    }


def lock_text(root: Path) -> str:
    """What the lock of an output root says; empty: nobody has it."""
    try:
        return (root / lock.NAME).read_text(encoding="utf-8")
    except OSError:
        return ""


def look(events: str, root: str, here: str) -> dict[str, Any]:
    """What this host sees of a run: `token` and `lock` (texts), `here` (the run's own folder, if it is there).

    events: the run's folder of events, where this leaves a file `wrote`. root: the output root. `locked`: whether the
    run's locks are seen.
    """
    folder = Path(events)
    found: dict[str, Any] = {"token": "", "lock": "", "here": "", "wrote": "", "locked": False}
    with contextlib.suppress(OSError):
        found["here"] = str(Path(here).resolve(strict=True))
        found["lock"] = lock_text(Path(root))
        found["token"] = (folder / MARK).read_text(encoding="utf-8")
        found["locked"] = leftovers.is_owned(folder)
        (folder / f"{MARK}-{spool.writer_name()}").touch()
        found["wrote"] = f"{MARK}-{spool.writer_name()}"
    return found
