"""mismatches.html of a run directory: what is not as its golden, for a person to decide from.

One page that stands alone (see runner.htmlpage); there is none where nothing failed.
"""

from __future__ import annotations

import glob
import shlex
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.errors import InputError, OutputError
from runner import goldenpictures, goldenverdict, htmlpage
from runner.goldenpictures import Pictures
from runner.goldenresult import DAMAGED, MISMATCH, PLACEHOLDER, UNUSED, GoldenResult
from runner.goldenverdict import Verdict
from runner.manifest import write_atomic

PAGE, TEMPLATE = "mismatches.html", "mismatches.html.j2"

SHOWN, PICTURES_BYTES, ROWS, STRIP = 200, 32 * 2**20, 40, 240
"""At most: goldens told in full, characters of pictures, rows of a table, bars of the strip of frames."""


class Page:
    """Gathers what failed while its recordings exist, and writes the page."""

    def __init__(self) -> None:
        self._entries: list[dict[str, Any]] = []
        self._more: list[str] = []
        self._bytes = 0

    def add(self, found: GoldenResult) -> None:
        """Explain one golden, if it failed. Never raises for what is wrong with its files: the page says it."""
        if not found.failed:
            return
        if len(self._entries) >= SHOWN:
            self._more.append(found.task)
            return
        notes: list[str] = []
        verdict = _verdict(found, notes)
        self._entries.append(
            {
                "found": found,
                "verdict": verdict,
                "recipe": verdict.recipe[:ROWS],
                "timeline": verdict.timeline[:ROWS],
                "more_rows": max(0, len(verdict.recipe) - ROWS) + max(0, len(verdict.timeline) - ROWS),
                "pictures": self._pictures(found, notes),
                "strip": strip(found.differing, found.frames),
                "accept": accept(found),
                "notes": notes,
            }
        )

    def write(self, folder: Path) -> Path | None:
        """Write the page into the run's directory; its path, None: nothing failed. Raises OutputError."""
        if not self._entries:
            return None
        path = folder / PAGE
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"cannot write '{path}': {error.strerror}", "check the folder") from error
        write_atomic(path, self.render())
        return path

    def render(self) -> str:
        """The page as text."""
        # What needs eyes comes first; what merely has no golden last.
        entries = sorted(self._entries, key=lambda one: (one["found"].status != MISMATCH, one["pictures"] is None))
        counts = Counter(one["verdict"].title for one in entries).most_common()
        values = {
            "entries": entries,
            "counts": counts,
            "more": self._more,
            "header": goldenverdict.HEADER,
            "damaged": DAMAGED,
            "unused": UNUSED,
            "placeholder": PLACEHOLDER,
            "strip_bars": STRIP,
        }
        return htmlpage.render(TEMPLATE, values, {"box": _percent})

    def _pictures(self, found: GoldenResult, notes: list[str]) -> Pictures | None:
        try:
            made = goldenpictures.of(found)
        except InputError as error:
            notes.append(error.message)
            return None
        if made is None:
            return None
        if self._bytes + made.size > PICTURES_BYTES:
            notes.append("The page has no room for more pictures: look at this one alone, with --only.")
            return None
        self._bytes += made.size
        return made


def accept(found: GoldenResult) -> str:
    """The command that makes what this run drew the golden, for a shell."""
    words = ["trackreel", "run", "jobs/update-goldens.yaml", "--only", glob.escape(found.task)]
    last = ["prune=true"] if found.status == UNUSED else [f"reason={PLACEHOLDER}"]
    return shlex.join([*words, "--set", *last])


def strip(differing: Sequence[int], frames: int) -> list[tuple[int, int]]:
    """Where along STRIP bars frames differ: (first bar, how many)."""
    if frames < 1:
        return []
    made: list[tuple[int, int]] = []
    for frame in differing:
        begin = frame * STRIP // frames
        end = max(begin + 1, (frame + 1) * STRIP // frames)
        if made and begin <= sum(made[-1]):
            made[-1] = made[-1][0], end - made[-1][0]
        else:
            made.append((begin, end - begin))
    return made


def _verdict(found: GoldenResult, notes: list[str]) -> Verdict:
    try:
        return goldenverdict.judge(found)
    except InputError as error:
        notes.append(error.message)
        return Verdict("not known", "what would tell it cannot be read", [], [])


def _percent(pictures: Pictures) -> str:
    """The style of the box that marks what differs."""
    left, top, right, bottom = pictures.where or (0, 0, 0, 0)
    width, height = pictures.width, pictures.height
    parts = {"left": left / width, "top": top / height, "width": (right - left) / width}
    parts["height"] = (bottom - top) / height
    return "; ".join(f"{name}: {100 * value:.3f}%" for name, value in parts.items())
