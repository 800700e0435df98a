"""What decides the result of an analysis beside the track and the video rate: an old cache entry must not be used."""

from __future__ import annotations

import hashlib
import os
from functools import cache
from importlib import metadata
from pathlib import Path

from engine import ffmpeg

ANALYSIS = 1
"""Raised when the analysis changes in a way that `sources` cannot see."""

SOURCES = (
    "analysis", "audio.py", "ffmpeg.py", "foreign.py", "portable.py", "source.py", "timeline.py", "timeline_lines.py",
    "truncation.py", "wavestream.py",
)  # fmt: skip
"""The parts of the engine that take part in it."""

PACKAGES = ("numpy", "soundfile", "av", "imageio-ffmpeg")
"""What decodes and computes; the samples of an MP3 depend on its decoder."""


def collect() -> list[str]:
    """The parts of a cache key, the same for all tracks of a process."""
    return [str(ANALYSIS), sources(), *_versions(), os.environ.get(ffmpeg.VARIABLE, "")]


@cache
def _versions() -> tuple[str, ...]:
    return tuple(metadata.version(one) for one in PACKAGES)


@cache
def sources() -> str:
    """A digest of the code, so that nobody who works on it is shown the analysis of yesterday's."""
    engine = Path(ffmpeg.__file__).parent
    found = hashlib.sha256()
    for name in SOURCES:
        path = engine / name
        for one in sorted(path.glob("*.py")) if path.is_dir() else [path]:
            found.update(one.read_bytes())
    return found.hexdigest()
