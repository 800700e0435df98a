"""Tables that kernels read beside the row: bands, held peaks, waveforms at one value a column, and what was before."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from engine import art, past
from engine.kernels.raster import (
    ART_ROW,
    BANDS_ROW,
    BEATS_ROW,
    EVENTS,
    HISTORY_ROW,
    ONSETS_ROW,
    PEAKS_ROW,
    WAVE_ROW,
    Raster,
)
from engine.timeline import BANDS, WAVE, Timeline

HOLD_SECONDS = 0.25
FALL_SECONDS = 1.1
"""A held peak stays for HOLD_SECONDS, then falls with growing speed and is gone after FALL_SECONDS more."""


ALL = frozenset({"bands", "peaks", "waves", "onsets", "beats", "history"})
ART_SHARE, ART_LEAST, ART_MOST = 0.6, 32, art.SIDE
"""Side of the cover art, of the canvas' shorter side: as large as it is shown, or a little larger."""


class Tables:
    """One float32 array [rows, columns], refilled for each frame; rows as in engine.kernels.raster.

    reads: which of ALL are filled at all; the others stay 0. "art" is there only where `picture` is: see `picture_of`.
    """

    def __init__(
        self,
        timeline: Timeline,
        sizes: Raster,
        reads: AbstractSet[str] = ALL,
        picture: NDArray[np.float32] | None = None,
    ) -> None:
        self._reads = reads
        columns = max(sizes.plane(1)[1], BANDS)
        rows = HISTORY_ROW + 1 + (past.HISTORY if "history" in reads else 0)
        if picture is not None:
            side = picture.shape[1]
            rows, columns = ART_ROW + 1 + side, max(columns, 3 * side, 1 + 3 * len(art.PAIRS))
        self.array = np.zeros((rows, columns), np.float32)
        if picture is not None:
            self._lay(picture)
        self._timeline = timeline
        self._onset_strengths = past.onset_strengths(timeline)
        self._beat_strengths = past.beat_strengths(timeline)
        self._width = sizes.width
        self._step = np.float32(2.0 / min(sizes.width, sizes.height))
        fps = float(timeline.fps)
        ages = np.arange(int((HOLD_SECONDS + FALL_SECONDS) * fps) + 1) / fps
        fall = np.maximum(ages - HOLD_SECONDS, 0.0) / FALL_SECONDS
        self._drop = (fall * fall).astype(np.float32)[:, None]
        self._places()

    def _lay(self, picture: NDArray[np.float32]) -> None:
        """Put in what stays the same: the cover art."""
        side = picture.shape[1]
        found = art.waves(picture)
        self.array[ART_ROW, 0] = side
        self.array[ART_ROW, 1 : 1 + found.size] = found.ravel()
        self.array[ART_ROW + 1 :, : 3 * side] = picture.transpose(1, 0, 2).reshape(side, 3 * side)

    def _places(self) -> None:
        """Where each column lies in the window, and its four Catmull-Rom weights: the same for every frame."""
        place = (np.arange(self.array.shape[1]) + 0.5) / self._width * (WAVE - 1)
        low = np.clip(np.floor(place), 0, WAVE - 2).astype(np.int64)
        t = np.clip(place - low, 0.0, 1.0)
        self._taps = [np.clip(low + k, 0, WAVE - 1) for k in (-1, 0, 1, 2)]
        weights = [
            ((-0.5 * t + 1.0) * t - 0.5) * t,
            (1.5 * t - 2.5) * t * t + 1.0,
            ((-1.5 * t + 2.0) * t + 0.5) * t,
            (0.5 * t - 0.5) * t * t,
        ]
        self._weights = [(w / 32767.0).astype(np.float32) for w in weights]

    def fill(self, frame: int, place: Fraction | None = None) -> None:
        """Put in what belongs to frame `frame` of the track; events are as old as at `place`, a fractional one."""
        if "bands" in self._reads:
            self.array[BANDS_ROW, :BANDS] = self._timeline.bands[frame]
        if "peaks" in self._reads:
            first = max(0, frame - len(self._drop) + 1)
            recent = self._timeline.bands[first : frame + 1][::-1]
            self.array[PEAKS_ROW, :BANDS] = np.max(recent - self._drop[: len(recent)], axis=0)
        if "waves" in self._reads:
            self._fill_waves(frame)
        now = float((frame if place is None else place) / self._timeline.fps)
        if "onsets" in self._reads:
            out = self.array[ONSETS_ROW : ONSETS_ROW + 3, :EVENTS]
            past.recent(self._timeline.onsets, self._onset_strengths, now, out)
        if "beats" in self._reads:
            out = self.array[BEATS_ROW : BEATS_ROW + 3, :EVENTS]
            past.recent(self._timeline.beats, self._beat_strengths, now, out)
        if "history" in self._reads:
            # The share stands before the rows: what scrolls reads it first.
            share = past.history(self._timeline, frame, self.array[HISTORY_ROW + 1 :])
            self.array[HISTORY_ROW, 0] = share

    def _fill_waves(self, frame: int) -> None:
        window = self._timeline.waves.row(frame).astype(np.float32)
        for side in range(2):
            height = self.array[WAVE_ROW + 2 * side]
            height[:] = 0.0
            for tap, weight in zip(self._taps, self._weights, strict=True):
                height += window[side][tap] * weight
            slope = self.array[WAVE_ROW + 2 * side + 1]
            slope[1:-1] = (height[2:] - height[:-2]) / (2.0 * self._step)
            slope[0], slope[-1] = slope[1], slope[-2]


def picture_of(shown: art.Art, palette: Sequence[str], sizes: Raster) -> NDArray[np.float32]:
    """The cover art as tables for this canvas want it."""
    side = int(min(sizes.width, sizes.height) * ART_SHARE)
    return shown.light(palette, min(max(side, ART_LEAST), ART_MOST))
