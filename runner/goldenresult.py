"""What came of comparing a task's frames with its golden, as a value and in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from runner.golden import ENCODED, Golden

STATUSES = ("equal", "close", "mismatch", "missing", "unused", "stale", "foreign", "damaged")
EQUAL, CLOSE, MISMATCH, MISSING, UNUSED, STALE, FOREIGN, DAMAGED = STATUSES
UPDATE = "`trackreel run jobs/update-goldens.yaml` records it anew, if the change is meant: see docs/goldens.md"

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels, the last two exclusive."""


@dataclass(frozen=True)
class Limits:
    """How far a backend's frames may be: see `golden.tolerance` in schemas/job.schema.json."""

    psnr: float = 45.0
    block: float = 3.0
    pixel: float = 255.0


@dataclass(frozen=True)
class GoldenResult:
    """What came of comparing a task with its golden.

    status: equal; close (within the limits of its backend); mismatch (frames differ); missing (there is no golden);
    unused (no task has it); stale (it is of another recipe: `changed` says what); foreign (another version of a tool
    made it: of encoded ones they are then not compared); damaged (its files are not what was recorded).
    message: all of it in words, without the task's id. frames: those that the task draws; differing: how many of these
    differ, in order (of a tolerant comparison: are beyond the limits). time: of the first, in the output; where: what
    differs of that one, None: not known. psnr, block: the worst of all frames, of a tolerant comparison.
    golden, recorded: to read pictures, sketches and timelines of. recipe: the task's.
    """

    task: str
    job: str
    of: str
    status: str
    message: str
    hint: str = ""
    frames: int = 0
    differing: Sequence[int] = ()
    time: Fraction | None = None
    where: Box | None = None
    changed: Sequence[tuple[str, Any, Any]] = ()
    tools: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    psnr: float | None = None
    block: float | None = None
    recipe: Mapping[str, Any] = field(default_factory=dict, repr=False)
    golden: Golden | None = field(default=None, repr=False)
    recorded: Golden | None = field(default=None, repr=False)

    @property
    def failed(self) -> bool:
        """Whether verification fails of it."""
        return self.status not in {EQUAL, CLOSE} and not (self.status == FOREIGN and self.of == ENCODED)

    @property
    def first(self) -> int | None:
        """The first frame that differs."""
        return self.differing[0] if self.differing else None

    def to_dict(self) -> dict[str, Any]:
        """An event `golden` of the run, as plain data."""
        more: dict[str, Any] = {}
        if self.differing:
            more |= {"first": self.differing[0], "differing": len(self.differing)}
        more |= {} if self.time is None else {"at": round(float(self.time), 6)}
        more |= {} if self.where is None else {"where": list(self.where)}
        more |= {} if self.psnr is None else {"psnr": round(self.psnr, 3), "block": self.block}
        return {"event": "golden", "task": self.task, "status": self.status, "message": self.message, **more}


def difference(found: GoldenResult) -> str:
    """Which frames differ, since when and where; empty where none does."""
    if found.first is None:
        return ""
    count = len(found.differing)
    which = "all frames" if count == found.frames else f"{count} of {found.frames} frames"
    beyond = (
        " are beyond the limits" if found.psnr is not None else (" differs" if count == 1 < found.frames else " differ")
    )
    text = f"{which}{beyond}; the first is frame {found.first}"
    text += f" at {float(found.time or 0):.3f} s"
    if found.where is not None:
        left, top, right, bottom = found.where
        text += f", within x {left} to {right - 1}, y {top} to {bottom - 1}"
    elif found.of != ENCODED:
        text += ", but its sketch is the same"
    return f"{text}; {worst(found)}" if found.psnr is not None else text


def worst(found: GoldenResult) -> str:
    """How far the worst frame of a tolerant comparison is."""
    return f"at worst PSNR {found.psnr:.1f} dB, a block {found.block:g} steps off"


def listed(changed: Sequence[tuple[str, Any, Any]]) -> str:
    """What changed of a recipe."""
    shown = [f"{key} {_word(was)} -> {_word(now)}" for key, was, now in changed[:3]]
    return ", ".join(shown) + (f" and {len(changed) - 3} more" if len(changed) > 3 else "")


def _word(value: Any) -> str:
    text = "none" if value is None else str(value)
    return text if len(text) <= 40 else text[:37] + "..."
