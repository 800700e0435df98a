"""What came of comparing a task's frames with its golden, as a value and in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from runner.golden import ENCODED, Golden
from runner.plaintext import clean

STATUSES = ("equal", "close", "mismatch", "missing", "unused", "stale", "foreign", "damaged")
EQUAL, CLOSE, MISMATCH, MISSING, UNUSED, STALE, FOREIGN, DAMAGED = STATUSES
PLACEHOLDER = "say why"
"""What the commands that we print have in place of a reason."""

PLACEHOLDERS = {PLACEHOLDER, "why", "why they change", "your reason", ""}
"""What an update refuses for a reason, in small letters and without dots."""

UPDATE = (
    f"if the change is meant, `trackreel run jobs/update-goldens.yaml --set reason='{PLACEHOLDER}'` records it anew: "
    "see docs/goldens.md"
)

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
    differs of that one, None: not known. Of a tolerant comparison: psnr, block, pixel: the worst of all frames;
    same: how many are equal bit by bit; whole: whether psnr and pixel are of whole frames, not of blocks and pictures.
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
    pixel: int | None = None
    same: int | None = None
    whole: bool = False
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
        if self.psnr is not None:
            more |= {"psnr": round(self.psnr, 3), "block": self.block, "pixel": self.pixel}
            more |= {"equal": self.same, "frames": self.frames}
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
    return f"at worst PSNR {found.psnr:.1f} dB, a block {found.block:g} and a pixel {found.pixel} steps off"


def table(results: Sequence[GoldenResult]) -> Iterator[str]:
    """How far each golden is that was compared with tolerance, and a line for all of them; nothing where none was."""
    compared = [one for one in results if one.psnr is not None]
    if not compared:
        return
    width = max(len(clean(one.task)) for one in compared)
    yield f"{'':<{width}}  {'PSNR':>8}  {'pixel':>5}  equal frames"
    for one in compared:
        psnr = "same" if one.same == one.frames else f"{one.psnr:.1f} dB"
        yield f"{clean(one.task):<{width}}  {psnr:>8}  {one.pixel:>5}  {one.same} of {one.frames}"
    same, frames = sum(one.same or 0 for one in compared), sum(one.frames for one in compared)
    of = "whole frames" if all(one.whole for one in compared) else "blocks of all frames, and the stored pictures"
    yield (
        f"lowest PSNR and largest difference of a channel (0 to 255), of {of}; "
        f"{same:,} of {frames:,} frames are equal bit by bit"
    )


def listed(changed: Sequence[tuple[str, Any, Any]]) -> str:
    """What changed of a recipe."""
    shown = [f"{key} {_word(was)} -> {_word(now)}" for key, was, now in changed[:3]]
    return ", ".join(shown) + (f" and {len(changed) - 3} more" if len(changed) > 3 else "")


def _word(value: Any) -> str:
    text = "none" if value is None else str(value)
    return text if len(text) <= 40 else text[:37] + "..."
