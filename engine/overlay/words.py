"""Words in the width there is: on one line, a little smaller, on several lines, or cut with an ellipsis. -> a mask."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.overlay.fonts import Face

ASCENT, DESCENT, LEADING = 0.94, 0.26, 1.24
"""Of a line above and below its base line, and from one base line to the next: em."""
SMALLER = (0.92, 0.85, 0.78, 0.7)
"""How letters may shrink before words are cut."""
ELLIPSIS = "\u2026"
DETAIL = 192
"""Letters are drawn up to four times as large as this allows, and averaged."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Lines of words at `size` pixels an em; width and height in pixels, rounded up."""

    lines: tuple[str, ...]
    size: int
    width: int
    height: int


def fit(
    face: Face, text: str, size: int, width: int, lines: int, *, tabular: bool = False, even: bool = False
) -> Setting:
    """Set `text` in `width` pixels and at most so many lines: nothing is ever wider. Line ends in it are kept.

    A little smaller on one line goes before several lines, unless it should be as large as others (`even`).
    """
    given = [one.strip() for one in text.split("\n") if one.strip()] or [""]
    lines, size = max(lines, 1), max(4, min(size, width))
    tries = [(len(given), scale) for scale in (1.0, *SMALLER[:2])] if len(given) <= lines and not even else []
    tries += [(lines, scale) for scale in (1.0, *SMALLER)]
    for most, scale in tries:
        small = max(4, round(size * scale))
        found = _wrap(face, given, width / small, most, tabular=tabular)
        if found is not None:
            return _setting(face, found, small, tabular=tabular)
    small = max(4, round(size * SMALLER[-1]))
    return _setting(face, _cut(face, given, width / small, lines), small, tabular=tabular)


def draw(face: Face, setting: Setting, align: float, pad: int, *, tabular: bool = False) -> NDArray[np.uint16]:
    """How much of each pixel the words cover: uint16 [height + 2 pad, width + 2 pad], 0..256; letters may hang over.

    align: 0 left, 0.5 in the middle, 1 right.
    """
    times = max(1, min(4, DETAIL // setting.size))
    size = setting.size * times
    rows, columns = setting.height + 2 * pad, setting.width + 2 * pad
    canvas = np.zeros((rows * times, columns * times), np.uint8)
    for row, line in enumerate(setting.lines):
        places, total = face.places(line, tabular=tabular)
        left = pad * times + round((setting.width * times - total * size) * align)
        base = pad * times + round((ASCENT + LEADING * row) * size)
        for which, text, x in places:
            if text != " ":
                mask, (dx, dy) = face.glyph(which, text, size)
                _paste(canvas, mask, left + round(x * size) + dx, base + dy)
    blocks = canvas.reshape(rows, times, columns, times).astype(np.uint32).sum(axis=(1, 3))
    full = 255 * times * times
    covered: NDArray[np.uint16] = ((blocks * 256 + full // 2) // full).astype(np.uint16)
    return covered


def height(size: float, lines: int = 1) -> int:
    """Pixels that so many lines take at most."""
    return int(np.ceil((ASCENT + DESCENT + LEADING * (lines - 1)) * size))


def _setting(face: Face, lines: list[str], size: int, *, tabular: bool) -> Setting:
    widest = max(face.width(one, tabular=tabular) for one in lines)
    return Setting(tuple(lines), size, max(1, int(np.ceil(widest * size)) + 1), height(size, len(lines)))


def _wrap(face: Face, given: list[str], width: float, most: int, *, tabular: bool) -> list[str] | None:
    """The words in at most `most` lines of `width` em, about equally long; None: they do not fit."""
    width -= 1.0 / 64  # what rounding may add
    found = _greedy(face, given, width, tabular=tabular)
    if found is None or len(found) > most:
        return None
    narrow, wide = 0.0, width
    for _ in range(8):
        middle = (narrow + wide) / 2
        tried = _greedy(face, given, middle, tabular=tabular)
        narrow, wide = (narrow, middle) if tried is not None and len(tried) == len(found) else (middle, wide)
    return _greedy(face, given, wide, tabular=tabular)


def _greedy(face: Face, given: list[str], width: float, *, tabular: bool = False) -> list[str] | None:
    """Each line as full as it can be; None: a word is too wide."""
    found: list[str] = []
    for paragraph in given:
        line = ""
        for word, glue in _words(paragraph):
            longer = line + glue + word if line else word
            if face.width(longer, tabular=tabular) <= width:
                line = longer
                continue
            if not line or face.width(word, tabular=tabular) > width:
                return None
            found.append(line)
            line = word
        found.append(line)
    return found


def _words(text: str) -> Iterator[tuple[str, str]]:
    """What stays together, and what stands before it where a line goes on: Chinese and Japanese break anywhere."""
    for word in text.split():
        glue, part = " ", ""
        for one in word:
            wide = unicodedata.east_asian_width(one) in "WF" and unicodedata.category(one) != "Po"
            if wide and part:
                yield part, glue
                part, glue = "", ""
            part += one
        yield part, glue


def _cut(face: Face, given: list[str], width: float, most: int) -> list[str]:
    """As much as goes into so many lines, the last one with an ellipsis; long words are broken."""
    width -= 1.0 / 64
    found: list[str] = []
    rest = " ".join(given)
    while len(found) < most - 1 and rest:
        count = _fitting(face, rest, width, "")
        space = rest.rfind(" ", 0, count + 1)
        end = space if space > 0 and count < len(rest) else count
        found.append(rest[:end].strip())
        rest = rest[end:].strip()
    if rest:
        count = _fitting(face, rest, width, "")
        whole = count == len(rest)
        found.append(rest if whole else rest[: _fitting(face, rest, width, ELLIPSIS)].rstrip(" ,.;:-") + ELLIPSIS)
    return found


def _fitting(face: Face, text: str, width: float, after: str) -> int:
    """How many characters fit, with `after` behind them; one at least, unless there is something behind."""
    low, high = (0 if after else 1), len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if face.width(text[:middle] + after) <= width:
            low = middle
        else:
            high = middle - 1
    return low


def _paste(canvas: NDArray[np.uint8], mask: NDArray[np.uint8], x: int, y: int) -> None:
    """Add a mask, as far as it lies on the canvas; where two meet the greater counts."""
    rows, columns = canvas.shape
    top, left = max(y, 0), max(x, 0)
    bottom, right = min(y + mask.shape[0], rows), min(x + mask.shape[1], columns)
    if top < bottom and left < right:
        part = canvas[top:bottom, left:right]
        np.maximum(part, mask[top - y : bottom - y, left - x : right - x], out=part)
