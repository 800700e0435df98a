"""Flashes a second, after WCAG 2.2, success criterion 2.3.1 (three flashes or below threshold).

A general flash is a pair of opposing changes of relative luminance by 10 % of the maximum or more where the darker
state is below 0.8. A red flash is a pair of opposing changes to and from a saturated red, R/(R+G+B) >= 0.8, where
max(0, R-G-B) * 320 changes by more than 20: the working definition of WCAG 2.1, which, other than that of 2.2 (0.2 in
u'v'), is also defined between red and black. R, G, B are linear. Both count where they cover at once more than a
quarter of some field of 10 degrees: a rectangle of a third of the screen's width and height (341 x 256 of 1024 x 768).
"At once" is within a tenth of a second. A picture fails with more than three of either kind in any second.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]
Mask = NDArray[np.bool_]

STEP, DARK = 0.1, 0.8
RED_STEP, RED_SHARE = 20.0 / 320.0, 0.8
AREA = 0.25
CELLS, FIELD = 12, 4
"""The picture is counted in 12 x 12 cells; a field is 4 x 4 of them."""
AT_ONCE_S = 0.1
LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)


class Turns:
    """Where a value, pixel by pixel, completes a change of `step` or more that opposes its last one."""

    def __init__(self, first: Image, step: float) -> None:
        self.low, self.high, self.way = first.copy(), first.copy(), np.zeros(first.shape, np.int8)
        self._step = step

    def add(self, value: Image, rising: Mask, falling: Mask) -> tuple[Mask, Mask]:
        """(rose, fell) at this frame; only changes that `rising` and `falling` allow count."""
        np.minimum(self.low, value, out=self.low)
        np.maximum(self.high, value, out=self.high)
        rose = (value - self.low >= self._step) & (self.way <= 0) & rising
        fell = (self.high - value >= self._step) & (self.way >= 0) & falling & ~rose
        self.way[rose], self.way[fell] = 1, -1
        self.high[rose], self.low[fell] = value[rose], value[fell]
        return rose, fell


class Flashes:
    """Takes frames of linear RGB, float32 [height, width, 3]; then tells flashes."""

    def __init__(self, first: Image) -> None:
        bright, red, _ = _values(first)
        self._general, self._red = Turns(bright, STEP), Turns(red, RED_STEP)
        self._was_red = np.zeros(red.shape, bool)
        self._shares: dict[str, list[tuple[Image, Image]]] = {"general": [], "red": []}

    def add(self, frame: Image) -> None:
        """One frame more."""
        bright, red, saturated = _values(frame)
        general = self._general.add(bright, self._general.low < DARK, bright < DARK)
        self._was_red = np.where(red >= self._red.high, saturated, self._was_red)
        changed = self._red.add(red, saturated, self._was_red)
        self._was_red = np.where(changed[0], saturated, self._was_red)
        self._shares["general"].append((fields(general[0]), fields(general[1])))
        self._shares["red"].append((fields(changed[0]), fields(changed[1])))

    def worst(self, kind: str, fps: float) -> float:
        """The most flashes (pairs of changes; halves occur) of a field in any second. kind: general, red."""
        found = self._shares[kind]
        if not found:
            return 0.0
        rose, fell = (at_once(np.stack([one[way] for one in found]), fps) for way in (0, 1))
        busy = np.flatnonzero((rose.max(axis=0) > AREA) & (fell.max(axis=0) > AREA))
        return max((crowd(changes(rose[:, k], fell[:, k]), fps) / 2.0 for k in busy), default=0.0)


def _values(frame: Image) -> tuple[Image, Image, Mask]:
    """Relative luminance, max(0, R-G-B), and where red is saturated."""
    red, others = frame[..., 0], frame[..., 1] + frame[..., 2]
    return frame @ LUMINANCE, np.maximum(red - others, 0.0), (red > 0.0) & (red >= RED_SHARE * (red + others))


def fields(mask: Mask) -> Image:
    """The share of each field of 10 degrees that a mask covers, float32 [fields]."""
    height, width = mask.shape
    rows, columns = (np.arange(CELLS) * size // CELLS for size in (height, width))
    cells = np.add.reduceat(np.add.reduceat(mask.astype(np.int32), rows, axis=0), columns, axis=1)
    sums = np.lib.stride_tricks.sliding_window_view(cells, (FIELD, FIELD)).sum(axis=(2, 3))
    return (sums.ravel() / (height * width * (FIELD / CELLS) ** 2)).astype(np.float32)


def at_once(shares: Image, fps: float) -> Image:
    """The sum of the shares [frames, fields] of this frame and those before it within AT_ONCE_S."""
    total = np.cumsum(shares, axis=0)
    length = max(1, round(AT_ONCE_S * fps))
    total[length:] -= total[:-length].copy()
    return total


def changes(rose: Sequence[float] | Image, fell: Sequence[float] | Image) -> list[int]:
    """The frames at which a field turns brighter or darker, each opposing the one before."""
    way, found = 0, []
    for frame, (up, down) in enumerate(zip(rose, fell, strict=True)):
        now = 1 if up > AREA and up >= down else -1 if down > AREA else 0
        if now and now != way:
            way = now
            found.append(frame)
    return found


def crowd(frames: Sequence[int], fps: float) -> int:
    """The most of them within one second."""
    return max((sum(first <= one < first + fps for one in frames) for first in frames), default=0)
