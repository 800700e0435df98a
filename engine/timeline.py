"""The Timeline: what the music does, one row per video frame of the whole track."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

GRID = 65536.0
"""Every value that reaches a kernel is rounded to a multiple of 1/GRID, so that float64 noise cannot move it."""

BANDS = 64
WAVE = 512


class Waves(Protocol):
    """Waveform windows, read one at a time so that a long track costs no memory."""

    def row(self, index: int) -> NDArray[np.int16]:
        """The window of frame `index`: int16 [2, WAVE], left and right (mono: twice the same), full scale 32767."""
        ...


@dataclass(frozen=True)
class Timeline:
    """Audio features of a whole track at the video rate; row i describes the time i / fps, seen without lag.

    features: name -> float32 [frames], on the 1/GRID grid; names, units and ranges in engine.analysis.
    bands:    float32 [frames, BANDS], log-spaced, 0..1, attack and release applied.
    beats:    float64 [n] seconds;  onsets: float64 [m] seconds;  sections: float64 [k] start seconds, first is 0.
    """

    fps: Fraction
    frames: int
    sample_rate: int
    channels: int
    samples: int
    tempo: float
    features: Mapping[str, NDArray[np.float32]]
    bands: NDArray[np.float32]
    waves: Waves
    beats: NDArray[np.float64]
    onsets: NDArray[np.float64]
    sections: NDArray[np.float64]


def to_grid(values: NDArray[np.float64]) -> NDArray[np.float32]:
    """Round to the nearest multiple of 1/GRID (float64 in, float32 out; exact for magnitudes up to 256)."""
    return (np.floor(values * GRID + 0.5) / GRID).astype(np.float32)
