"""Synthesised sounds for tests and benchmarks: every value follows from the arguments, nothing is stored.

A sound is float64 [samples] (mono), full scale 1.0; `write` puts one into a file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

Sound = NDArray[np.float64]
RATE = 44100

# Position within a bar of four beats -> instruments: k kick, s snare, h hat, o open hat, t tom.
PATTERNS: dict[str, dict[float, str]] = {
    "rock": {0: "kh", 0.5: "h", 1: "sh", 1.5: "h", 2: "kh", 2.5: "h", 3: "sh", 3.5: "h"},
    "house": {0: "k", 0.5: "o", 1: "ks", 1.5: "o", 2: "k", 2.5: "o", 3: "ks", 3.5: "o"},
    "busy": {0: "kh", 0.5: "h", 1: "sh", 1.5: "kh", 2: "kh", 2.5: "h", 3: "sh", 3.5: "h", 3.75: "k"},
    "break": {0: "kh", 0.5: "kh", 1: "sh", 1.5: "h", 1.75: "s", 2: "h", 2.25: "s", 2.5: "kh", 3: "sh", 3.5: "h"},
    "quarter": {0: "kh", 1: "sh", 2: "kh", 3: "sh"},
    "sixteen": {**{i / 4: "h" for i in range(16)}, 0: "kh", 1: "sh", 2: "kh", 2.5: "kh", 3: "sh"},
}
FILL: dict[float, str] = {2: "s", 2.25: "s", 2.5: "s", 2.75: "t", 3: "t", 3.25: "t", 3.5: "t", 3.75: "t"}


@dataclass
class Loop:
    """A drum loop with what is in it; times in seconds."""

    sound: Sound
    beats: list[float] = field(default_factory=list)
    onsets: list[float] = field(default_factory=list)


def drum_loop(
    bpm: float,
    seconds: float = 25.0,
    pattern: str = "rock",
    *,
    swing: float = 0.5,
    fills: bool = True,
    change: float | None = None,
    seed: int = 1,
    rate: int = RATE,
) -> Loop:
    """Drums at `bpm`; `swing` is where the off-beat eighth falls within the beat (0.5 straight, 0.667 triplet).

    fills: the last half of each fourth bar is a fill. change: the tempo of the second half.
    """
    rng = np.random.default_rng(seed)
    loop = Loop(np.zeros(round(seconds * rate)))
    bank = {name: _drum(name, rate, rng) for name in "kshot"}
    time, bar, tempo = 0.1, 0, bpm
    while time < seconds - 0.3:
        if change is not None and time > seconds / 2:
            tempo = change
        hits = dict(PATTERNS[pattern])
        if fills and bar % 4 == 3:
            hits = {at: names for at, names in hits.items() if at < 2} | FILL
        beat = 60.0 / tempo
        loop.beats += [time + i * beat for i in range(4) if time + i * beat < seconds - 0.3]
        for at in sorted(hits):
            when = time + (int(at) + _swung(at - int(at), swing)) * beat
            if when >= seconds - 0.3:
                continue
            loop.onsets.append(when)
            for name in hits[at]:
                level = float(rng.uniform(0.8, 1.0))
                _add(loop.sound, bank[name] * level, round(when * rate))
        time += 4 * beat
        bar += 1
    loop.sound *= 0.8 / np.abs(loop.sound).max()
    return loop


def click_track(times: list[float], seconds: float, rate: int = RATE) -> Sound:
    """A 3 ms burst whose first sample is the one at round(time * rate)."""
    out = np.zeros(round(seconds * rate))
    count = max(1, round(0.003 * rate))
    burst = np.cos(2 * np.pi * 2000 * np.arange(count) / rate) * np.linspace(1, 0, count)
    for time in times:
        _add(out, 0.9 * burst, round(time * rate))
    return out


def sine(hertz: float, seconds: float, level: float = 0.5, rate: int = RATE) -> Sound:
    """A sine of peak `level` that starts at phase 0."""
    return level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)


def silence(seconds: float, rate: int = RATE) -> Sound:
    """Zeros."""
    return np.zeros(round(seconds * rate))


def offset(sound: Sound, level: float = 0.2) -> Sound:
    """The sound with a DC offset."""
    return sound * (1 - level) + level


def clipped(sound: Sound, gain: float = 8.0) -> Sound:
    """The sound driven hard into full scale."""
    return np.clip(sound * gain, -1, 1)


def write(path: Path, sound: Sound, rate: int = RATE, subtype: str | None = None) -> Path:
    """Write float64 [samples] or [samples, channels]; the format follows the suffix. Returns `path`."""
    channels = 1 if sound.ndim == 1 else sound.shape[1]
    with soundfile.SoundFile(str(path), "w", rate, channels, subtype=subtype) as file:
        # In parts: libvorbis overflows its stack on long writes.
        for first in range(0, max(len(sound), 1), 65536):
            file.write(sound[first : first + 65536])
    return path


def _swung(part: float, swing: float) -> float:
    return part / 0.5 * swing if part <= 0.5 else swing + (part - 0.5) / 0.5 * (1 - swing)


def _add(out: Sound, hit: Sound, at: int) -> None:
    end = min(len(out), at + len(hit))
    if end > at:
        out[at:end] += hit[: end - at]


def _drum(name: str, rate: int, rng: np.random.Generator) -> Sound:
    time = np.arange(round(0.3 * rate)) / rate
    # Without the fade a drum's cut tail would be a click of its own, an onset that nobody counted.
    faded: Sound = _strike(name, time, rng) * np.minimum(1.0, (time[-1] - time) / 0.1)
    return faded


def _strike(name: str, time: Sound, rng: np.random.Generator) -> Sound:
    noise = rng.standard_normal(len(time))
    bright = np.diff(noise, prepend=0.0)
    if name == "k":
        return np.sin(2 * np.pi * (50 * time - 4.5 * np.exp(-time * 35))) * np.exp(-time * 12) * 0.9
    if name == "s":
        return (0.35 * noise + 0.4 * np.sin(2 * np.pi * 190 * time)) * np.exp(-time * 22)
    if name == "t":
        return np.sin(2 * np.pi * (110 * time - 1.5 * np.exp(-time * 20))) * np.exp(-time * 14) * 0.7
    return bright * np.exp(-time * (60 if name == "h" else 18)) * 0.12
