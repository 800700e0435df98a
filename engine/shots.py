"""The director's plan, frame by frame: which preset shows, and how far each transition is, given the cuts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.expression_memory import hash_unit
from engine.scene import TRANSITIONS, Transition
from engine.timeline import Timeline, to_grid

SLOWEST_BEAT = 2.0
"""Seconds between two beats from which on there is a gap: the beats inside it are counted by the track's tempo."""
KIND_SALT = 1 << 20
"""Keeps the order of transitions apart from that of presets."""

Seconds = NDArray[np.float64]


@dataclass(frozen=True)
class Shots:
    """The director's plan, one entry per frame of the track.

    current, previous: int16 [frames], indices of presets; equal outside a transition.
    progress: float32 [frames], of the transition to `current`: smoothly from 0 at its cut to 1; 1 outside transitions.
    kind: int8 [frames], the transition to `current`, an index of engine.scene.TRANSITIONS; 0 (a cut) before the first.
    shot: int32 [frames], the number of the cuts so far.
    cuts: float64 [n] seconds, ascending, when `current` changes.
    """

    current: NDArray[np.int16]
    previous: NDArray[np.int16]
    progress: NDArray[np.float32]
    kind: NDArray[np.int8]
    shot: NDArray[np.int32]
    cuts: Seconds


def make_shots(timeline: Timeline, presets: int, cuts: Seconds, change: Transition, seed: int) -> Shots:
    """Plan shots between cuts, of presets in an order made from the seed, the first one first; likewise transitions.

    A transition is over at the next cut at the latest. In beats it goes as the beats go, faster where they are faster.
    """
    fps = timeline.fps
    seconds = np.arange(timeline.frames, dtype=np.float64) * fps.denominator / fps.numerator
    shot = np.searchsorted(cuts, seconds, side="right")  # 0 before the first cut; a frame at the cut shows the new one
    indices = np.array(seeded_order(presets, len(cuts) + 1, seed, [0]), dtype=np.int16)
    kinds = _kinds(change, len(cuts), seed)
    now, starts = (seconds, cuts) if not change.beats else (_count(timeline, seconds), _count(timeline, cuts))
    starts = np.concatenate((np.full(1, -np.inf), starts))
    lengths = np.concatenate((np.full(1, np.inf), np.diff(starts[1:]), np.full(1, np.inf)))[: len(starts)]
    lengths = np.where(kinds == TRANSITIONS.index("cut"), 0.0, np.minimum(change.length, lengths))
    fade = lengths[shot]
    elapsed = now - starts[shot]
    inside = elapsed < fade
    # Divided inside alone: the shortest fades overflow elsewhere.
    x = np.divide(elapsed, fade, out=np.ones_like(elapsed), where=inside)
    current = indices[shot]
    previous = np.where(inside, indices[np.maximum(shot - 1, 0)], current).astype(np.int16)
    progress = to_grid(x * x * (3.0 - 2.0 * x))
    return Shots(current, previous, progress, kinds[shot], shot.astype(np.int32), cuts)


def seeded_order(count: int, length: int, seed: int, opening: Sequence[int] = (), salt: int = 0) -> list[int]:
    """An index below `count` for each place: the least used of those not used lately, ties by the seed."""
    order, used = list(opening), [0] * count
    for one in order:
        used[one] += 1
    for place in range(len(order), length):
        lately = order[-max(count // 2, 1) :]
        rank = hash_unit(seed, salt + place, np.arange(count, dtype=np.int64))
        free = [one for one in range(count) if one not in lately] or [0]
        chosen = min(free, key=lambda one: (used[one], rank[one]))
        used[chosen] += 1
        order.append(chosen)
    return order


def _kinds(change: Transition, cuts: int, seed: int) -> NDArray[np.int8]:
    """The transition that leads into each shot; the first shot has none, which is a cut."""
    places = [TRANSITIONS.index(one) for one in change.kinds]
    chosen = seeded_order(len(places), cuts, seed, salt=KIND_SALT)
    return np.array([TRANSITIONS.index("cut"), *(places[one] for one in chosen)], dtype=np.int8)


def _count(timeline: Timeline, seconds: Seconds) -> Seconds:
    """Times as beats: how many there were before, and the part of the next. Gaps have beats at the track's tempo."""
    usual = 60.0 / timeline.tempo
    end = timeline.samples / timeline.sample_rate
    marks = [0.0] if not len(timeline.beats) else [float(timeline.beats[0])]
    for beat in (*timeline.beats[1:].tolist(), max(end, marks[0]) + 2.0 * usual):
        last, gap = marks[-1], beat - marks[-1]
        parts = int(gap / usual + 0.5) if gap > max(SLOWEST_BEAT, 1.5 * usual) else 1
        marks += [last + gap * (k + 1) / parts for k in range(parts)]
    before = int(marks[0] / usual) + 1
    marks = [*(marks[0] - usual * (before - k) for k in range(before)), *marks]
    return np.interp(seconds, marks, np.arange(len(marks), dtype=np.float64))
