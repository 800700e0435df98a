"""A short piece of synthesised music, for benchmarks and preset pictures where no track is given."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE = 44100
BPM = 120.0

Signal = NDArray[np.float64]


def write(path: Path, seconds: float) -> None:
    """Write `seconds` of music as 16-bit stereo WAV: pad, bass, arpeggio, and drums from the second bar on."""
    import soundfile

    count = round(seconds * RATE)
    time = np.arange(count) / RATE
    left = _pad(time, 0.0) + _bass(time) + _drums(time)
    right = _pad(time, 0.3) + _bass(time) + _drums(time) + 0.5 * _arpeggio(time)
    both = np.stack([left + 0.2 * _arpeggio(time), right], axis=1)
    peak = float(np.max(np.abs(both), initial=1e-9))
    soundfile.write(path, both * (0.9 / peak), RATE, subtype="PCM_16")


def _beat(time: Signal, per_beat: float = 1.0) -> tuple[Signal, Signal]:
    """Index of the current (sub)beat and the seconds since it began."""
    step = 60.0 / BPM / per_beat
    index = np.floor(time / step)
    return index, time - index * step


def _pad(time: Signal, phase: float) -> Signal:
    bar = np.floor(time * BPM / 240.0).astype(np.int64)
    root = np.array([110.0, 87.31, 130.81, 98.0])[bar % 4]
    voices = [np.sin(2 * np.pi * root * ratio * time + phase * ratio) / ratio for ratio in (1.0, 1.5, 2.0, 2.52, 4.0)]
    return 0.12 * np.asarray(np.sum(voices, axis=0)) * (0.7 + 0.3 * np.sin(2 * np.pi * 0.2 * time + phase))


def _bass(time: Signal) -> Signal:
    _, since = _beat(time, 2.0)
    bar = np.floor(time * BPM / 240.0).astype(np.int64)
    root = np.array([55.0, 43.65, 65.41, 49.0])[bar % 4]
    return 0.35 * np.sin(2 * np.pi * root * time) * np.exp(-5.0 * since)


def _arpeggio(time: Signal) -> Signal:
    index, since = _beat(time, 4.0)
    note = 440.0 * np.power(2.0, np.array([0, 3, 7, 10, 12, 10, 7, 3])[index.astype(np.int64) % 8] / 12)
    return 0.2 * np.sin(2 * np.pi * note * time) * np.exp(-9.0 * since)


def _drums(time: Signal) -> Signal:
    index, since = _beat(time)
    kick = np.sin(2 * np.pi * (50.0 * since + 7.0 * (1 - np.exp(-30.0 * since)))) * np.exp(-9.0 * since)
    noise = np.random.default_rng(1).uniform(-1.0, 1.0, time.size)
    snare = noise * np.exp(-18.0 * since) * (index % 2)
    _, between = _beat(time, 2.0)
    hat = noise * np.exp(-70.0 * between)
    return np.asarray((0.9 * kick + 0.35 * snare + 0.12 * hat) * (index >= 4))
