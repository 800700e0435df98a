"""Which preset shows at which frame, and every transition: a pure function of the timeline, the switch and the seed.

Cuts are decided in seconds, on values sampled ten times a second, so that 30 and 60 fps cut at the same moments.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from engine.errors import InputError
from engine.scene import TRANSITIONS, Switch
from engine.shots import Seconds, Shots, make_shots
from engine.timeline import Timeline

SAMPLES_PER_SECOND = 10
JUMP_SECONDS = 2.0
JUMP = 0.18
"""A step between the means of the JUMP_SECONDS before and after that is worth a cut."""
ACTIVITY = ("bass", "mid", "treble")
"""Their mean is what steps: it follows a drop at once, and, unlike `energy`, does not depend on the frame rate."""
SNAP_SECONDS = 0.6
"""How far a cut may move to fall on a beat."""
SHORTEST = 0.25
"""Seconds that any preset shows at least, in the modes that have holds."""
END_SECONDS = 0.5
"""No cut so near to the end: it would look like a mistake."""


def plan(timeline: Timeline, presets: Sequence[str], switch: Switch, seed: int) -> Shots:
    """Plan a whole track; the first preset opens, the others follow in an order made from the seed.

    Modes: `manual` the first preset alone; `time` a cut every `every` seconds; `beat` every `every` beats, on a beat,
    within hold_min and hold_max; `energy` where the music changes (sections, energy steps), hold_min apart; `adaptive`
    as energy, but never longer than hold_max. Raises InputError for a switch that makes no sense.
    """
    if not presets:
        raise InputError("a scene needs at least one preset", "name one: scene.preset")
    _check(switch)
    shortest = max(switch.hold_min, SHORTEST)
    switch = replace(switch, hold_min=shortest, hold_max=max(switch.hold_max, shortest))
    alone = switch.mode == "manual" or len(presets) == 1
    cuts = np.zeros(0) if alone else _MODES[switch.mode](timeline, switch)
    cuts = cuts[(cuts > 0.0) & (cuts < _duration(timeline) - END_SECONDS)]
    return make_shots(timeline, len(presets), cuts, switch.change, seed)


def _check(switch: Switch) -> None:
    if switch.mode not in _MODES and switch.mode != "manual":
        raise InputError(f"unknown switch mode `{switch.mode}`", "modes: manual, beat, energy, time, adaptive")
    if switch.every <= 0.0:
        raise InputError(f"switch.every is {switch.every:g}", "give a number above 0")
    if not 0.0 <= switch.hold_min <= switch.hold_max:
        raise InputError(
            f"switch.hold_min {switch.hold_min:g} and hold_max {switch.hold_max:g} contradict each other",
            "0 <= hold_min <= hold_max",
        )
    change = switch.change
    if change.length < 0.0:
        raise InputError(f"switch.transition is {change.length:g}", "give 0 for a hard cut, or seconds")
    unknown = next((one for one in change.kinds if one not in TRANSITIONS), None)
    if unknown is not None or not change.kinds:
        raise InputError(f"unknown transition `{unknown}`", f"one of: {', '.join(TRANSITIONS)}")


def _duration(timeline: Timeline) -> float:
    return timeline.samples / timeline.sample_rate


def _by_time(timeline: Timeline, switch: Switch) -> Seconds:
    return np.arange(1, int(_duration(timeline) / switch.every) + 1, dtype=np.float64) * switch.every


def _by_beat(timeline: Timeline, switch: Switch) -> Seconds:
    beats, step = timeline.beats, max(int(switch.every + 0.5), 1)
    cuts: list[float] = []
    last = 0.0
    while last + switch.hold_min < _duration(timeline):
        earliest, latest = last + switch.hold_min, last + switch.hold_max
        wanted = int(np.searchsorted(beats, last - 1e-6)) + step
        at = float(beats[wanted]) if wanted < len(beats) else latest
        last = _snap(min(max(at, earliest), latest), earliest, latest, beats)
        cuts.append(last)
    return np.array(cuts)


def _by_energy(timeline: Timeline, switch: Switch) -> Seconds:
    return _follow_changes(timeline, switch, longest=np.inf)


def _adaptive(timeline: Timeline, switch: Switch) -> Seconds:
    return _follow_changes(timeline, switch, longest=switch.hold_max)


_MODES: Mapping[str, Callable[[Timeline, Switch], Seconds]] = {
    "time": _by_time,
    "beat": _by_beat,
    "energy": _by_energy,
    "adaptive": _adaptive,
}


def _follow_changes(timeline: Timeline, switch: Switch, longest: float) -> Seconds:
    changes = _changes(timeline)
    cuts: list[float] = []
    last = 0.0
    while True:
        ahead = changes[changes >= last + switch.hold_min]
        at = min(float(ahead[0]) if len(ahead) else np.inf, last + longest)
        if at >= _duration(timeline):
            return np.array(cuts)
        last = _snap(at, last + switch.hold_min, last + longest, timeline.beats)
        cuts.append(last)


def _changes(timeline: Timeline) -> Seconds:
    """Section starts, and the energy steps that are not those same changes seen again."""
    starts = timeline.sections
    steps = [one for one in _energy_steps(timeline) if not (np.abs(starts - one) < JUMP_SECONDS).any()]
    return np.union1d(starts, np.array(steps))


def _energy_steps(timeline: Timeline) -> Seconds:
    """Seconds at which the music's activity after differs most, by JUMP or more, from that before."""
    fps = timeline.fps
    count = int(_duration(timeline) * SAMPLES_PER_SECOND)
    half = int(JUMP_SECONDS * SAMPLES_PER_SECOND)
    if count < 2 * half:
        return np.zeros(0)
    # The frame that holds sample k's time, in whole numbers: the same second at every frame rate.
    frames = np.arange(count, dtype=np.int64) * fps.numerator // (SAMPLES_PER_SECOND * fps.denominator)
    frames = np.minimum(frames, timeline.frames - 1)
    activity = np.zeros(count)
    for name in ACTIVITY:
        activity += timeline.features[name][frames]
    sums = np.concatenate((np.zeros(1), np.cumsum(activity / len(ACTIVITY))))
    means = (sums[half:] - sums[:-half]) / half
    step = np.abs(means[half:] - means[:-half])  # step[j] is around sample j + half
    window = np.lib.stride_tricks.sliding_window_view(np.pad(step, half), 2 * half + 1)
    peak = (step >= JUMP) & (np.argmax(window, axis=1) == half)
    return (np.flatnonzero(peak) + half) / SAMPLES_PER_SECOND


def _snap(at: float, earliest: float, latest: float, beats: Seconds) -> float:
    """The beat nearest to `at` within SNAP_SECONDS and earliest..latest, or `at` where there is none."""
    near = beats[(beats >= earliest) & (beats <= latest) & (np.abs(beats - at) <= SNAP_SECONDS)]
    return float(near[int(np.argmin(np.abs(near - at)))]) if len(near) else at
