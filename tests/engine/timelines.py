"""Small timelines made by formula, for tests of what reads one."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from engine.timeline import BANDS, WAVE, Timeline, to_grid

Curve = Callable[[NDArray[np.float64]], NDArray[np.float64]]

FEATURE_NAMES = (
    *("rms", "lufs", "loudness", "bass", "mid", "treble", "centroid", "flux", "onset", "beat"),
    *("beat_phase", "bar_phase", "beat_conf", "tempo", "energy", "section", "stereo"),
)


class SilentWaves:
    """Waveform windows of silence."""

    def row(self, index: int) -> NDArray[np.int16]:
        del index
        return np.zeros((2, WAVE), dtype=np.int16)


def make_timeline(
    seconds: float = 4.0,
    fps: Fraction = Fraction(30),
    beats: NDArray[np.float64] | None = None,
    sections: tuple[float, ...] = (0.0,),
    **curves: Curve,
) -> Timeline:
    """A timeline whose features are zero, or curves of the time in seconds (float64 [frames])."""
    frames = int(seconds * fps + Fraction(1, 2))
    t = np.arange(frames, dtype=np.float64) * fps.denominator / fps.numerator
    features = {name: np.zeros(frames, dtype=np.float32) for name in FEATURE_NAMES}
    features |= {name: to_grid(curve(t)) for name, curve in curves.items()}
    bands = np.repeat(np.arange(BANDS, dtype=np.float32)[None, :] / BANDS, frames, axis=0)
    found = np.zeros(0) if beats is None else beats
    samples = int(seconds * 1000)
    return Timeline(
        fps, frames, 1000, 1, samples, 120.0, features, bands, SilentWaves(), found, np.zeros(0), np.array(sections)
    )
