"""Why a golden is not equal: the recipe, the music analysis or the drawing; and what of the first two differs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import InputError
from runner.framehashes import AGAIN
from runner.golden import ENCODED, Golden
from runner.goldenresult import DAMAGED, FOREIGN, MISSING, STALE, UNUSED, GoldenResult, listed

Row = tuple[str, str, str]
"""Dotted place, what the golden has there, what this run has; "none" where there is nothing."""

WORD = 120

HEADER = -1
"""The header of a timeline, before its frames."""

_PLAIN: dict[str, tuple[str, str]] = {
    MISSING: ("there is no golden", "record it, if the task is new"),
    UNUSED: ("no task has this golden", "give its task back, or remove the golden"),
    DAMAGED: ("the golden's files were changed", "they are not those that were recorded: check them out again"),
    STALE: ("the recipe changed", "the task asks for something else than what was recorded"),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What moved, and why we think so; with what differs of the recipe, and of the timeline at a frame.

    frame: that of the timeline's rows; HEADER: its header; None: the timelines are the same, or not known.
    """

    title: str
    because: str
    recipe: list[Row]
    timeline: list[Row]
    frame: int | None = None


def judge(found: GoldenResult) -> Verdict:
    """The verdict on what failed. Raises InputError for timelines that cannot be read."""
    golden, recorded = found.golden, found.recorded
    recipe = rows(golden.note["recipe"], found.recipe) if golden is not None and found.changed else []
    frame, moved = None, list[Row]()
    if golden is not None and recorded is not None and found.first is not None:
        frame, moved = _timelines(golden, recorded, found.first)
    if found.status in _PLAIN:
        title, because = _PLAIN[found.status]
        if found.status == STALE and found.changed:
            because = listed(found.changed)  # what a person decides by
        return Verdict(title, because, recipe, moved, frame)
    return Verdict(*_moved(found, frame, moved), recipe, moved, frame)


def _moved(found: GoldenResult, frame: int | None, moved: list[Row]) -> tuple[str, str]:
    """Of frames that differ for no reason that is known already."""
    if found.of == ENCODED:
        return "the encoded video moved", "verify the same task's frames to see whether it was the drawing"
    other = "; another toolchain drew the golden: " + ", ".join(found.tools) if found.status == FOREIGN else ""
    if any(one is None or not one.timeline for one in (found.golden, found.recorded)):
        return "not known", f"there is no timeline to tell by{other}"
    if frame is None:
        return "the drawing moved", f"the timeline is the same up to this frame{other}"
    parts = {place.partition(".")[0] for place, _, _ in moved}
    if parts <= {"preset", "transition"}:
        what = "preset shows" if "preset" in parts else "transition is under way"
        return "the switching moved", f"another {what} at frame {frame}; the music's features are the same{other}"
    where = "in its header" if frame == HEADER else f"at frame {frame}"
    return "the music analysis moved", f"the timeline differs {where}{other}"


def rows(old: Any, new: Any) -> list[Row]:
    """What differs between two values of JSON, in the order of their places."""
    from deepdiff import DeepDiff

    # Lists in pairs: a stranger's long lists must not cost more than their length.
    # Through JSON: a tuple of ours is a list of the golden's.
    found = DeepDiff(
        json.loads(json.dumps(old)),
        json.loads(json.dumps(new)),
        view="tree",
        verbose_level=2,
        zip_ordered_iterables=True,
        ignore_numeric_type_changes=True,
        threshold_to_diff_deeper=0,  # what has little in common is told leaf by leaf too
    )
    made = [
        (
            ".".join(str(part) for part in level.path(output_format="list")) or "all of it",
            "none" if kind.endswith("_added") else _word(level.t1),
            "none" if kind.endswith("_removed") else _word(level.t2),
        )
        for kind, levels in found.items()
        for level in levels
    ]
    return sorted(made)


def _word(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= WORD else text[: WORD - 3] + "..."


def _timelines(golden: Golden, recorded: Golden, first: int) -> tuple[int | None, list[Row]]:
    """Where the timelines begin to differ, at the frame `first` or before; frames carry on what was before them.

    What differs is told of `first` itself, where anything does: that is what a person sees.
    """
    was, now = _lines(golden), _lines(recorded)
    if not was or not now:
        return None, []
    told = any('"transition":' in line for line in was)  # older goldens do not tell it
    for frame in (first, HEADER, *range(first)):
        one, other = (lines[frame + 1] if frame + 1 < len(lines) else "null" for lines in (was, now))
        if one != other and (moved := rows(_parsed(one, told=told), _parsed(other, told=told))):
            return frame, moved
    return None, []


def _lines(golden: Golden) -> list[str]:
    return (golden.timeline or "").splitlines()


def _parsed(line: str, *, told: bool) -> Any:
    """A line of a timeline; a frame without what says the same twice. told: with its transition. Raises InputError."""
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"its timeline cannot be read: {error}", AGAIN) from error
    if isinstance(data, Mapping) and isinstance(data.get("features"), Mapping):
        change = {"transition": data.get("transition")} if told else {}
        return {"preset": data.get("preset"), **change, **data["features"]}
    return data
