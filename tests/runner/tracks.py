"""A track as a task names it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from runner import manifest
from runner.timelinecache import Track

FPS = Fraction(10)


def track(path: Path, fps: Fraction = FPS) -> Track:
    return Track(path, manifest.sha256(path), fps)
