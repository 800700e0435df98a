"""What the music did before a frame: the last onsets and beats, and the bands of the last seconds.

Pure functions of the second, not of the frames drawn before: effects that show the past need no memory.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.timeline import BANDS, Timeline, to_grid

HISTORY = 160
HISTORY_RATE = 20
"""The history holds the bands at every 1/HISTORY_RATE second of the track, the newest HISTORY of them: 8 seconds."""
LONG_AGO = 1000.0
"""The age of an event that there never was, in seconds; its strength is 0."""
NUMBERS = 4096
"""Events are numbered from 0 in the track, modulo this: what a kernel makes its random numbers from."""

Floats = NDArray[np.float32]


def recent(times: NDArray[np.float64], strengths: Floats, now: float, out: Floats) -> None:
    """Fill out, float32 [3, columns], with the newest events up to `now`: age in seconds, strength, number.

    times: ascending seconds; strengths: one each. As many events as fit into out; the rest has never been.
    """
    end = int(np.searchsorted(times, now + 1e-9, side="right"))
    first = max(end - out.shape[1], 0)
    count = end - first
    newest = np.arange(end - 1, first - 1, -1)
    out[0], out[1:] = LONG_AGO, 0.0
    out[0, :count] = to_grid(np.minimum(now - times[newest], LONG_AGO))
    out[1, :count] = strengths[newest]
    out[2, :count] = newest % NUMBERS


def onset_strengths(timeline: Timeline) -> Floats:
    """How strong each onset of the track is, 0..1: the flux of its frame and the one after."""
    return _at_events(timeline, timeline.onsets, "flux")


def beat_strengths(timeline: Timeline) -> Floats:
    """How loud the bass is on each beat, 0..1."""
    return _at_events(timeline, timeline.beats, "bass")


def _at_events(timeline: Timeline, times: NDArray[np.float64], feature: str) -> Floats:
    values = timeline.features[feature]
    frames = np.minimum((times * float(timeline.fps)).astype(np.int64), timeline.frames - 1)
    strongest = np.maximum(values[frames], values[np.minimum(frames + 1, timeline.frames - 1)])
    return np.asarray(np.clip(strongest, 0.0, 1.0), np.float32)


def history(timeline: Timeline, frame: int, out: Floats) -> float:
    """Fill out, float32 [HISTORY, BANDS], with bands at whole multiples of 1/HISTORY_RATE second, the newest first.

    Before the track there was silence. Returns how far the newest moment is past, in 1/HISTORY_RATE seconds: 0..1,
    1 excluded. What scrolls moves by that share of a row.
    """
    fps = timeline.fps
    ticks, rest = divmod(frame * HISTORY_RATE * fps.denominator, fps.numerator)
    place = (ticks - np.arange(HISTORY)) * (float(fps) / HISTORY_RATE)
    low = np.clip(np.floor(place).astype(np.int64), 0, timeline.frames - 1)
    share = np.clip(place - low, 0.0, 1.0).astype(np.float32)[:, None]
    older, newer = timeline.bands[low], timeline.bands[np.minimum(low + 1, timeline.frames - 1)]
    out[:, :BANDS] = np.where((place < 0.0)[:, None], 0.0, older + (newer - older) * share)
    return rest / fps.numerator
