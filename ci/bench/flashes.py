"""Flashes a second, after WCAG 2.2, success criterion 2.3.1 (three flashes or below threshold).

A general flash is a pair of opposing changes of relative luminance by 10 % of the maximum or more where the darker
state is below 0.8. A red flash is a pair of opposing changes to and from a saturated red, R/(R+G+B) >= 0.8, where
max(0, R-G-B) * 320 changes by more than 20: the working definition of WCAG 2.1, which, other than that of 2.2 (0.2 in
u'v'), is also defined between red and black. R, G, B are linear.

They count where they cover at once more than a quarter of some field of 10 degrees: a rectangle of a third of the
screen's width and height (341 x 256 of 1024 x 768). So n flashes a second are the lesser of two figures of the worst
second: how often more than a quarter of a field turned one way within a tenth of a second, then the other way; and how
often each of more than a quarter of its places flashed. (A thing that moves lights one place after the other; lines
that dance light each place often, but few at once.) A picture fails with more than three of either kind. Frames are
averaged over a quarter of a degree before: WCAG excepts fine balanced patterns, and points of light pass by.
"""

from __future__ import annotations

from collections import deque
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


class Counter:
    """Changes a second: of each of more than AREA of a field's places, and of more than AREA of it at once."""

    def __init__(self, shape: tuple[int, ...], fps: int) -> None:
        self._places = 0
        self._count = np.zeros(shape, np.int16)
        self._last: deque[Mask] = deque(maxlen=fps)
        self._fps, self._shares = fps, (list[Image](), list[Image]())

    def add(self, rose: Mask, fell: Mask) -> None:
        """Where a frame completes changes."""
        if len(self._last) == self._last.maxlen:
            self._count -= self._last[0]
        self._last.append(rose | fell)
        self._count += self._last[-1]
        while fields(self._count > self._places).max() > AREA:
            self._places += 1
        for found, mask in zip(self._shares, (rose, fell), strict=True):
            found.append(fields(mask))

    @property
    def flashes(self) -> float:
        """The most in any second: pairs of changes, halves occur."""
        if self._places == 0:
            return 0.0
        rose, fell = (at_once(np.stack(one), self._fps) for one in self._shares)
        busy = np.flatnonzero((rose.max(axis=0) > AREA) | (fell.max(axis=0) > AREA))
        together = max((crowd(changes(rose[:, k], fell[:, k]), self._fps) for k in busy), default=0)
        return min(self._places, together) / 2.0


class Flashes:
    """Takes frames of linear RGB, float32 [height, width, 3]; then tells flashes.

    general, red: the most flashes in any second.
    """

    def __init__(self, first: Image, fps: int) -> None:
        bright, red, _ = _values(first)
        self._bright, self._red = Turns(bright, STEP), Turns(red, RED_STEP)
        self._was_red = np.zeros(red.shape, bool)
        self._counters = Counter(red.shape, fps), Counter(red.shape, fps)

    def add(self, frame: Image) -> None:
        """One frame more."""
        bright, red, saturated = _values(frame)
        self._counters[0].add(*self._bright.add(bright, self._bright.low < DARK, bright < DARK))
        self._was_red = np.where(red >= self._red.high, saturated, self._was_red)
        rose, fell = self._red.add(red, saturated, self._was_red)
        self._was_red = np.where(rose, saturated, self._was_red)
        self._counters[1].add(rose, fell)

    @property
    def general(self) -> float:
        """General flashes."""
        return self._counters[0].flashes

    @property
    def red(self) -> float:
        """Red flashes."""
        return self._counters[1].flashes


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


def at_once(shares: Image, fps: int) -> Image:
    """The sum of the shares [frames, fields] of each frame and those before it within AT_ONCE_S."""
    total = np.cumsum(shares, axis=0)
    length = max(1, round(AT_ONCE_S * fps))
    total[length:] -= total[:-length].copy()
    return total


def changes(rose: Image, fell: Image) -> list[int]:
    """The frames at which a field turns brighter or darker, each opposing the one before."""
    way, found = 0, []
    for frame, (up, down) in enumerate(zip(rose, fell, strict=True)):
        now = 1 if up > AREA and up >= down else -1 if down > AREA else 0
        if now and now != way:
            way = now
            found.append(frame)
    return found


def crowd(frames: Sequence[int], fps: int) -> int:
    """The most of them within one second."""
    return max((sum(first <= one < first + fps for one in frames) for first in frames), default=0)
