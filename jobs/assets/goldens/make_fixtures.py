"""Synthesises the short tracks of the goldens: pulse.flac and sweep.wav. Run it to write them anew.

Another file means other goldens, all of them: the committed files count, not what this makes on your machine. Made by
formula from numpy and one seeded generator, so they carry no rights but the project's own.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

Array = NDArray[np.float64]

RATE = 16000
SECONDS = 6.0
BEAT = 0.4
DROP = 3.0
"""Here a calm part becomes a loud one: the modes `energy` and `adaptive` cut there."""


def make_pulse() -> Array:
    """A tone and faint hats, then kicks on every beat, a chord and bright hats: float64 [samples, 2]."""
    rng = np.random.default_rng(11)
    t = np.arange(int(RATE * SECONDS)) / RATE
    loud = 1.0 / (1.0 + np.exp(-(t - DROP) * 60.0))
    since = t % BEAT
    kick = np.sin(2.0 * np.pi * (50.0 * since + 3.0 * (1.0 - np.exp(-since / 0.03)))) * np.exp(-since / 0.1)
    off = (t + BEAT / 2.0) % BEAT
    hat = np.diff(rng.standard_normal(len(t) + 1)) * np.exp(-off / 0.02)
    chord = sum(np.sin(2.0 * np.pi * hertz * t + one) for one, hertz in enumerate((220.0, 277.2, 329.6, 880.0)))
    tone = np.sin(2.0 * np.pi * 196.0 * t) * (0.6 + 0.4 * np.sin(2.0 * np.pi * 0.7 * t))
    left = 0.12 * tone + loud * (0.42 * kick + 0.05 * chord) + (0.01 + 0.08 * loud) * hat
    right = 0.10 * tone + loud * (0.42 * kick + 0.05 * np.roll(chord, 90)) + (0.01 + 0.05 * loud) * hat
    return np.asarray(np.stack((left, right), axis=1), np.float64)


def make_sweep() -> Array:
    """A rising tone in one channel, with a pause: float64 [samples]."""
    t = np.arange(int(8000 * 1.5)) / 8000
    return np.asarray(0.7 * np.sin(2.0 * np.pi * (60.0 * t + 700.0 * t * t)) * (np.abs(t - 1.0) > 0.1), np.float64)


if __name__ == "__main__":
    folder = Path(__file__).parent
    # Eight bits are enough to see, and small.
    soundfile.write(folder / "pulse.flac", make_pulse(), RATE, subtype="PCM_S8")
    soundfile.write(folder / "sweep.wav", make_sweep(), 8000, subtype="PCM_16")
    for name in ("pulse.flac", "sweep.wav"):
        print(f"wrote {name}: {(folder / name).stat().st_size} bytes")
