"""Functions of an expression that know the time: filters with a memory, oscillators and noise; float64 [frames] each.

They start at the track's first frame, whatever part of it is drawn. Times are seconds, so that 30 and 60 fps give the
same value at the same second, up to the sampling of their input.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine import portable
from engine.timeline import Timeline

Array = NDArray[np.float64]

MASK64 = (1 << 64) - 1


@dataclass(frozen=True)
class Signals:
    """What functions see of the track: the timeline, times in seconds float64 [frames], and the job's seed."""

    timeline: Timeline
    seconds: Array
    seed: int


def hash_unit(seed: int, index: int, lattice: NDArray[np.int64]) -> Array:
    """A float in 0..1 for each lattice point, by integers alone (splitmix64's finaliser, Steele et al. 2014)."""
    start = (seed * 0x9E3779B97F4A7C15 + index * 0xD1B54A32D192ED03 + 0x632BE59BD9B4E019) & MASK64
    z = lattice.astype(np.uint64) * np.uint64(0xBF58476D1CE4E5B9) + np.uint64(start)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        z = (z ^ (z >> np.uint64(shift))) * np.uint64(factor)
    z ^= z >> np.uint64(31)
    return (z >> np.uint64(40)).astype(np.float64) / float((1 << 24) - 1)


def ease(_: Signals, x: Array) -> Array:
    """3x^2 - 2x^3 of x clamped to 0..1."""
    x = np.minimum(np.maximum(x, 0.0), 1.0)
    return x * x * (3.0 - 2.0 * x)


def _step_seconds(signals: Signals) -> float:
    fps = signals.timeline.fps
    return fps.denominator / fps.numerator


def _one_pole_gain(signals: Signals, seconds: float) -> float:
    """The share of a step that one frame covers, for a time constant in seconds; 1 for none."""
    if seconds <= 0.0:
        return 1.0
    return 1.0 - float(portable.exp(np.array([-_step_seconds(signals) / seconds]))[0])


def smooth(signals: Signals, x: Array, attack: float, release: float) -> Array:
    """A one-pole filter with a time constant in seconds for each direction; it starts at the first value."""
    rise, fall = _one_pole_gain(signals, attack), _one_pole_gain(signals, release)
    state = float(x[0])
    out = []
    for value in x.tolist():
        state += (value - state) * (rise if value > state else fall)
        out.append(state)
    return np.array(out)


def envelope(signals: Signals, x: Array, attack: float, release: float) -> Array:
    """x followed at a limited slope: attack seconds from 0 to 1, release seconds back."""
    step = _step_seconds(signals)
    rise = step / attack if attack > 0.0 else np.inf
    fall = step / release if release > 0.0 else np.inf
    state = float(x[0])
    out = []
    for value in x.tolist():
        state = min(value, state + rise) if value > state else max(value, state - fall)
        out.append(state)
    return np.array(out)


def hold(signals: Signals, x: Array, seconds: float) -> Array:
    """The running maximum of a window by doubling: log2(window) passes, no loop over frames."""
    fps = signals.timeline.fps
    window = 1 + int(seconds * fps.numerator / fps.denominator + 1e-9)
    out, covered = x.copy(), 1
    while covered < window:
        shift = min(covered, window - covered)
        out[shift:] = np.maximum(out[shift:], out[:-shift])
        covered += shift
    return out


def integrate(signals: Signals, x: Array) -> Array:
    """The trapezoid sum of x over seconds, 0 at the first frame."""
    # Features are multiples of 2**-16, so this sum of them is exact; the step is applied after it, once.
    fps = signals.timeline.fps
    steps = np.concatenate((np.zeros(1), x[:-1] + x[1:]))
    return np.cumsum(steps) * fps.denominator / (2.0 * fps.numerator)


def _turns(signals: Signals, hz: Array) -> Array:
    """Cycles since the track's start; a steady rate is multiplied, not summed, to stay exact on long tracks."""
    return hz * signals.seconds if np.all(hz == hz[0]) else integrate(signals, hz)


def lfo(signals: Signals, hz: Array, phase: Array) -> Array:
    """The sine of the cycles that `hz` has made since the start, plus `phase` cycles."""
    turns = _turns(signals, hz) + phase
    return portable.sin((turns - np.floor(turns)) * (2.0 * np.pi))


def noise(signals: Signals, hz: Array, index: float) -> Array:
    """Value noise in -1..1: a hashed number at each cycle, eased between."""
    turns = _turns(signals, hz)
    # Beyond 2**52 a float has no fraction and a cast to integer means nothing: no value rather than a wrong one.
    turns = np.where(np.abs(turns) < 2.0**52, turns, np.nan)
    cell = np.floor(turns)
    lattice = np.nan_to_num(cell).astype(np.int64)
    left = hash_unit(signals.seed, int(index), lattice)
    right = hash_unit(signals.seed, int(index), lattice + 1)
    return 2.0 * (left + (right - left) * ease(signals, turns - cell)) - 1.0
