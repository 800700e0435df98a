"""The track in overlapping chunks, so that windows centred anywhere can be read while little is in memory.

Everything is counted at the analysis rate: 96 and 192 kHz are averaged down to 48 kHz by whole factors (music has next
to nothing above 24 kHz, and a box filter is the same on every machine).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine import audio

CHUNK = 196608
"""New samples a chunk: a multiple of every decimation that the readers use."""
MARGIN = 24576
"""Samples of context on each side: at least half a second at every analysis rate."""


@dataclass(frozen=True)
class Chunk:
    """pcm: float32 [MARGIN + count + MARGIN, channels], zeros beyond the track's ends.

    Its sample MARGIN is sample `start`.
    """

    start: int
    count: int
    pcm: NDArray[np.float32]
    stereo: NDArray[np.float64]
    mid: NDArray[np.float64]

    def rows(self, rate: float, sample_rate: int, last: int) -> NDArray[np.int64]:
        """The rows i <= last, of `rate` a second, whose centre lies in [start, start + count)."""
        guess = np.arange(
            int(self.start * rate / sample_rate) - 2, int((self.start + self.count) * rate / sample_rate) + 3
        )
        guess = guess[(guess >= 0) & (guess <= last)]
        centre = centres(guess, rate, sample_rate)
        inside: NDArray[np.int64] = guess[(centre >= self.start) & (centre < self.start + self.count)]
        return inside


def centres(rows: NDArray[np.int64], rate: float, sample_rate: int) -> NDArray[np.int64]:
    """The sample at the centre of each row: floor(i * sample_rate / rate + 1/2)."""
    centre: NDArray[np.int64] = np.floor(rows * (sample_rate / rate) + 0.5).astype(np.int64)
    return centre


def factor(sample_rate: int) -> int:
    """By how much the file's sample rate is divided for the analysis."""
    return max(1, sample_rate // 44100) if sample_rate >= 88200 else 1


def to_stereo(pcm: NDArray[np.float32]) -> NDArray[np.float64]:
    """float64 [n, 2]. Mono feeds both sides.

    From the third channel on, in the WAV order FL FR FC LFE then pairs of surround: centre and surrounds are added at
    -3 dB, the LFE is left out (ITU-R BS.775); any other count: even channels left, odd right.
    """
    count = pcm.shape[1]
    if count == 1:
        return np.repeat(pcm.astype(np.float64), 2, axis=1)
    out = pcm[:, :2].astype(np.float64)
    if count == 2:
        return out
    half = 0.7071067811865476
    if count in (3, 5, 6, 7, 8):
        surround = 3 if count in (3, 5) else 4
        out += pcm[:, 2:3] * half
        for index in range(surround, count):
            out[:, (index - surround) % 2] += pcm[:, index] * half
        return out
    out[:] = 0.0
    for index in range(count):
        out[:, index % 2] += pcm[:, index] * (2.0 / count)
    return out


def read(info: audio.AudioInfo) -> Iterator[Chunk]:
    """Yield the chunks of a track in order; the last may have fewer new samples."""
    channels = info.channels
    pending = np.zeros((MARGIN, channels), np.float32)
    start, ended = 0, False
    source = _decimated(info)
    parts: list[NDArray[np.float32]] = []
    have = 0
    total = 0
    while not ended:
        while have < CHUNK + MARGIN - (len(pending) - MARGIN) and not ended:
            part = next(source, None)
            if part is None:
                ended = True
            else:
                parts.append(part)
                have += len(part)
                total += len(part)
        pending = np.concatenate([pending, *parts])
        parts, have = [], 0
        while len(pending) >= CHUNK + 2 * MARGIN or (ended and start < total):
            count = min(CHUNK, total - start) if ended else CHUNK
            pcm = pending[: 2 * MARGIN + count]
            if len(pcm) < 2 * MARGIN + count:
                pcm = np.concatenate([pcm, np.zeros((2 * MARGIN + count - len(pcm), channels), np.float32)])
            stereo = to_stereo(pcm)
            yield Chunk(start, count, pcm, stereo, (stereo[:, 0] + stereo[:, 1]) * 0.5)
            pending = pending[count:]
            start += count


def _decimated(info: audio.AudioInfo) -> Iterator[NDArray[np.float32]]:
    by = factor(info.sample_rate)
    for block in audio.blocks(info, audio.BLOCK // by * by):
        if by == 1:
            yield block
            continue
        short = -len(block) % by
        filled = np.concatenate([block, np.zeros((short, info.channels), np.float32)])
        total = filled[0::by].copy()
        for offset in range(1, by):
            total += filled[offset::by]
        yield total * np.float32(1.0 / by)
