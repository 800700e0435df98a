"""Patches: small pictures with alpha, blended into a frame by whole numbers alone: the same on every machine."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

FULL = 256
"""Alpha and strength of what hides all that is below."""


class Patch:
    """A picture with alpha, to be blended again and again at some place and strength.

    Of a pixel p stays p * (256 - alpha) and colour * alpha is added, in 1/256: an opaque frame stays opaque.
    """

    def __init__(self, red_green_blue: NDArray[np.integer], alpha: NDArray[np.uint16]) -> None:
        """red_green_blue: [h, w, 3] or [3], 0..255, not premultiplied. alpha: [h, w], 0..256."""
        self.height, self.width = alpha.shape
        colour = np.empty((*alpha.shape, 4), np.uint16)
        colour[..., :3], colour[..., 3] = red_green_blue, 255
        self._colour = colour.reshape(self.height, -1)
        self._alpha = np.repeat(alpha, 4, axis=1)
        self._strength = -1
        self._added, self._kept, self._room = (np.empty_like(self._alpha) for _ in range(3))

    def blend(self, frame: NDArray[np.uint8], x: int, y: int, strength: int = FULL, columns: int | None = None) -> None:
        """Lay the patch over `frame`, uint8 [height, width, 4], contiguous, its corner at x, y; it is cut at the edges.

        strength: 0..256. columns: so many alone, from the left.
        """
        wide = self.width if columns is None else min(columns, self.width)
        if strength <= 0 or wide <= 0:
            return
        if strength != self._strength:
            self._prepare(strength)
        rows, across = frame.shape[:2]
        top, left, bottom, right = max(y, 0), max(x, 0), min(y + self.height, rows), min(x + wide, across)
        if top >= bottom or left >= right:
            return
        part = frame.reshape(rows, across * 4)[top:bottom, left * 4 : right * 4]
        own = np.s_[top - y : bottom - y, (left - x) * 4 : (right - x) * 4]
        room = self._room[own]
        np.copyto(room, part)
        np.multiply(room, self._kept[own], out=room)
        np.add(room, self._added[own], out=room)
        np.right_shift(room, 8, out=room)
        np.copyto(part, room, casting="unsafe")

    def _prepare(self, strength: int) -> None:
        """What is added and what is kept of every channel; their sum stays below 65536."""
        covered = self._room
        if strength >= FULL:
            covered[:] = self._alpha
        else:
            np.multiply(self._alpha, np.uint16(strength), out=covered)
            np.right_shift(np.add(covered, np.uint16(128), out=covered), 8, out=covered)
        np.subtract(np.uint16(FULL), covered, out=self._kept)
        np.multiply(self._colour, covered, out=self._added)
        np.add(self._added, np.uint16(128), out=self._added)
        self._strength = strength


def colour(text: str) -> NDArray[np.uint16]:
    """The colour "#rrggbb" as [3], 0..255."""
    return np.array([int(text[k : k + 2], 16) for k in (1, 3, 5)], np.uint16)


def over_shadow(
    shape: NDArray[np.uint16], red_green_blue: NDArray[np.integer], shadow: float, size: float, opacity: float
) -> Patch:
    """A shape of one colour, or a picture, over the soft black shadow of itself.

    shape: alpha, 0..256, with room around it for the shadow (see `reach`). shadow: 0..1. size: pixels that the letters,
    or what stands for them, are high.
    """
    alpha = shape.astype(np.int32)
    if shadow > 0:
        near, far = blur(shape, max(1, round(size * 0.045))), blur(shape, max(1, round(size * 0.16)))
        amount = round(shadow * FULL)
        dark = np.minimum((near * 154 + far * 205) // FULL, FULL) * amount // FULL
        whole = alpha + dark * (FULL - alpha) // FULL
    else:
        whole = alpha
    # The shadow is black: of the colour only the shape's own share is seen.
    share = alpha * FULL // np.maximum(whole, 1)
    tinted = np.broadcast_to(red_green_blue.astype(np.int32), (*alpha.shape, 3)) * share[..., None] // FULL
    seen = whole * round(opacity * FULL) // FULL
    return Patch(tinted, seen.astype(np.uint16))


def reach(shadow: float, size: float) -> int:
    """Pixels around a shape that its shadow, or a letter that hangs over, may need."""
    return max(2, round(size * (0.55 if shadow > 0 else 0.2)) + 1)


def blur(alpha: NDArray[np.uint16], radius: int) -> NDArray[np.int32]:
    """Three box filters of 2 * radius + 1, in whole numbers: nearly a Gaussian."""
    found = alpha.astype(np.int32) * 128
    for _ in range(3):
        found = _box(_box(found, radius).T, radius).T
    return found // 128


def _box(values: NDArray[np.int32], radius: int) -> NDArray[np.int32]:
    """The means along the rows; sums stay below 2**31 up to 65,000 pixels."""
    padded = np.zeros((values.shape[0], values.shape[1] + 2 * radius + 1), np.int32)
    padded[:, radius + 1 : radius + 1 + values.shape[1]] = values
    sums = np.cumsum(padded, axis=1, dtype=np.int32)
    count = 2 * radius + 1
    found: NDArray[np.int32] = (sums[:, count:] - sums[:, :-count]) // np.int32(count)
    return found


@lru_cache(maxsize=64)
def rounded(width: int, height: int, radius: float) -> NDArray[np.uint16]:
    """A rectangle with round corners, alpha 0..256, antialiased by 8 x 8 samples. Do not write to it."""
    radius = min(radius, width / 2, height / 2)
    if radius < 0.5:
        return np.full((height, width), FULL, np.uint16)
    x, y = (np.abs((np.arange(8 * n) + 0.5) / 8 - n / 2) - (n / 2 - radius) for n in (width, height))
    inside = np.maximum(x, 0)[None, :] ** 2 + np.maximum(y, 0)[:, None] ** 2 <= radius**2
    found: NDArray[np.uint16] = (inside.reshape(height, 8, width, 8).sum(axis=(1, 3)) * 4).astype(np.uint16)
    return found
