"""Tables that kernels read beside the row: bands, held peaks, and the waveform resampled to one value a column."""

from collections.abc import Set as AbstractSet

import numpy as np

from engine.kernels.raster import BANDS_ROW, PEAKS_ROW, TABLE_ROWS, WAVE_ROW, Raster
from engine.timeline import BANDS, WAVE, Timeline

HOLD_SECONDS = 0.25
FALL_SECONDS = 1.1
"""A held peak stays for HOLD_SECONDS, then falls with growing speed and is gone after FALL_SECONDS more."""


ALL = frozenset({"bands", "peaks", "waves"})


class Tables:
    """One float32 array [rows, columns], refilled for each frame; rows as in engine.kernels.raster.

    reads: which of ALL are filled at all; the others stay 0.
    """

    def __init__(self, timeline: Timeline, sizes: Raster, reads: AbstractSet[str] = ALL) -> None:
        self._reads = reads
        columns = max(sizes.plane(1)[1], BANDS)
        self.array = np.zeros((TABLE_ROWS, columns), np.float32)
        self._timeline = timeline
        self._width = sizes.width
        self._step = np.float32(2.0 / min(sizes.width, sizes.height))
        fps = float(timeline.fps)
        ages = np.arange(int((HOLD_SECONDS + FALL_SECONDS) * fps) + 1) / fps
        fall = np.maximum(ages - HOLD_SECONDS, 0.0) / FALL_SECONDS
        self._drop = (fall * fall).astype(np.float32)[:, None]
        self._places()

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

    def fill(self, frame: int) -> None:
        """Put in what belongs to frame `frame` of the track."""
        if "bands" in self._reads:
            self.array[BANDS_ROW, :BANDS] = self._timeline.bands[frame]
        if "peaks" in self._reads:
            first = max(0, frame - len(self._drop) + 1)
            recent = self._timeline.bands[first : frame + 1][::-1]
            self.array[PEAKS_ROW, :BANDS] = np.max(recent - self._drop[: len(recent)], axis=0)
        if "waves" in self._reads:
            self._fill_waves(frame)

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
