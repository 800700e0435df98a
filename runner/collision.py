"""Two tasks with one output: what tells them apart, and the placeholder that would."""

from __future__ import annotations

import unicodedata
from array import array
from pathlib import Path

import numpy as np

from runner import template
from runner.jobspec import Track
from runner.matrix import Cell
from runner.task import flatten


def plain(task: str) -> str:
    """A task's id as any file system tells it from others; files beside the output share its name without suffix."""
    return unicodedata.normalize("NFC", task).casefold()


def place(task: str) -> int:
    """8 bytes that stand for the output of a task: there may be a million."""
    return hash(plain(task))


def shared(places: array[int]) -> set[int]:
    """Those that occur more than once; two outputs may also have one by chance, so look whether they are equal."""
    found = np.sort(np.frombuffer(places, np.int64)) if places else np.empty(0, np.int64)
    return set(found[1:][found[1:] == found[:-1]].tolist())


def explain(text: str, first: tuple[Cell, Track], second: tuple[Cell, Track]) -> tuple[str, str]:
    """Message and hint about two cells with their tracks that both write `text`."""
    tracks = (first[1].path, second[1].path)
    beside = tracks[0].parent == tracks[1].parent
    flat = [
        {
            "audio": track.path.name if beside else f"{track.path.parent.name}/{track.path.name}",
            **dict(flatten({key: value for key, value, _ in track.own} | dict(cell.values))),
        }
        for cell, track in (first, second)
    ]
    names = [key for key in {**flat[0], **flat[1]} if flat[0].get(key) != flat[1].get(key)]
    if not names:
        return f"two tasks write '{text}', and they are the same: {flat[0]['audio']}", "name each track once"
    what = ["; ".join(f"{key}: {one.get(key, 'none')}" for key in names) for one in flat]
    return f"two tasks write '{text}': one with {what[0]}, one with {what[1]}", _hint(names, tracks)


def _hint(names: list[str], tracks: tuple[Path, Path]) -> str:
    known = [key for key in names if key in template.PLACEHOLDERS or key.startswith("scene.params.")]
    if "audio" in names and tracks[0].stem != tracks[1].stem:
        known.insert(0, "audio.stem")
    elif "audio" in names and tracks[0].parent.name != tracks[1].parent.name:
        known.insert(0, "audio.parent")
    return f"add {{{known[0] if known else 'audio.index'}}} to output.path"
