"""The tempo over time: a path through a tempogram.

For each half second a window of the onset strength gives its autocorrelation and its spectrum. Autocorrelation is high
at the beat's period and its multiples, the spectrum at the beat's frequency and its multiples: their product at one
tempo is high where both agree (G. Peeters, "Template-based estimation of time-varying tempo", EURASIP 2007). A
log-normal prior leans to walking tempi; a Viterbi path allows drift and, at a price, sudden changes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine import portable
from engine.analysis import onsets, windows

Array = NDArray[np.float64]

SLOWEST, FASTEST = 55.0, 215.0
STEPS_PER_OCTAVE = 48
HOP_ROWS = 50
WINDOW_ROWS = 800
FFT = 4096
CENTRE, OCTAVES = 115.0, 0.9
"""The prior: the likeliest tempo in bpm, and its standard deviation in octaves."""
DRIFT_PRICE, JUMP_PRICE = 0.05, 1.2
"""Of a step of the grid, and the most that any change costs; a window's score is at most 1."""
SLACK = 0.05
"""A little likeness at each distance: a fill or a break does not end a tempo."""
APART, LONG = 4, 16
"""Steps of the grid and windows from which two paths disagree."""


@dataclass(frozen=True)
class Tempogram:
    """score, strict: float64 [windows, tempi] 0..1; tempi: bpm.

    Window w is centred on row w * HOP_ROWS of the onset strength. `strict` asks for agreement after one, two and four
    beats alike: syncopes (3 against 4) fail it, but it sees changes late.
    """

    score: Array
    strict: Array
    tempi: Array


def novelty(strength: onsets.Strength) -> Array:
    """What a beat is sought in: the low and middle parts count full, the high part (hats) half.

    Outliers are cut, the local mean is taken off. On the grid.
    """
    out = np.zeros(len(strength.total))
    for part, weight in ((strength.low, 1.0), (strength.mid, 1.0), (strength.high, 0.5)):
        strong = float(np.percentile(part[part > 0.0], 95)) if (part > 0.0).any() else 0.0
        if strong > onsets.LEAST / 4:
            out += weight * np.minimum(part / strong, 1.5)
    smooth = windows.moving_mean(out, 3)
    return portable.rounded(np.maximum(smooth - windows.moving_mean(smooth, 101), 0.0))


def grid() -> Array:
    """Candidate tempi in bpm, log-spaced, on a grid of 2^-16."""
    count = math.floor(STEPS_PER_OCTAVE * math.log2(FASTEST / SLOWEST)) + 1
    return portable.rounded(np.array([SLOWEST * 2.0 ** (i / STEPS_PER_OCTAVE) for i in range(count)]))


def prior(tempi: Array) -> Array:
    """The log-normal prior, peak 1, on a grid of 2^-16."""
    return portable.rounded(np.array([math.exp(-0.5 * (math.log2(t / CENTRE) / OCTAVES) ** 2) for t in tempi.tolist()]))


def tempogram(signal: Array) -> Tempogram:
    """The tempogram of a novelty curve at onsets.RATE."""
    tempi = grid()
    half = WINDOW_ROWS // 2
    padded = np.concatenate((np.zeros(half), signal, np.zeros(half)))
    window = portable.hann(WINDOW_ROWS)
    overlap = np.fft.irfft(_power(np.fft.rfft(window, FFT)), FFT)[:WINDOW_ROWS]
    lags = 60.0 * onsets.RATE / tempi
    bins = tempi / 60.0 * (FFT / onsets.RATE)
    lean = prior(tempi)
    rows, strict = [], []
    for first in range(0, len(signal), HOP_ROWS):
        part = padded[first : first + WINDOW_ROWS]
        part = (part - float(part.mean())) * window
        power = _power(np.fft.rfft(part, FFT))
        own = np.fft.irfft(power, FFT)[:WINDOW_ROWS]
        if own[0] <= 1e-6:
            rows.append(np.zeros(len(tempi)))
            strict.append(rows[-1])
            continue
        likeness = own / np.maximum(overlap, 0.05 * overlap[0]) * (overlap[0] / own[0])
        axis = np.arange(WINDOW_ROWS, dtype=np.float64)
        once, twice, four = (
            np.maximum(np.interp(np.minimum(lags * n, WINDOW_ROWS * 0.75), axis, likeness), 0.0) for n in (1, 2, 4)
        )
        periodic = np.sqrt(once * (once + twice + four) / 3.0)
        tone = np.sqrt(np.interp(bins, np.arange(len(power), dtype=np.float64), power))
        tone = tone / max(float(tone.max()), 1e-9)
        rows.append(portable.rounded(np.sqrt(periodic * tone) * lean))
        every = portable.power((once + SLACK) * (twice + SLACK) * (four + SLACK), np.full(len(tempi), 1.0 / 3.0))
        strict.append(portable.rounded(np.sqrt(every * tone) * lean))
    return Tempogram(np.array(rows), np.array(strict), tempi)


def path(gram: Tempogram) -> NDArray[np.int64]:
    """The index of the tempo of each window.

    The path through `score`, which follows changes closely; where the path through `strict` has another tempo, no
    octave of it, for LONG windows and more, the first one has fallen for a syncope, and the second one is right.
    """
    out, other = _best_path(gram.score), _best_path(gram.strict)
    octaves = np.mod(np.abs(out - other) + STEPS_PER_OCTAVE // 2, STEPS_PER_OCTAVE) - STEPS_PER_OCTAVE // 2
    apart = np.concatenate(([False], np.abs(octaves) > APART, [False]))
    edges = np.flatnonzero(apart[1:] != apart[:-1])
    for low, high in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if high - low >= LONG:
            out[low:high] = other[low:high]
    return out


def _best_path(scores: Array) -> NDArray[np.int64]:
    """The path of the highest score less its price (Viterbi)."""
    count, width = scores.shape
    steps = np.abs(np.arange(width)[:, None] - np.arange(width)[None, :])
    price = np.minimum(steps * DRIFT_PRICE, JUMP_PRICE)
    best = scores[0].copy()
    back = np.zeros((count, width), np.int32)
    for row in range(1, count):
        options = best[None, :] - price
        back[row] = options.argmax(axis=1)
        best = options[np.arange(width), back[row]] + scores[row]
    out = np.zeros(count, np.int64)
    out[-1] = int(best.argmax())
    for row in range(count - 1, 0, -1):
        out[row - 1] = back[row, out[row]]
    return out


def periods(signal: Array) -> tuple[Array, Array]:
    """(period in rows, confidence 0..1) of the beat at every row of a novelty curve."""
    rows = np.arange(len(signal), dtype=np.float64)
    if not len(signal) or float(signal.max()) <= 0.0:
        return np.full(len(signal), 50.0), np.zeros(len(signal))
    gram = tempogram(signal)
    chosen = path(gram)
    windows = np.arange(len(chosen), dtype=np.float64) * HOP_ROWS
    period = 60.0 * onsets.RATE / gram.tempi[chosen]
    nearest = np.minimum((rows / HOP_ROWS + 0.5).astype(np.int64), len(chosen) - 1)
    score = gram.score[np.arange(len(chosen)), chosen] / prior(gram.tempi)[chosen]
    return period[nearest], np.clip(np.interp(rows, windows, score), 0.0, 1.0)


def _power(spectrum: NDArray[np.complex128]) -> Array:
    power: Array = spectrum.real * spectrum.real + spectrum.imag * spectrum.imag
    return power
