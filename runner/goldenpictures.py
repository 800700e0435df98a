"""Expected, actual and difference: the pictures of a golden's frame beside those of this run."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner import goldencompare
from runner.golden import ENCODED
from runner.goldenresult import Box, GoldenResult

Pixels = NDArray[np.uint8]

FAINT = 72
"""The least brightness of a pixel that differs, of 255: one step must be seen."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """Pictures of one frame as PNG in data: URIs, and how they differ.

    differs: whether this frame is one of those that differ. width, height: of the expected one. difference: None where
    the sizes differ. where: what differs, in the blocks of the sketch or, where it knows nothing, in pixels.
    pixels: how many differ; largest: by how many steps of 255 at most.
    """

    frame: int
    differs: bool
    width: int
    height: int
    expected: str
    actual: str
    difference: str | None
    where: Box | None
    pixels: int = 0
    largest: int = 0

    @property
    def size(self) -> int:
        """Characters of all its pictures."""
        return len(self.expected) + len(self.actual) + len(self.difference or "")


def of(found: GoldenResult) -> Pictures | None:
    """The pictures of the stored frame that shows best what differs; None: there are none.

    That is the nearest to the first frame that differs, of those that differ where one does. Raises InputError.
    """
    golden, recorded = found.golden, found.recorded
    if golden is None or recorded is None or found.first is None or found.of == ENCODED:
        return None
    both = sorted(set(golden.pictures()) & set(recorded.pictures()))
    differing = set(found.differing)
    first = found.first
    frame = min(both, key=lambda one: (one not in differing, abs(one - first), one), default=None)
    if frame is None:
        return None
    was, now = golden.picture(frame), recorded.picture(frame)
    height, width = was.shape[:2]
    plain = (frame, frame in differing, width, height, uri(was), uri(now))
    if was.shape != now.shape:
        return Pictures(*plain, None, None)
    apart = np.abs(was.astype(np.int64) - now)
    where = goldencompare.box(golden.sketch, recorded.sketch, frame) or _around(apart)
    return Pictures(*plain, uri(amplified(apart)), where, int(apart.any(axis=-1).sum()), int(apart.max()))


def amplified(apart: NDArray[np.int64]) -> Pixels:
    """Differences of 8-bit values so that the largest is white, and none that is there is black."""
    largest = max(1, int(apart.max()))
    made = np.where(apart > 0, FAINT + apart * (255 - FAINT) // largest, 0)
    return made.astype(np.uint8)


def uri(picture: Pixels) -> str:
    """A picture as PNG in a data: URI."""
    from PIL import Image

    data = io.BytesIO()
    Image.fromarray(picture).save(data, "PNG")
    return "data:image/png;base64," + base64.b64encode(data.getvalue()).decode("ascii")


def _around(apart: NDArray[np.int64]) -> Box | None:
    """The smallest box around all pixels that differ."""
    rows, columns = np.nonzero(apart.any(axis=-1))
    if not len(rows):
        return None
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1
