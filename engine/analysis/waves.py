"""Waveform windows for oscilloscopes: a stream of about 11 kHz without DC, and for each frame where its window starts.

A window begins at a stable trigger: the rising zero crossing near the frame's time with the steepest edge, measured
over 0.4, 2 and 6 ms so that both the fundamental and its attack count. It depends on the audio alone, not on other
frames.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from engine import portable
from engine.analysis import chunks, windows
from engine.timeline import SUBSAMPLE, WAVE

Array = NDArray[np.float64]

FULL_SCALE = 16383.0
"""int16 value of 1.0 in the stream: 6 dB of headroom for what the high-pass overshoots."""
REACH = 0.02
EDGES = (0.0004, 0.002, 0.006)
"""Seconds on each side of a crossing over which its edge is measured."""
HIGH_PASS = 0.2
MOST_GAIN = 16.0
BLOCK = 512
QUIET = 1e-3
"""Peaks under this (-60 dB) are pauses."""


def step(sample_rate: int) -> int:
    """How many samples are averaged into one of the stream: 512 of them span about 45 ms."""
    return max(1, math.floor(0.0425 * sample_rate / WAVE + 0.5))


class Waves:
    """Writes the stream to `file` (int16 interleaved stereo) and collects the window starts, in 1/SUBSAMPLE samples."""

    def __init__(self, file: BinaryIO, sample_rate: int, frames: int, fps: Fraction) -> None:
        self.file, self.sample_rate, self.frames = file, sample_rate, frames
        self.step = step(sample_rate)
        self.fps = float(fps)
        self.starts = np.zeros(frames, np.int64)
        self.peaks: list[float] = []

    def add(self, chunk: chunks.Chunk) -> None:
        """Write the samples of one chunk and find the triggers of its frames."""
        rate = self.sample_rate / self.step
        first, last = -(-chunk.start // self.step), -(-(chunk.start + chunk.count) // self.step)
        context = min((chunks.MARGIN - self.step) // self.step, math.ceil(rate * 0.3))
        low = (first - context) * self.step - chunk.start + chunks.MARGIN
        high = (last + context) * self.step - chunk.start + chunks.MARGIN
        pad = max(0, high - len(chunk.stereo))
        stereo = np.concatenate((chunk.stereo[low:high], np.zeros((pad, 2)))) if pad else chunk.stereo[low:high]
        small = windows.averaged(stereo, self.step)
        small -= windows.moving_mean(small, round(HIGH_PASS * rate))
        kept = small[context : context + last - first]
        blocks = np.abs(kept[: len(kept) // BLOCK * BLOCK] if len(kept) >= BLOCK else kept)
        self.peaks += blocks.reshape(-1, min(BLOCK, max(len(kept), 1)) * 2).max(axis=1).tolist()
        levels = np.floor(np.clip(kept, -2.0, 2.0) * FULL_SCALE + 0.5)
        self.file.write(levels.astype("<i2").tobytes())
        self._trigger(chunk, (small[:, 0] + small[:, 1]) * 0.5, first - context, rate)

    def gain(self) -> float:
        """What the stream is multiplied by; 2^-16 grid.

        The track's loud moments (the upper quartile of its 50 ms peaks) fill 0.7 of the height, its highest peak at
        least 0.95: that may be cut, but by 10 dB at most.
        """
        peaks = np.array(self.peaks)
        highest = max(float(peaks.max(initial=0.0)), 1e-6)
        usual = float(np.percentile(peaks[peaks > QUIET], 75)) if (peaks > QUIET).any() else highest
        wanted = max(0.95 / highest, min(0.7 / usual, 3.0 / highest))
        return math.floor(min(wanted, MOST_GAIN) * 32767.0 / FULL_SCALE * 65536.0 + 0.5) / 65536.0

    def _trigger(self, chunk: chunks.Chunk, mid: Array, origin: int, rate: float) -> None:
        rows = chunk.rows(self.fps, self.sample_rate, self.frames - 1)
        if not len(rows):
            return
        score, fraction = crossings(mid, rate)
        reach = max(1, round(REACH * rate))
        exact = rows * (self.sample_rate / self.fps) / self.step
        centre = np.floor(exact + 0.5).astype(np.int64) - origin
        near = np.lib.stride_tricks.sliding_window_view(score, 2 * reach + 1)[centre - reach]
        # Between equal edges of a steady tone the nearest wins, not the noise.
        penalty = 1.0 - 0.4 * np.abs(np.arange(-reach, reach + 1)) / reach
        best = (near * penalty).argmax(axis=1)
        found = centre + best - reach
        use = score[found] > 0.0
        place = np.where(use, (found + origin) * SUBSAMPLE + fraction[found], np.floor(exact * SUBSAMPLE))
        self.starts[rows] = place.astype(np.int64) - (WAVE // 2) * SUBSAMPLE


def crossings(mid: Array, rate: float) -> tuple[Array, Array]:
    """(score, fraction) [n].

    The edge of a rising zero crossing between samples i and i + 1 (0 where there is none), rounded to the grid; and
    where between them it lies, in 1/SUBSAMPLE.
    """
    half = max(1, round(0.0003 * rate))
    smooth = mid
    for _ in range(2):
        padded = np.concatenate((np.zeros(half), smooth, np.zeros(half)))
        smooth = padded[: len(mid)].copy()
        for offset in range(1, 2 * half + 1):
            smooth += padded[offset : offset + len(mid)]
        smooth *= 1.0 / (2 * half + 1)
    # A little of the unsmoothed signal stays, or a tone whose period is the box's width would vanish.
    smooth = 0.8 * smooth + 0.2 * mid
    count = len(smooth)
    most = max(1, round(EDGES[-1] * rate))
    total = np.zeros(count + 2 * most + 1)
    np.cumsum(smooth, out=total[most : most + count])
    total[most + count :] = total[most + count - 1]
    # total[most + i] is the sum up to and with sample i.
    edge = np.zeros(count)
    now = total[most : most + count]
    for seconds in EDGES:
        k = max(1, round(seconds * rate))
        edge += (total[most + k : most + k + count] + total[most - k : most - k + count] - 2.0 * now) * (1.0 / k)
    following = np.append(smooth[1:], 0.0)
    rising = (smooth <= 0.0) & (following > 0.0)
    gap = np.where(rising, following - smooth, 1.0)
    fraction = np.where(rising, np.floor(-smooth / gap * SUBSAMPLE), 0.0)
    return np.where(rising, np.maximum(portable.rounded(edge), 0.0), 0.0), fraction
