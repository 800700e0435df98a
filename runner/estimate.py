"""How long tasks will take and how much disk they fill, by the manifests of earlier ones below the output root."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runner.task import Task

MAX_MANIFESTS = 300
MAX_ENTRIES = 20_000
"""A look at some of them says enough, and an output root may hold anything."""

_SUFFIX = ".manifest.json"
_Key = tuple[str, ...]


@dataclass(slots=True)
class _Rate:
    """Seconds and bytes of so many megapixels drawn."""

    megapixels: float = 0.0
    seconds: float = 0.0
    bytes: float = 0.0

    def add(self, megapixels: float, seconds: float, size: float) -> None:
        self.megapixels += megapixels
        self.seconds += seconds
        self.bytes += size


@dataclass(slots=True)
class Estimate:
    """Sums up tasks: what each takes is what earlier ones with the same preset, quality, codec and backend took.

    Where there were none, the mean of those with the same quality, codec and backend stands in, then the mean of all.
    """

    rates: Mapping[_Key, _Rate] = field(default_factory=dict)
    seconds: float = 0.0
    bytes: float = 0.0

    def add(self, task: Task) -> None:
        """Count a task that would run."""
        pixels = _megapixels(task.frame_count, task.canvas.width, task.canvas.height)
        presets = "+".join(scene.name for scene in task.scenes)
        found = next((self.rates[key] for key in _keys(presets, task.quality, task.encode.codec, task.backend)
                      if key in self.rates), None)  # fmt: skip
        if found is not None:
            self.seconds += pixels * found.seconds / found.megapixels
            self.bytes += pixels * found.bytes / found.megapixels

    def __str__(self) -> str:
        if not self.rates:
            return "no earlier manifests to estimate from"
        return f"about {clock(self.seconds)} in one worker and {size(self.bytes)} of disk, by earlier manifests"


def look(out_root: Path) -> Estimate:
    """What earlier manifests say; of a large folder some hundreds are read."""
    rates: dict[_Key, _Rate] = {}
    found = list(_manifests(out_root))
    step = max(1, -(-len(found) // MAX_MANIFESTS))
    for path in found[::step]:
        try:
            record = json.loads(Path(path).read_bytes())
            _learn(rates, record)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
            continue
    return Estimate(rates)


def _learn(rates: dict[_Key, _Rate], record: Mapping[str, Any]) -> None:
    task, canvas = record["task"], record["task"]["canvas"]
    pixels = _megapixels(int(record["output"]["frames"]), int(canvas["width"]), int(canvas["height"]))
    seconds, size = float(record["measured"]["seconds"]), float(record["output"]["bytes"])
    if pixels > 0 and 0 < seconds < 1e7 and size > 0:
        presets = "+".join(str(one["name"]) for one in task["scenes"])
        for key in _keys(presets, str(task["quality"]), str(task["encode"]["codec"]), str(task["backend"])):
            rates.setdefault(key, _Rate()).add(pixels, seconds, size)


def _keys(presets: str, quality: str, codec: str, backend: str) -> tuple[_Key, ...]:
    """From the closest to the widest."""
    return (quality, codec, backend, presets), (quality, codec, backend), ()


def _megapixels(frames: int, width: int, height: int) -> float:
    return frames * width * height / 1e6


def _manifests(out_root: Path) -> Iterator[str]:
    """Paths of manifests, folder by folder in order of their names; links are not followed."""
    waiting, seen = [str(out_root)], 0
    while waiting and seen < MAX_ENTRIES:
        try:
            with os.scandir(waiting.pop()) as entries:
                listed = sorted(entries, key=lambda one: one.name)
        except OSError:
            continue
        seen += len(listed)
        yield from (one.path for one in listed if one.name.endswith(_SUFFIX) and one.is_file(follow_symlinks=False))
        folders = [one.path for one in listed if one.is_dir(follow_symlinks=False) and not one.name.startswith(".")]
        waiting += reversed(folders)


def clock(seconds: float) -> str:
    """A length of time for a person: "40 s", "12 min", "3 h 20 min"."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"


def size(count: float) -> str:
    """A number of bytes for a person: "3.2 GB"."""
    for unit in ("kB", "MB", "GB"):
        count /= 1000
        if count < 1000:
            return f"{count:.1f} {unit}"
    return f"{count / 1000:.1f} TB"
