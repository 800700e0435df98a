"""From measurements at fixed rates to the features of each video frame.

Everything here is a function of time alone, sampled at i / fps: 30 and 60 fps show the same second of music the same
way.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from engine import portable
from engine.analysis import beats as beat_module
from engine.analysis import onsets, spectrum, windows

Array = NDArray[np.float64]

DECIBELS = 10.0 / math.log2(10.0)
"""Of one bit of power."""
ATTACK, RELEASE = 0.02, 0.25
RESOLUTION = 0.0005
"""Events are known to this many seconds, early: one this close before a frame's start belongs to that frame."""
ONSET_LENGTH, BEAT_LENGTH = 0.3, 0.5
"""Seconds after which a pulse is 0; its fall is quadratic, a quarter is left at half of it."""
BAND_RANGE = 42.0
BAND_TOP = 0.93
SILENT = -75.0
"""dB relative to full scale under which a band has no music in it."""
BLOCK = 2048
"""Rows in float64 at a time."""
LOUDNESS_RANGE = 30.0


def event_frames(times: Array, fps: Fraction) -> NDArray[np.int64]:
    """The frame whose interval [i / fps, (i + 1) / fps) holds each event."""
    return np.floor((times + RESOLUTION) * float(fps) + 1e-9).astype(np.int64)


def pulse(times: Array, length: float, fps: Fraction, frames: int) -> Array:
    """[frames]: exactly 1 on each event's frame, then (1 - age / length)^2 of the time since the last event."""
    out = np.zeros(frames)
    if not len(times):
        return out
    at = event_frames(times, fps)
    index = np.arange(frames)
    last = np.searchsorted(at, index, side="right") - 1
    age = index / float(fps) - times[np.maximum(last, 0)]
    fall = np.clip(1.0 - np.maximum(age, 0.0) / length, 0.0, 1.0)
    out = np.where(last >= 0, fall * fall, 0.0)
    out[at[(at >= 0) & (at < frames)]] = 1.0
    return out


def phases(found: beat_module.Beats, frame_times: Array) -> tuple[Array, Array, Array]:
    """(beat_phase 0..1, bar_phase 0..1, tempo in bpm) at each frame.

    Beyond the first and last beat they go on evenly.
    """
    beats = found.times
    if len(beats) < 2:
        zeros = np.zeros(len(frame_times))
        return zeros, zeros.copy(), np.full(len(frame_times), found.tempo)
    gaps = np.diff(beats)
    padded = np.concatenate((np.repeat(gaps[:1], 2), gaps, np.repeat(gaps[-1:], 2)))
    local = windows.moving_mean(np.median(np.lib.stride_tricks.sliding_window_view(padded, 5), axis=1), 5)
    index = np.clip(np.searchsorted(beats, frame_times, side="right") - 1, 0, len(gaps) - 1)
    place = index + (frame_times - beats[index]) / gaps[index]
    bar = (place - found.downbeat) / beat_module.PER_BAR
    return place - np.floor(place), bar - np.floor(bar), 60.0 / local[index]


def smooth(values: Array, rate: float, state: Array | None = None) -> Array:
    """One-pole smoothing along axis 0, in place: ATTACK for rises, RELEASE for falls.

    State: the row before the first.
    """
    up, down = portable.decay(ATTACK, rate), portable.decay(RELEASE, rate)
    now = np.zeros(values.shape[1]) if state is None else state.copy()
    step, slow = np.empty_like(now), np.empty_like(now)
    for row in values:
        np.subtract(row, now, out=step)
        np.multiply(step, down, out=slow)
        np.multiply(step, up, out=step)
        np.maximum(step, slow, out=step)  # of a rise the larger, of a fall the smaller share: up > down
        np.add(now, step, out=now)
        row[:] = now
    return values


def levels(bands: spectrum.Bands) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What bands [rows, 64] and bass, mid, treble [rows, 3] show: 0..1 at spectrum.Bands.RATE, smoothed, on the grid.

    The first is `bands.logs` itself, overwritten: a second table of that size would be most of the memory in use.
    """
    count = bands.count
    shown, wide = bands.logs, np.zeros(bands.wide.shape, np.float32)
    reference = band_reference(bands.logs)
    if reference is None:
        shown[:] = 0.0
        return shown, wide
    loud = wide_reference(bands.wide)
    state = np.zeros(count + wide.shape[1])
    for first in range(0, len(shown), BLOCK):
        here = slice(first, first + BLOCK)
        values = np.empty((len(shown[here]), len(state)))
        level = BAND_TOP + (shown[here] * DECIBELS - reference) / BAND_RANGE
        np.clip(level, 0.0, 1.0, out=level)
        np.multiply(level, np.sqrt(level), out=values[:, :count])
        values[:, count:] = np.minimum(np.sqrt(bands.wide[here]) / loud, 1.0)
        smooth(values, spectrum.Bands.RATE, state)
        state = values[-1].copy()
        values = portable.rounded(values)
        shown[here], wide[here] = values[:, :count], values[:, count:]
    return shown, wide


def band_reference(logs: NDArray[np.float32]) -> Array | None:
    """The level in dB that fills each band; None where nothing sounds.

    It follows the track's own loud level in each band (95th percentile, smoothed over neighbours), so that treble
    lives; three tenths of the distance to the loudest band are kept, so that the spectrum keeps its shape.
    """
    sounding = logs.max(axis=1) > SILENT / DECIBELS
    if not sounding.any():
        return None
    loud = np.array([float(np.percentile(column[sounding], 95)) for column in logs.T]) * DECIBELS
    loud = windows.moving_mean(np.maximum(loud, max(float(loud.max()) - 50.0, SILENT)), 9)
    return loud + 0.3 * (float(loud.max()) - loud)


def wide_reference(power: Array) -> Array:
    """The amplitude that fills bass, mid and treble: the 95th percentile of the parts where something sounds."""
    out = np.full(power.shape[1], np.inf)
    for column in range(power.shape[1]):
        part = power[:, column]
        sounding = part[part > 10.0 ** (SILENT / 10.0)]
        if len(sounding):
            out[column] = math.sqrt(float(np.percentile(sounding, 95)))
    return out


def relative_loudness(lufs: Array, floor: float) -> Array:
    """0..1: 1 at the track's loudest short-term, 0 at LOUDNESS_RANGE dB under it and in silence."""
    top = float(lufs.max())
    if top <= floor:
        return np.zeros(len(lufs))
    return np.clip(1.0 - (top - lufs) / LOUDNESS_RANGE, 0.0, 1.0) * (lufs > floor)


def energy(loudness: Array, rate: float) -> Array:
    """0..1 over sections: loudness smoothed over 6 s, stretched between the track's quiet and loud parts."""
    slow = windows.moving_mean(loudness, int(6.0 * rate))
    if float(slow.max()) <= 0.0:
        return np.zeros(len(slow))
    low, high = float(np.percentile(slow, 5)), float(np.percentile(slow, 95))
    return np.clip(1.0 - (high - slow) / max(high - low, 0.25), 0.0, 1.0)


def flux(strength: onsets.Strength, frame_times: Array) -> Array:
    """Onset strength 0..1 relative to the track's strong onsets."""
    total = strength.total
    if not len(total) or float(total.max()) <= 0.0:
        return np.zeros(len(frame_times))
    strong = max(float(np.percentile(total[total > 0.0], 99)), onsets.LEAST)
    rows = np.arange(len(total)) / onsets.RATE
    return np.minimum(np.interp(frame_times, rows, total) / strong, 1.0)
