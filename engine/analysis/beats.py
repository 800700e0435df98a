"""Beats by dynamic programming over the onset strength with a locally varying period.

After D. Ellis, "Beat tracking by dynamic programming", Journal of New Music Research 36 (2007): the beat times that
maximise the sum of onset strengths less a price for intervals that differ from the local period.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine import portable
from engine.analysis import levels, onsets, tempo, windows

Array = NDArray[np.float64]

TIGHTNESS = 12.0
SNAP = 0.03
"""A beat moves to an onset at most this many seconds away: the flash is then on the very drum."""
PER_BAR = 4
TEMPO_BEATS = 8
"""The tempo is the median over so many beats: single gaps follow the drummer's hand."""


@dataclass(frozen=True)
class Beats:
    """times: seconds [n]; downbeats: index 0..3 of the first bar's downbeat among the beats; tempo.

    Bpm of the track; confidence: 0..1 at onsets.RATE rows a second.
    """

    times: Array
    downbeat: int
    tempo: float
    confidence: Array


DEFAULT_TEMPO = 120.0
"""The tempo told for a track without beats, so that expressions may divide by it."""


def track(strength: onsets.Strength, onset_times: Array) -> Beats:
    """Find the beats of a whole track.

    None where nothing is periodic (silence, a steady tone, fewer than four beats).
    """
    signal = tempo.novelty(strength)
    period, confidence = tempo.periods(signal)
    period, cuts = levels.fold(levels.settle(period, signal))
    none = Beats(np.zeros(0), 0, DEFAULT_TEMPO, np.zeros(len(signal)))
    if len(onset_times) < 4 or float(signal.max(initial=0.0)) <= 0.0:
        return none
    tried = {factor: _dynamic(signal, period / factor) for factor in levels.FACTORS}
    corrected = levels.correct(period, cuts, tried, signal, strength)
    known = [rows for factor, rows in tried.items() if np.array_equal(corrected, period / factor)]
    rows = _trim(known[0] if known else _dynamic(signal, corrected), signal)
    if len(rows) < 4:
        return none
    times = _snap(rows / onsets.RATE, onset_times)
    span = min(TEMPO_BEATS, len(times) - 1)
    gaps = (times[span:] - times[:-span]) / span
    return Beats(
        times,
        _downbeat(rows, strength),
        math.floor(60.0 / float(np.median(gaps)) * 65536.0 + 0.5) / 65536.0,
        confidence,
    )


def _dynamic(signal: Array, period: Array) -> NDArray[np.int64]:
    """Rows of the beats."""
    spread = math.sqrt(float((signal * signal).mean())) or 1.0
    value = portable.rounded(windows.moving_mean(signal, 3) / spread)
    count = len(value)
    total = value.copy()
    back = np.full(count, -1, np.int64)
    row = 0
    changes = [*(np.flatnonzero(np.diff(period)) + 1).tolist(), count]
    for change in changes:
        low, high, price = _price(float(period[row]))
        while row < change:
            # No beat within `low` rows depends on another of them: they are solved together.
            end = min(row + low, change)
            padded = total[max(0, row - high) : max(0, end - low)]
            lacking = (end - row) + high - low - len(padded)
            padded = np.concatenate((np.full(lacking, -np.inf), padded))
            options = np.lib.stride_tricks.sliding_window_view(padded, high - low + 1) - price
            best = options.argmax(axis=1)
            gain = options[np.arange(end - row), best]
            here = np.arange(row, end)
            # Early in the track a beat may be the first; later the chain goes on, through a break too.
            use = np.isfinite(gain) & ((gain > 0.0) | (here > 2 * high))
            total[row:end] += np.where(use, gain, 0.0)
            back[row:end] = np.where(use, here - high + best, -1)
            row = end
    tail = max(1, int(period[-1] * 1.2))
    at = count - tail + int(total[-tail:].argmax()) if count > tail else int(total.argmax())
    out = []
    while at >= 0:
        out.append(at)
        at = int(back[at])
    return np.array(out[::-1], np.int64)


def _price(period: float) -> tuple[int, int, Array]:
    """(shortest, longest interval, price of each interval from the longest to the shortest).

    The price is on the grid.
    """
    low, high = max(1, round(period * 0.6)), max(2, round(period * 1.6))
    gaps = np.arange(high, low - 1, -1).astype(np.float64)
    deviation = portable.log2(gaps / period)
    return low, high, portable.rounded(TIGHTNESS * 8.0 * deviation * deviation)


def _trim(rows: NDArray[np.int64], signal: Array) -> NDArray[np.int64]:
    """Drop beats before the music begins and after it ends."""
    if not len(rows):
        return rows
    strong = windows.sliding_max(signal, 5, 5)[rows]
    sounding = np.flatnonzero(strong > 0.1 * float(np.median(strong)))
    return rows[sounding[0] : sounding[-1] + 1] if len(sounding) else rows[:0]


def _snap(times: Array, onset_times: Array) -> Array:
    after = np.clip(np.searchsorted(onset_times, times), 1, len(onset_times) - 1)
    left, right = onset_times[after - 1], onset_times[after]
    nearest = np.where(times - left <= right - times, left, right)
    return np.where(np.abs(nearest - times) <= SNAP, nearest, times)


def _downbeat(rows: NDArray[np.int64], strength: onsets.Strength) -> int:
    """Which of the first four beats begins a bar.

    The one whose beats, four by four, have the most low-frequency attack.
    """
    low = windows.sliding_max(strength.low, 4, 4)[rows]
    sums = [float(portable.rounded(low[first::PER_BAR]).mean()) for first in range(min(PER_BAR, len(rows)))]
    return int(np.argmax(np.array(sums)))
