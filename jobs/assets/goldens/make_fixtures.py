"""Synthesises the short tracks of the goldens: pulse.flac, sweep.wav and parts.flac. Run it to write them anew.

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
PARTS_RATE = 11025
PARTS_SECONDS = 24.0
CHANGE = 11.0
"""Sections are found from 16 s on."""


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


def make_parts() -> Array:
    """Calm drums, then louder ones at another tempo: float64 [samples] at PARTS_RATE."""
    rng = np.random.default_rng(12)
    t = np.arange(int(PARTS_RATE * PARTS_SECONDS)) / PARTS_RATE
    second = t >= CHANGE
    since = np.where(second, t - CHANGE, t)
    beat = np.where(second, 60.0 / 126.0, 60.0 / 84.0)
    place = since / beat
    age = (place - np.floor(place)) * beat
    half = (place * 2.0 - np.floor(place * 2.0)) * beat / 2.0
    kick = np.sin(2.0 * np.pi * (55.0 * age + 3.0 * (1.0 - np.exp(-age / 0.03)))) * np.exp(-age / 0.09)
    noise = rng.standard_normal(len(t) + 1)
    snare = noise[1:] * np.exp(-age / 0.06) * (np.floor(place) % 2.0 == 1.0)
    hat = np.diff(noise) * np.exp(-half / 0.015)
    bass = np.sin(2.0 * np.pi * np.where(second, 82.4, 61.7) * t)
    pad = sum(np.sin(2.0 * np.pi * hertz * t) for hertz in (392.0, 493.9, 1174.7))
    quiet = 0.16 * kick + 0.05 * snare + 0.01 * hat + 0.05 * bass
    loud = 0.4 * kick + 0.12 * snare + 0.04 * hat + 0.1 * bass + 0.03 * pad
    return np.asarray(np.where(second, loud, quiet), np.float64)


if __name__ == "__main__":
    folder = Path(__file__).parent
    # Eight bits are enough to see, and small.
    soundfile.write(folder / "pulse.flac", make_pulse(), RATE, subtype="PCM_S8")
    soundfile.write(folder / "sweep.wav", make_sweep(), 8000, subtype="PCM_16")
    soundfile.write(folder / "parts.flac", make_parts(), PARTS_RATE, subtype="PCM_S8")
    for name in ("pulse.flac", "sweep.wav", "parts.flac"):
        print(f"wrote {name}: {(folder / name).stat().st_size} bytes")
