"""Onsets: where notes and drums begin.

Onset strength is the spectral flux of log-compressed bands against the maximum of the neighbouring bands two hops
earlier (SuperFlux: S. Boeck, G. Widmer, "Maximum filter vibrato suppression for onset detection", DAFx 2013). Peaks
are picked against a moving mean and maximum (S. Boeck et al., "Evaluating the online capabilities of onset detection
methods", ISMIR 2012), then moved to the steepest rise of a 0.5 ms envelope, so that a click's onset is on its very
sample but for that.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine import portable
from engine.analysis import chunks, spectrum, windows

Array = NDArray[np.float64]

RATE = 100.0
"""Rows of the onset strength a second: fixed, so that 30 and 60 fps decide the same."""
BANDS = 32
LAG = 2
SHARE = 0.06
LEAST = 4.0
"""Bits of rise over all bands under which nothing is an onset: steady sounds and noise floors waver by less."""
ATTACK_FLOOR, ATTACK_LEAST, ATTACK_WEIGHT = 0.003, 0.5, 10.0
"""Treble energy that does not count, relative to the track's loud 10 ms; bits that do not; strength of each bit
more."""
FINE_RATE = 2000.0
BLOCK = 2048
"""Rows compressed at a time: a long track must not be in memory as float64."""
SILENT = 1e-10
RANGE_BITS = 14.0
"""log2 of the power range below the track's loud bands that the compression keeps: about 42 dB."""


@dataclass(frozen=True)
class Strength:
    """Onset strength at RATE rows a second, on the grid: all bands, and the low, middle and high parts apart.

    snare: rise of the linear amplitude above 1 kHz, 1 at the track's strong ones: snares and claps tower over hats in
    it.
    """

    total: Array
    low: Array
    mid: Array
    high: Array
    snare: Array


class Detector:
    """Collects band powers at RATE and a fine envelope of the high-frequency energy."""

    def __init__(self, sample_rate: int, samples: int) -> None:
        self.sample_rate = sample_rate
        self.by = max(1, sample_rate // 22050) if sample_rate >= 32000 else 1
        self.rate = sample_rate / self.by
        self.rows = math.ceil(samples / sample_rate * RATE) + 1
        size = spectrum.fft_size(int(self.rate), 0.035)
        edges = spectrum.log_edges(BANDS, int(self.rate), 30.0, 10000.0)
        self.edges = edges
        self.bank = spectrum.bank(size, int(self.rate), [(float(edges[i]), float(edges[i + 1])) for i in range(BANDS)])
        self.power = np.zeros((self.rows, BANDS), np.float32)
        self.bin = max(1, math.floor(sample_rate / FINE_RATE))
        self.fine = np.zeros(-(-samples // self.bin), np.float32)

    def add(self, chunk: chunks.Chunk) -> None:
        """Take the rows and bins of one chunk."""
        signal = chunk.mid
        if self.by > 1:
            signal = windows.averaged(signal, self.by)
        rows = chunk.rows(RATE, self.sample_rate, self.rows - 1)
        if len(rows):
            at = (chunks.centres(rows, RATE, self.sample_rate) - chunk.start + chunks.MARGIN) // self.by
            for first, power in spectrum.band_powers(signal, at, self.bank):
                here = int(rows[0]) + first
                self.power[here : here + len(power)] = power
        self._add_fine(chunk)

    def _add_fine(self, chunk: chunks.Chunk) -> None:
        first, last = -(-chunk.start // self.bin), -(-(chunk.start + chunk.count) // self.bin)
        low = first * self.bin - chunk.start + chunks.MARGIN
        high = low + (last - first) * self.bin
        if last <= first:
            return
        change = np.diff(chunk.mid[low - 1 : high])
        change *= change
        self.fine[first:last] = change.reshape(-1, self.bin).sum(axis=1)

    def strength(self) -> Strength:
        """The onset strength of the whole track; zeros where nothing sounds."""
        a = int(np.searchsorted(self.edges, 180.0))
        b = int(np.searchsorted(self.edges, 2000.0))
        parts = np.zeros((self.rows, 3))
        loud = usual_peak(self.power.max(axis=1).astype(np.float64))
        for first in range(0, self.rows if loud > SILENT else 0, BLOCK):
            # A flux over two hops describes the moment between them, LAG / 2 after the first.
            rise = flux(compress(self.power[first : first + BLOCK + LAG], loud))
            for part, bands in enumerate((rise[:, :a], rise[:, a:b], rise[:, b:])):
                at = first + LAG // 2
                parts[at : at + len(rise), part] = bands.sum(axis=1)
        low, mid, high = (np.ascontiguousarray(portable.rounded(parts[:, part])) for part in range(3))
        snare = self._snare(int(np.searchsorted(self.edges, 1000.0)))
        return Strength(low + mid + high + self._attack(), low, mid, high, snare)

    def _attack(self) -> Array:
        """Bits by which the energy of the treble exceeds that of the 20 ms before, weighted.

        A hat soon after a snare stands out in time where the 46 ms windows of the bands blur the two.
        """
        edges = np.floor(np.arange(self.rows) * (self.sample_rate / self.bin / RATE) + 0.5).astype(np.int64)
        energy = np.zeros(self.rows)
        edges = edges[edges < len(self.fine)]
        energy[: len(edges)] = np.add.reduceat(self.fine, edges, dtype=np.float64)
        loud = usual_peak(energy)
        if loud <= 1e-9 or len(energy) < 3:
            return np.zeros(self.rows)
        floor = loud * ATTACK_FLOOR
        rise = np.zeros(self.rows)
        earlier = np.maximum(energy[1:-1], energy[:-2])
        rise[2:] = portable.log2((energy[2:] + floor) / (earlier + floor))
        return portable.rounded(np.maximum(rise - ATTACK_LEAST, 0.0) * ATTACK_WEIGHT)

    def _snare(self, first_band: int) -> Array:
        loud = np.sqrt(self.power[:, first_band:].sum(axis=1, dtype=np.float64))
        rise = np.zeros(len(loud))
        rise[1:-1] = np.maximum(loud[2:] - loud[:-2], 0.0)
        strong = usual_peak(rise)
        return portable.rounded(np.minimum(rise / strong, 1.5)) if strong > 1e-6 else rise * 0.0


def usual_peak(values: Array) -> float:
    """The 95th percentile of the values within 50 dB of the largest: a few clicks in silence count as loud."""
    top = float(values.max(initial=0.0))
    return float(np.percentile(values[values > top * 1e-5], 95)) if top > 0.0 else 0.0


def compress(power: NDArray[np.float32], loud: float) -> Array:
    """Log-compressed band powers in bits (6 dB of amplitude is 2), 0 at RANGE_BITS below the power `loud`."""
    return portable.log2(power.astype(np.float64) * (2.0**RANGE_BITS / loud) + 1.0)


def flux(levels: Array) -> Array:
    """The rise of each band over its neighbourhood's maximum LAG rows before: [rows - LAG, bands]."""
    wide = levels[: max(len(levels) - LAG, 0)].copy()
    early = levels[: len(wide)]
    np.maximum(wide[:, 1:], early[:, :-1], out=wide[:, 1:])
    np.maximum(wide[:, :-1], early[:, 1:], out=wide[:, :-1])
    rise: Array = np.maximum(levels[LAG:] - wide, 0.0)
    return rise


def pick(strength: Array) -> NDArray[np.int64]:
    """Rows of the onsets.

    The largest within 30 ms, above the median of 100 ms before to 70 ms after by SHARE of the track's strong onsets,
    and at least 40 ms after the one before.
    """
    if not len(strength) or float(strength.max()) <= 0.0:
        return np.zeros(0, np.int64)
    strong = float(np.percentile(strength[strength > 0.0], 98))
    peak = strength >= windows.sliding_max(strength, 3, 3)
    padded = np.concatenate((np.zeros(10), strength, np.zeros(7)))
    usual = np.median(np.lib.stride_tricks.sliding_window_view(padded, 18), axis=1)
    rows = np.flatnonzero(peak & (strength >= usual + SHARE * strong) & (strength >= LEAST))
    kept: list[int] = []
    for row in rows.tolist():
        if not kept or row - kept[-1] >= 4:
            kept.append(row)
    return np.array(kept, np.int64)


def refine(rows: NDArray[np.int64], detector: Detector) -> Array:
    """Times in seconds of the onsets at `rows`: the start of the 0.5 ms bin with the steepest relative rise nearby."""
    rate = detector.sample_rate / detector.bin
    fine = detector.fine
    before, after = round(0.02 * rate), round(0.045 * rate)
    past = max(1, round(0.008 * rate))
    times: list[float] = []
    for row in rows.tolist():
        centre = round(row / RATE * rate)
        low, high = max(0, centre - before), min(len(fine), centre + after)
        part = fine[low:high].astype(np.float64)
        if not len(part) or float(part.max()) <= 0.0:
            times.append(row / RATE)
            continue
        history = fine[max(0, low - past) : low]
        padded: Array = np.concatenate((np.zeros(past - len(history)), history, part, np.zeros(4)))
        total = np.concatenate((np.zeros(1), np.cumsum(padded)))
        at = np.arange(len(part)) + past
        now = 0.4 * padded[at] + 0.3 * padded[at + 1] + 0.2 * padded[at + 2] + 0.1 * padded[at + 3]
        earlier = (total[at] - total[at - past]) / past
        ratio = now / (earlier + 0.03 * float(part.max()))
        best = int(portable.rounded(ratio).argmax())
        times.append((low + best) * detector.bin / detector.sample_rate)
    out = np.array(sorted(times))
    if len(out) > 1:
        out = out[np.concatenate((np.ones(1, bool), np.diff(out) >= 0.02))]
    return out
