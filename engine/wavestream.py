"""Waveform windows cut from a stream on disk, one at a time: a long track costs no memory."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

WAVE = 512
SUBSAMPLE = 256
"""Window starts count in 1/SUBSAMPLE samples of the stream."""


class StreamWaves:
    """Windows of a file of little-endian int16 stereo samples at about 11 kHz: one pread a row, nothing is held.

    path: the stream. starts: int64 [frames], where each window begins, in 1/SUBSAMPLE samples (a window may begin
    before 0 or end beyond the stream: zeros). gain: what samples are multiplied by. Picklable while the file stays.
    """

    def __init__(self, path: Path, starts: NDArray[np.int64], gain: float) -> None:
        self.path, self.starts, self.gain = Path(path), starts, gain
        self._file: int | None = None

    def row(self, index: int) -> NDArray[np.int16]:
        """The window of frame `index`, interpolated between samples: int16 [2, WAVE]."""
        whole, part = divmod(int(self.starts[index]), SUBSAMPLE)
        samples = self._read(whole, WAVE + 1).astype(np.float64)
        between = samples[:-1] + (samples[1:] - samples[:-1]) * (part / SUBSAMPLE)
        scaled = np.clip(np.floor(between * self.gain + 0.5), -32768, 32767)
        return np.ascontiguousarray(scaled.astype(np.int16).T)

    def close(self) -> None:
        """Close the file; a later `row` opens it again."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def __del__(self) -> None:
        self.close()

    def __getstate__(self) -> dict[str, object]:
        return {"path": self.path, "starts": self.starts, "gain": self.gain, "_file": None}

    def _read(self, first: int, count: int) -> NDArray[np.int16]:
        out = np.zeros((count, 2), np.int16)
        if self._file is None:
            self._file = os.open(self.path, os.O_RDONLY)
        skipped = max(0, -first)
        if skipped < count:
            data = os.pread(self._file, (count - skipped) * 4, (first + skipped) * 4)
            got = np.frombuffer(data[: len(data) // 4 * 4], "<i2").reshape(-1, 2)
            out[skipped : skipped + len(got)] = got
        return out
