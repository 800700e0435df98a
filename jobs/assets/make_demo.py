"""Synthesises demo.wav: 16 seconds at 120 bpm with a calm opening, a build and a drop. Run it to write the file anew.

Everything is made by formula from numpy and one seeded generator, so the track carries no rights but the project's own.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

Array = NDArray[np.float64]

RATE = 22050
BEAT = 0.5
SECONDS = 16.0
DROP, END = 6.0, 14.0

# Two seconds each: A minor 9, F major 7, G, then the loop of the drop, and home. MIDI note numbers.
CHORDS = [
    (57, 60, 64, 67, 71),
    (53, 57, 60, 64, 67),
    (55, 59, 62, 67, 69),
    (57, 60, 64, 67, 71),
    (53, 57, 60, 64, 69),
    (48, 55, 60, 64, 67),
    (55, 59, 62, 66, 69),
    (57, 60, 64, 67, 72),
]


def hertz(note: float) -> float:
    """The frequency of a MIDI note number."""
    return float(440.0 * 2.0 ** ((note - 69.0) / 12.0))


def seconds(length: float) -> Array:
    """Sample times of a sound of that length."""
    return np.arange(round(length * RATE)) / RATE


def add(mix: Array, start: float, sound: Array, pan: float = 0.0) -> None:
    """Mix a mono sound into the stereo track [samples, 2] at a time in seconds; pan is -1 (left) to 1."""
    first = round(start * RATE)
    sound = sound[: max(len(mix) - first, 0)]
    angle = (pan + 1.0) * np.pi / 4.0
    mix[first : first + len(sound), 0] += sound * np.cos(angle)
    mix[first : first + len(sound), 1] += sound * np.sin(angle)


def saw(frequency: float, t: Array, brightness: Array | float) -> Array:
    """A band-limited saw whose harmonics fall off faster where it is less bright (0..1)."""
    total = np.zeros_like(t)
    for harmonic in range(1, min(24, int(RATE / 2.2 / frequency)) + 1):
        total += (
            np.sin(2.0 * np.pi * frequency * harmonic * t) / harmonic * np.exp((brightness - 1.0) * 0.45 * harmonic)
        )
    return total


def pad(note: float, length: float, brightness: Array, detune: float) -> Array:
    """A soft, slow chord tone."""
    t = seconds(length)
    shape = np.minimum(t / 0.35, 1.0) * np.minimum((length - t) / 0.4, 1.0)
    tone = saw(hertz(note + detune), t, brightness) + saw(hertz(note - detune), t, brightness)
    return 0.05 * shape * tone


def pluck(note: float, brightness: float) -> Array:
    """An arpeggio's note."""
    t = seconds(0.4)
    return 0.19 * saw(hertz(note), t, brightness - 1.5 * t) * np.exp(-t / 0.11) * np.minimum(t / 0.003, 1.0)


def kick() -> Array:
    """A falling sine with a click."""
    t = seconds(0.32)
    phase = 2.0 * np.pi * (48.0 * t + 110.0 * 0.035 * (1.0 - np.exp(-t / 0.035)))
    return 0.6 * np.sin(phase) * np.exp(-t / 0.13) * np.minimum((0.32 - t) / 0.02, 1.0)


def noise_hit(rng: np.random.Generator, length: float, decay: float, order: int) -> Array:
    """Noise made brighter by differences (order times) with an exponential decay."""
    t = seconds(length)
    noise = rng.standard_normal(len(t) + order)
    for _ in range(order):
        noise = np.diff(noise) * 0.6
    return noise * np.exp(-t / decay)


def bass(note: float, length: float) -> Array:
    """A round bass note."""
    t = seconds(length)
    shape = np.minimum(t / 0.01, 1.0) * np.minimum((length - t) / 0.03, 1.0)
    return shape * (0.24 * np.sin(2.0 * np.pi * hertz(note) * t) + 0.06 * saw(hertz(note), t, 0.4 - 1.2 * t))


def riser(rng: np.random.Generator, length: float) -> Array:
    """Noise and a gliding tone that lead into the drop."""
    t = seconds(length)
    x = t / length
    sweep = np.sin(2.0 * np.pi * (220.0 * t + 330.0 * t * x))
    return (0.05 * rng.standard_normal(len(t)) + 0.05 * sweep) * x**2


def draw_harmony(mix: Array) -> None:
    """Pads and the arpeggio."""
    for index, chord in enumerate(CHORDS):
        start = index * 2.0
        loud = 1.0 if DROP <= start < END else 0.75
        bright = np.interp(start + seconds(2.3), [0.0, 4.0, DROP, END, SECONDS], [0.1, 0.35, 0.8, 0.7, 0.1])
        for voice, note in enumerate(chord):
            add(mix, start, loud * pad(note, 2.3, bright, 0.06 + 0.01 * voice), pan=(voice - 2) * 0.4)
        for step in range(16):
            note = chord[(0, 2, 4, 1, 3, 2, 4, 3)[step % 8]] + (12 if step % 3 else 24)
            energy = 0.55 + 0.45 * (DROP <= start < END)
            sound = energy * pluck(note, 0.45 + 0.4 * energy)
            for echo in range(3):
                add(
                    mix,
                    start + step * BEAT / 4 + echo * BEAT * 0.75,
                    sound * 0.45**echo,
                    pan=(-1) ** (step + echo) * 0.6,
                )


def draw_rhythm(mix: Array, rng: np.random.Generator) -> None:
    """Bass, hats, claps and the build; kicks are laid over later."""
    hat, clap = 0.24 * noise_hit(rng, 0.08, 0.018, 3), 0.28 * noise_hit(rng, 0.25, 0.07, 1)
    for step in np.arange(2.0, END, BEAT / 2):
        add(mix, step, hat * (1.0 if step % BEAT else 0.55) * (1.0 if step >= DROP else 0.6), pan=0.3)
    for beat in np.arange(DROP + BEAT, END, 2 * BEAT):
        add(mix, beat, clap)
    roll = np.concatenate((np.arange(4.0, 5.0, BEAT / 2), np.arange(5.0, DROP - 0.25, BEAT / 4)))
    for hit in roll:
        add(mix, hit, clap * (0.2 + 0.35 * (hit - 4.0)), pan=0.1)
    add(mix, 4.0, riser(rng, 1.9))
    add(mix, DROP, 0.5 * noise_hit(rng, 2.5, 0.8, 1))
    for index, chord in enumerate(CHORDS):
        start = index * 2.0
        if DROP <= start < END:
            for step, length in ((0.0, 0.7), (0.75, 0.45), (1.25, 0.2), (1.5, 0.45)):
                add(mix, start + step, bass(chord[0] - 24 + 12 * (step == 1.25), length))


def make_track() -> Array:
    """The track: float64 [samples, 2] at RATE, within -1..1."""
    rng = np.random.default_rng(7)
    mix = np.zeros((round(SECONDS * RATE), 2))
    draw_harmony(mix)
    draw_rhythm(mix, rng)
    kicks = [*np.arange(0.0, 4.0, 4 * BEAT), *np.arange(DROP, END, BEAT)]
    t = np.arange(len(mix)) / RATE
    duck = np.ones(len(mix))
    for beat in kicks:
        if beat >= DROP:  # everything makes room for the kick
            duck *= 1.0 - 0.45 * np.exp(-np.maximum(t - beat, 0.0) / 0.12) * (t >= beat)
    mix *= duck[:, None]
    for beat in kicks:
        add(mix, beat, kick() * (1.0 if beat >= DROP else 0.5))
    mix *= np.minimum(1.0, (SECONDS - t) / 1.8)[:, None]
    return np.asarray(0.89 * np.tanh(1.5 * mix / np.quantile(np.abs(mix), 0.999)), dtype=np.float64)


if __name__ == "__main__":
    target = Path(__file__).with_name("demo.wav")
    soundfile.write(target, make_track(), RATE, subtype="PCM_16")
    print(f"wrote {target.name}: {SECONDS:g} s, {target.stat().st_size} bytes")
