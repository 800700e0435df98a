"""Sections: where the music changes its energy or colour for longer than a few bars.

A point is a boundary where the mean of the 8 s before differs most from the mean of the 8 s after, in loudness and in
the levels of bass, mid and treble (the two halves of the checkerboard kernel of J. Foote, "Automatic audio
segmentation using a measure of audio novelty", ICME 2000).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine import portable
from engine.analysis import windows

Array = NDArray[np.float64]

RATE = 4.0
SPAN = 8.0
LEAST_DECIBELS = 4.0
SNAP = 0.6


def grid(seconds: float) -> Array:
    """The times at which `find` wants its levels."""
    return np.arange(max(1, int(seconds * RATE))) / RATE


def find(levels: Array, beats: Array) -> Array:
    """Start times in seconds of the sections, the first 0.

    levels: float64 [n, k] in dB at RATE rows a second. A boundary near a beat moves onto it.
    """
    count, span = len(levels), int(SPAN * RATE)
    starts = [0.0]
    if count < 2 * span:
        return np.array(starts)
    levels = np.maximum(levels, float(levels.max()) - 50.0)
    total = np.concatenate((np.zeros((1, levels.shape[1])), np.cumsum(levels, axis=0)))
    index = np.arange(span, count - span + 1)
    before = (total[index] - total[index - span]) / span
    after = (total[index + span] - total[index]) / span
    change = after - before
    novelty = portable.rounded(np.sqrt((change * change).mean(axis=1)))
    peaks = (novelty >= windows.sliding_max(novelty, span, span)) & (novelty >= LEAST_DECIBELS)
    for at in np.flatnonzero(peaks).tolist():
        time = float(index[at]) / RATE
        if len(beats):
            nearest = float(beats[int(np.abs(beats - time).argmin())])
            time = nearest if abs(nearest - time) <= SNAP else time
        if time - starts[-1] >= SPAN / 2:
            starts.append(time)
    return np.array(starts)
