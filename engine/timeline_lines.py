"""The timeline as JSON Lines, for people and other programs.

A header, then one object a frame (schemas/timeline.schema.json).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.errors import OutputError

if TYPE_CHECKING:
    from engine.timeline import Timeline

DIGITS = 6
"""Decimals written: the grid of 2^-16 survives them."""


Change = Mapping[str, str | float] | None
"""The transition that a frame is within: its `kind`, the preset it leads `from`, its `progress`; None: none."""


def write_jsonl(
    timeline: Timeline, path: Path, first: int, count: int, presets: Sequence[str], changes: Sequence[Change] = ()
) -> None:
    """Write frames first ..

    First + count - 1; `i` and `t` count from the start of the output, and so do the header's times.

    presets: the name of the preset that shows at each of these frames; changes: the transition that each is within.
    Raises OutputError, ValueError for a wrong range.
    """
    if len(presets) != count or first < 0 or count < 1 or first + count > timeline.frames:
        raise ValueError("presets must name one preset for each frame of a range within the timeline")
    rate = float(timeline.fps)
    # `beat` is 1 on a beat's frame and nowhere else: a pulse falls at once.
    flags = timeline.features["beat"] == 1.0
    table = {name: np.asarray(values[first : first + count], np.float64) for name, values in timeline.features.items()}
    try:
        with path.open("w", encoding="utf-8", newline="\n") as file:
            file.write(_line(_header(timeline, first, count)))
            for i in range(count):
                file.write(
                    _line(
                        {
                            "i": i,
                            "t": round(i / rate, DIGITS),
                            "preset": presets[i],
                            **_change(changes[i] if changes else None),
                            "features": {name: round(float(values[i]), DIGITS) for name, values in table.items()},
                            "beat": bool(flags[first + i]),
                        }
                    )
                )
    except OSError as error:
        raise OutputError(f"cannot write '{path}': {error.strerror}", "check the folder and its free space") from error


def _change(change: Change) -> dict[str, Any]:
    if change is None:
        return {}
    return {"transition": {**change, "progress": round(float(change["progress"]), DIGITS)}}


def _header(timeline: Timeline, first: int, count: int) -> dict[str, Any]:
    rate = float(timeline.fps)
    start, end = first / rate, (first + count) / rate

    def shifted(times: Any) -> list[float]:
        return [round(float(time) - start, DIGITS) for time in times if start <= time < end]

    return {
        "version": 1,
        "kind": "timeline",
        "fps": str(timeline.fps),
        "frames": count,
        "start": round(start, DIGITS),
        "sample_rate": timeline.sample_rate,
        "channels": timeline.channels,
        "tempo": round(timeline.tempo, DIGITS),
        "beats": shifted(timeline.beats),
        "onsets": shifted(timeline.onsets),
        "sections": shifted(timeline.sections),
        "features": list(timeline.features),
    }


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n"
