"""Which metrical level is the beat: half, once or twice the tempo that the tempogram found.

Three cues, each in 0..1: neighbouring beats are about equally strong (a level too fast alternates strong and weak);
what lies midway between beats is weaker (a level too slow has equals there); and a backbeat: snares on each second
beat. They are weighed with a prior that is flat over the tempi people tap and falls outside.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine import portable
from engine.analysis import onsets, windows

Array = NDArray[np.float64]

JUMP = 1.12
"""A change of period by this ratio begins a new segment."""
BLUR = 450
"""Rows by which a jump of the path may be off."""
STEP = 250
NEAR = 800
"""Rows on each side of a jump that tell the tempo there."""
SAME = 1.06
"""A ratio this near an octave is one."""
FEWEST = 8
SWITCH_SECONDS = 3.0
"""What a change of level costs: as much as so many seconds of beats of worth 1."""
FACTORS = (1.0, 2.0, 0.5)
COMFORT = (78.0, 150.0)
"""Tempi in bpm within which the prior is flat."""
FALL = 0.45
"""Standard deviation in octaves of the prior's fall outside."""
BACKBEAT = 2.5
SLOWEST, FASTEST = 55.0, 215.0


def jumps(period: Array) -> list[int]:
    """0, the rows at which the period jumps, and the count of rows."""
    ratio = period[1:] / period[:-1]
    return [0, *(np.flatnonzero((ratio > JUMP) | (ratio < 1 / JUMP)) + 1).tolist(), len(period)]


def settle(period: Array, signal: Array) -> Array:
    """The period with each jump moved to where the music jumps: the tempogram's windows blur it over some seconds.

    Up to the jump an onset should have another one old period before it, from there on one new period after it.
    """
    out = _without_steps(period)
    period = out.copy()
    soft = windows.moving_mean(signal, 5)
    cuts = jumps(period)
    for place in range(1, len(cuts) - 1):
        cut = cuts[place]
        low, high = max(cuts[place - 1] + 1, cut - BLUR), min(cuts[place + 1] - 1, cut + BLUR)
        # Medians: on its way from one tempo to the next the path may pass others.
        old = float(np.median(period[max(cuts[place - 1], cut - NEAR) : cut]))
        new = float(np.median(period[cut : min(cuts[place + 1], cut + NEAR)]))
        rows = np.arange(low, high)
        if len(rows) < 2:
            continue
        before = soft[rows] * soft[np.maximum(rows - round(old), 0)]
        after = soft[rows] * soft[np.minimum(rows + round(new), len(soft) - 1)]
        score = portable.rounded(np.cumsum(before) - np.cumsum(after))
        best = low + int(score.argmax()) + 1
        out[low:best], out[best:high] = old, new
    return out


def _without_steps(period: Array) -> Array:
    """A change that the path takes in steps, each shorter than STEP rows, is one jump at the first."""
    out = period.copy()
    cuts = jumps(period)
    for low, high in reversed(list(pairwise(cuts[1:]))):
        if high - low < STEP and high < len(out):
            out[low:high] = out[high]
    return out


def fold(period: Array) -> tuple[Array, list[int]]:
    """(the period with jumps by an octave undone, where each segment between jumps begins and the last ends).

    Music that keeps its tempo keeps its level for now, whatever the tempogram says; `correct` decides for each segment.
    """
    out = period.copy()
    cuts = jumps(period)
    for low in cuts[1:-1]:
        change = float(out[low] / out[low - 1])
        for octave in (2.0, 0.5):
            if 1.0 / SAME < change / octave < SAME:
                out[low:] = out[low:] / octave
    return out, cuts


def correct(
    period: Array,
    cuts: list[int],
    tried: Mapping[float, NDArray[np.int64]],
    signal: Array,
    strength: onsets.Strength,
) -> Array:
    """The period in rows with each segment's level put right; `tried`: factor -> the beats found with period / factor.

    The levels of all segments are chosen together (Viterbi): a change of level at one tempo has a price.
    """
    near = windows.sliding_max(signal, 3, 3)
    snare = windows.sliding_max(strength.snare, 3, 3)
    total = [0.0] * len(FACTORS)
    back: list[list[int]] = []
    for low, high in pairwise(cuts):
        gains = [_worth(tried[factor], low, high, period, factor, near, snare) for factor in FACTORS]
        # A new tempo may have any level; the same tempo should keep its own.
        kept = low > 0 and 1.0 / SAME < float(period[low] / period[low - 1]) < SAME
        price = SWITCH_SECONDS if kept else 0.0
        best = [_origin(total, i, price) for i in range(len(FACTORS))]
        total = [total[best[i]] - (price if i != best[i] else 0.0) + gains[i] for i in range(len(FACTORS))]
        back.append(best)
    state = total.index(max(total))
    out = period.copy()
    for (low, high), best in zip(reversed(list(pairwise(cuts))), reversed(back), strict=True):
        out[low:high] = period[low:high] / FACTORS[state]
        state = best[state]
    return out


def _origin(total: list[float], state: int, price: float) -> int:
    """The level from which it is best to come to level `state`."""
    options = [value - (price if place != state else 0.0) for place, value in enumerate(total)]
    return options.index(max(options))


def _worth(
    rows: NDArray[np.int64], low: int, high: int, period: Array, factor: float, near: Array, snare: Array
) -> float:
    """How well the beats within a segment make sense, times its seconds; on the grid."""
    at = rows[(rows >= low) & (rows < high)].astype(np.float64)
    tempo = 60.0 * onsets.RATE / float(np.median(period[low:high])) * factor
    if len(at) < FEWEST or not SLOWEST <= tempo <= FASTEST:
        return 0.0
    worth = comfort(tempo) * _cues(at, near, snare) * (high - low) / onsets.RATE
    return math.floor(worth * 65536.0 + 0.5) / 65536.0


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
