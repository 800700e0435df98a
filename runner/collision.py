"""Two tasks with one output: what tells them apart, and the placeholder that would."""

from __future__ import annotations

from pathlib import Path

from runner import template
from runner.matrix import Cell
from runner.task import flatten


def explain(text: str, first: tuple[Cell, Path], second: tuple[Cell, Path]) -> tuple[str, str]:
    """Message and hint about two cells with their tracks that both write `text`."""
    tracks = (first[1], second[1])
    beside = tracks[0].parent == tracks[1].parent
    flat = [
        {"audio": track.name if beside else f"{track.parent.name}/{track.name}", **dict(flatten(dict(cell.values)))}
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
