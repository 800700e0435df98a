"""Which metrical level is the beat: half, once or twice the tempo that the tempogram found.

Three cues, each in 0..1: neighbouring beats are about equally strong (a level too fast alternates strong and weak); what lies
midway between beats is weaker (a level too slow has equals there); and a backbeat: snares on each second beat. They are weighed
with a prior that is flat over the tempi people tap and falls outside.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from engine.analysis import onsets, portable

Array = NDArray[np.float64]

JUMP = 1.12
"""A change of period by this ratio begins a new segment."""
SAME = 1.06
"""A ratio this near an octave is one."""
FEWEST = 8
FACTORS = (1.0, 2.0, 0.5)
COMFORT = (78.0, 165.0)
"""Tempi in bpm within which the prior is flat."""
FALL = 0.45
"""Standard deviation in octaves of the prior's fall outside."""
BACKBEAT = 2.5
SLOWEST, FASTEST = 55.0, 215.0


def fold(period: Array) -> Array:
    """The period with jumps by an octave undone: music that keeps its tempo keeps its level, whatever the tempogram says."""
    out = period.copy()
    cuts = _cuts(period)
    for low, high in zip(cuts[1:-1], cuts[2:], strict=True):
        ratio = float(out[low] / out[low - 1])
        for octave in (2.0, 0.5):
            if 1.0 / SAME < ratio / octave < SAME:
                out[low:] = out[low:] / octave
    return out


def correct(
    period: Array, tried: Mapping[float, NDArray[np.int64]], signal: Array, strength: onsets.Strength
) -> Array:
    """The period in rows with each segment's level put right; `tried`: factor -> the beats (rows) found with period / factor."""
    out = period.copy()
    near = portable.sliding_max(signal, 3, 3)
    snare = portable.sliding_max(strength.snare, 3, 3)
    cuts = _cuts(period)
    for low, high in zip(cuts[:-1], cuts[1:], strict=True):
        inside = {factor: rows[(rows >= low) & (rows < high)].astype(np.float64) for factor, rows in tried.items()}
        tempo = 60.0 * onsets.RATE / float(np.median(period[low:high]))
        out[low:high] = period[low:high] / _best(inside, tempo, near, snare)
    return out


def _cuts(period: Array) -> list[int]:
    ratio = period[1:] / period[:-1]
    return [0, *(np.flatnonzero((ratio > JUMP) | (ratio < 1 / JUMP)) + 1).tolist(), len(period)]


def _best(tried: Mapping[float, Array], tempo: float, near: Array, snare: Array) -> float:
    best, chosen = -1.0, 1.0
    for factor in FACTORS:
        at = tried[factor]
        if len(at) < FEWEST or not SLOWEST <= tempo * factor <= FASTEST:
            continue
        worth = comfort(tempo * factor) * _cues(at, near, snare)
        worth = math.floor(worth * 65536.0 + 0.5) / 65536.0
        if worth > best:
            best, chosen = worth, factor
    return chosen


def comfort(tempo: float) -> float:
    """The prior of a tempo in bpm."""
    slow, fast = COMFORT
    octaves = max(0.0, math.log2(slow / tempo), math.log2(tempo / fast))
    return math.exp(-0.5 * (octaves / FALL) ** 2)


def _cues(at: Array, near: Array, snare: Array) -> float:
    even, odd = _mean(near, at[0::2]), _mean(near, at[1::2])
    equal = min(even, odd) / max(even, odd, 1e-9)
    between = _mean(near, (at[:-1] + at[1:]) * 0.5) / max(_mean(near, at), 1e-9)
    return equal * max(0.0, 1.0 - 0.8 * min(between, 1.0)) * (1.0 + BACKBEAT * _backbeat(at, snare))


def _backbeat(at: Array, snare: Array) -> float:
    """How much each second beat alone has a snare, over groups of 16 beats; 0..1."""
    values = snare[_index(at, snare)]
    found = []
    for first in range(0, max(1, len(values) - 7), 8):
        part = values[first : first + 16]
        four = [float(part[i::4].mean()) for i in range(4)]
        top = max(four)
        if top <= 1e-6:
            continue
        odd, even = min(four[1], four[3]) - max(four[0], four[2]), min(four[0], four[2]) - max(four[1], four[3])
        found.append(max(0.0, odd, even) / top)
    return sum(found) / len(found) if found else 0.0


def _index(at: Array, values: Array) -> NDArray[np.int64]:
    return np.clip(np.floor(at + 0.5), 0, len(values) - 1).astype(np.int64)


def _mean(values: Array, at: Array) -> float:
    return float(values[_index(at, values)].mean()) if len(at) else 0.0
