"""Power spectra of windows centred on their row's time, summed over log-spaced bands.

Powers are relative to full scale: a sine of peak 1.0 within a band has power 1.0.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine import portable
from engine.analysis import chunks

Array = NDArray[np.float64]

BATCH = 32
"""Rows transformed at a time: the working set stays in the processor's cache."""

FINE_BINS = 48
"""Up to this bin a band's edges keep their fractions of a bin."""

LOWEST, HIGHEST = 30.0, 16000.0
WIDE = ((20.0, 150.0), (150.0, 2000.0), (2000.0, 16000.0))
"""Bass, mid and treble in Hz."""


@dataclass(frozen=True)
class Bank:
    """Bands over the bins of an FFT.

    Bins are first summed into cells (`cuts`: their first bins, then the end), cells into a running total; a band is
    the difference of that total at two edges, each a cell and a share of it: [bands] each.
    """

    size: int
    window: Array
    cuts: NDArray[np.int64]
    low_cell: NDArray[np.int64]
    low_share: Array
    high_cell: NDArray[np.int64]
    high_share: Array

    @property
    def bands(self) -> int:
        """How many bands there are."""
        return len(self.low_cell)


def fft_size(sample_rate: int, seconds: float) -> int:
    """The smallest power of two of at least `seconds`."""
    return 1 << max(5, math.ceil(math.log2(seconds * sample_rate)))


def log_edges(count: int, sample_rate: int, lowest: float = LOWEST, highest: float = HIGHEST) -> Array:
    """Edges in Hz of `count` log-spaced bands up to `highest` or Nyquist: [count + 1], on a grid of 2^-16 Hz."""
    top = min(highest, sample_rate / 2)
    ratio = top / lowest
    return portable.rounded(np.array([lowest * ratio ** (i / count) for i in range(count + 1)]))


def bank(size: int, sample_rate: int, edges: list[tuple[float, float]]) -> Bank:
    """The bands `edges` (Hz pairs).

    A band narrower than 1.5 bins is widened about its centre, which interpolates between bins; bins 0 and 1, where a
    DC offset leaks, are left out; a band above Nyquist is empty.
    """
    pairs = np.array(edges, np.float64) * (size / sample_rate)
    centre, half = (pairs[:, 0] + pairs[:, 1]) * 0.5, (pairs[:, 1] - pairs[:, 0]) * 0.5
    half = np.maximum(half, 0.75)
    top = float(size // 2 + 1)
    low = np.clip(centre - half + 0.5, 2.0, top - 1.0)
    high = np.clip(centre + half + 0.5, low + 1.0, top)
    # Above some bins fractions of one do not show: whole cells are several times faster to sum.
    low, high = (np.where(edge > FINE_BINS, np.floor(edge + 0.5), edge) for edge in (low, high))
    wanted = np.concatenate((low, high, np.arange(FINE_BINS + 1.0)))
    cuts = np.unique(np.minimum(np.concatenate((np.floor(wanted), np.ceil(wanted))), top)).astype(np.int64)
    cells = [np.searchsorted(cuts, np.floor(edge)).astype(np.int64) for edge in (low, high)]
    return Bank(size, portable.hann(size), cuts, cells[0], low - np.floor(low), cells[1], high - np.floor(high))


def band_powers(signal: Array, centre: NDArray[np.int64], banks: Bank) -> Iterator[tuple[int, Array]]:
    """Yield (index of the first row, float64 [rows, bands]) for windows centred on the samples `centre` of `signal`.

    Every window must lie within the signal.
    """
    size = banks.size
    windows = np.lib.stride_tricks.sliding_window_view(signal, size)
    scale = 16.0 / (1.5 * size * size)
    frames = np.empty((BATCH, size))
    last = int(banks.cuts[-1])
    # Real and imaginary parts lie side by side: their squares are summed in one go.
    firsts = 2 * banks.cuts[:-1]
    total = np.zeros((BATCH, len(banks.cuts) + 1))
    for first in range(0, len(centre), BATCH):
        at = (centre[first : first + BATCH] - size // 2).tolist()
        count = len(at)
        for row in range(count):
            np.multiply(windows[at[row]], banks.window, out=frames[row])
        parts = np.fft.rfft(frames[:count], axis=1).view(np.float64)[:, : 2 * last]
        squares = parts * parts
        np.cumsum(np.add.reduceat(squares, firsts, axis=1), axis=1, out=total[:count, 1:-1])
        sums = total[:count]
        yield (
            first,
            np.maximum(_at(sums, banks.high_cell, banks.high_share) - _at(sums, banks.low_cell, banks.low_share), 0.0)
            * scale,
        )


def _at(sums: Array, cell: NDArray[np.int64], share: Array) -> Array:
    below: Array = sums[:, cell]
    return below + (sums[:, cell + 1] - below) * share


class Bands:
    """Collects, at `RATE` rows a second, the log power of the 64 bands and the power of bass, mid and treble."""

    RATE = 60.0
    FLOOR = 1e-12

    def __init__(self, sample_rate: int, samples: int, count: int) -> None:
        self.sample_rate, self.count = sample_rate, count
        self.rows = math.ceil(samples / sample_rate * self.RATE) + 2
        self.size = fft_size(sample_rate, 0.06)
        edges = log_edges(count, sample_rate)
        pairs = [(float(edges[i]), float(edges[i + 1])) for i in range(count)]
        self.bank = bank(self.size, sample_rate, pairs + list(WIDE))
        self.logs = np.full((self.rows, count), np.float32(portable.log2(np.array([self.FLOOR]))[0]), np.float32)
        self.wide = np.zeros((self.rows, len(WIDE)))
        self.centroid = np.zeros(self.rows)

    def add(self, chunk: chunks.Chunk) -> None:
        """Take the rows of one chunk."""
        rows = chunk.rows(self.RATE, self.sample_rate, self.rows - 1)
        if not len(rows):
            return
        at = chunks.centres(rows, self.RATE, self.sample_rate) - chunk.start + chunks.MARGIN
        axis = np.arange(self.count) / (self.count - 1)
        for first, power in band_powers(chunk.mid, at, self.bank):
            here = slice(int(rows[0]) + first, int(rows[0]) + first + len(power))
            narrow = power[:, : self.count]
            self.logs[here] = portable.log2(narrow + self.FLOOR)
            self.wide[here] = power[:, self.count :]
            weight = np.sqrt(narrow)
            self.centroid[here] = (weight * axis).sum(axis=1) / (weight.sum(axis=1) + 1e-9)
