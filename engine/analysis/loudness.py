"""Level: EBU R128 short-term loudness, RMS and stereo width.

Loudness follows ITU-R BS.1770-4 and EBU Tech 3342: K-weighted mean square over 3 s, channels weighted. The K weighting
is applied to the power spectrum of consecutive blocks (Parseval) instead of as a recursive filter: no per-sample loop,
and the difference over 3 s is below 0.1 LU.
"""

from __future__ import annotations

import cmath
import math

import numpy as np
from numpy.typing import NDArray

from engine import portable
from engine.analysis import chunks, spectrum, windows

Array = NDArray[np.float64]

FLOOR = -70.0
SHORT_TERM = 3.0


def k_weights(size: int, sample_rate: int) -> Array:
    """|H(f)|^2 of the K weighting at the bins of an FFT: [size / 2 + 1], on a grid of 2^-32.

    The two biquads of BS.1770 in the analogue form of libebur128, so that they fit any sample rate.
    """
    gain, quality, centre = 3.999843853973347, 0.7071752369554196, 1681.974450955533
    k = math.tan(math.pi * centre / sample_rate)
    vh, vb = 10 ** (gain / 20), (10 ** (gain / 20)) ** 0.4996667741545416
    a0 = 1 + k / quality + k * k
    shelf_b = [(vh + vb * k / quality + k * k) / a0, 2 * (k * k - vh) / a0, (vh - vb * k / quality + k * k) / a0]
    shelf_a = [1.0, 2 * (k * k - 1) / a0, (1 - k / quality + k * k) / a0]
    k2, q2 = math.tan(math.pi * 38.13547087602444 / sample_rate), 0.5003270373238773
    d = 1 + k2 / q2 + k2 * k2
    pass_a = [1.0, 2 * (k2 * k2 - 1) / d, (1 - k2 / q2 + k2 * k2) / d]
    out = np.empty(size // 2 + 1)
    for index in range(len(out)):
        z = cmath.exp(-2j * math.pi * index / size)
        shelf = (shelf_b[0] + z * (shelf_b[1] + z * shelf_b[2])) / (shelf_a[0] + z * (shelf_a[1] + z * shelf_a[2]))
        high = (1 - 2 * z + z * z) / (pass_a[0] + z * (pass_a[1] + z * pass_a[2]))
        out[index] = abs(shelf * high) ** 2
    return portable.rounded(out, portable.FINE)


def channel_weights(channels: int) -> list[float]:
    """BS.1770 weights: front 1.0, surround 1.41, LFE 0 (5.1 and 7.1 in WAV order); any other layout all 1.0."""
    if channels in (6, 7, 8):
        return [1.0, 1.0, 1.0, 0.0] + [1.41] * (channels - 4)
    if channels == 5:
        return [1.0, 1.0, 1.0, 1.41, 1.41]
    return [1.0] * channels


class Loudness:
    """Collects the K-weighted, channel-weighted mean square of consecutive blocks."""

    def __init__(self, sample_rate: int, samples: int, channels: int) -> None:
        self.sample_rate, self.samples = sample_rate, samples
        self.size = spectrum.fft_size(sample_rate, 0.06)
        self.weights = channel_weights(channels)
        fold = np.full(self.size // 2 + 1, 2.0)
        fold[0] = fold[-1] = 1.0
        # Twice each: for the real and the imaginary part, which lie side by side.
        self.k = np.repeat(k_weights(self.size, sample_rate) * fold / (self.size * self.size), 2)
        self.squares = np.zeros(-(-samples // self.size))

    def add(self, chunk: chunks.Chunk) -> None:
        """Take the blocks that start within one chunk."""
        first, last = -(-chunk.start // self.size), -(-(chunk.start + chunk.count) // self.size)
        if last <= first:
            return
        at = first * self.size - chunk.start + chunks.MARGIN
        pcm = chunk.pcm[at : at + (last - first) * self.size]
        for channel, weight in enumerate(self.weights):
            if weight == 0.0:
                continue
            lines = pcm[:, channel].astype(np.float64).reshape(-1, self.size)
            parts = np.fft.rfft(lines, axis=1).view(np.float64)
            self.squares[first:last] += weight * (parts * parts * self.k).sum(axis=1)

    def at(self, times: Array) -> Array:
        """Short-term loudness in LUFS [len(times)], at least FLOOR.

        3 s centred on each time, cut at the track's ends.
        """
        edge = np.concatenate((np.zeros(1), np.cumsum(self.squares))) * self.size
        position = np.minimum(np.arange(len(edge)) * float(self.size), float(self.samples))
        half = SHORT_TERM / 2 * self.sample_rate
        low = np.clip(times * self.sample_rate - half, 0.0, float(self.samples))
        high = np.clip(times * self.sample_rate + half, 0.0, float(self.samples))
        energy = np.interp(high, position, edge) - np.interp(low, position, edge)
        square = np.maximum(energy, 0.0) / np.maximum(high - low, 1.0)
        decibels = 10.0 / math.log2(10.0) * portable.log2(square + 1e-12)
        return np.maximum(decibels - 0.691, FLOOR)


class Levels:
    """Collects mean and mean square of mid and side over hops of 10 ms, for RMS and stereo width."""

    RATE = 100.0

    def __init__(self, sample_rate: int, samples: int) -> None:
        self.sample_rate, self.samples = sample_rate, samples
        self.count = max(1, math.ceil(samples * self.RATE / sample_rate))
        self.sums = np.zeros((self.count, 4))
        edges = np.floor(np.arange(self.count + 1) * (sample_rate / self.RATE)).astype(np.int64)
        self.edges = np.minimum(edges, samples)

    def add(self, chunk: chunks.Chunk) -> None:
        """Take the hops that start within one chunk."""
        first = int(np.searchsorted(self.edges[:-1], chunk.start))
        last = int(np.searchsorted(self.edges[:-1], chunk.start + chunk.count))
        if last <= first:
            return
        origin = chunk.start - chunks.MARGIN
        low, high = int(self.edges[first]) - origin, int(self.edges[last]) - origin
        cuts = self.edges[first:last] - origin - low
        side = (chunk.stereo[low:high, 0] - chunk.stereo[low:high, 1]) * 0.5
        mid = chunk.mid[low:high]
        for column, values in enumerate((mid, side, mid * mid, side * side)):
            self.sums[first:last, column] = np.add.reduceat(values, cuts)

    def at(self, times: Array) -> tuple[Array, Array]:
        """(rms 0..1, stereo width 0..1) [len(times)] over 50 ms; the track's DC offset does not count.

        Width is side / sqrt(mid^2 + side^2): 0 for mono, 0.71 for unrelated sides, 1 for opposite phase.
        """
        spans = np.maximum(np.diff(self.edges), 1).astype(np.float64)
        dc = self.sums[:, :2].sum(axis=0) / float(max(self.samples, 1))
        means = self.sums / spans[:, None]
        squares = means[:, 2:] - 2.0 * dc * means[:, :2] + dc * dc
        squares = np.maximum(windows.moving_mean(squares, 5), 0.0)
        centre = (np.arange(self.count) + 0.5) / self.RATE
        mid, side = np.interp(times, centre, squares[:, 0]), np.interp(times, centre, squares[:, 1])
        power = mid + side
        # Below -90 dB a width would be that of the noise.
        return np.minimum(np.sqrt(power), 1.0), np.sqrt(np.where(power > 1e-9, side / np.maximum(power, 1e-9), 0.0))
