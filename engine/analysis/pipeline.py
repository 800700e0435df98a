"""One pass over the samples, then one over the measurements: a file becomes a Timeline."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from engine import audio, portable
from engine.analysis import beats, chunks, features, loudness, onsets, sections, spectrum, waves, windows
from engine.errors import InputError, OutputError
from engine.timeline import BANDS, STREAM, StreamWaves, Timeline, to_grid

Array = NDArray[np.float64]

MOST_FPS = 240


def frame_count(duration: Fraction, fps: Fraction) -> int:
    """Video frames of a track: floor(duration * fps + 1/2), at least 1."""
    return max(1, math.floor(duration * fps + Fraction(1, 2)))


def analyse(path: Path, fps: Fraction, workdir: Path, progress: Callable[[float], None] | None = None) -> Timeline:
    """Analyse a whole track. The wave stream is written to `workdir` (made if missing) and stays there.

    progress: told the share done, 0..1, now and then. Raises AudioError, InputError (fps) or OutputError (workdir).
    """
    if not 0 < fps <= MOST_FPS:
        raise InputError(f"fps must be above 0 and at most {MOST_FPS}, not {fps}", "use 24, 30, 60 or such")
    info = audio.probe(path)
    frames = frame_count(info.duration, fps)
    try:
        workdir.mkdir(parents=True, exist_ok=True)
        with (workdir / STREAM).open("wb") as stream:
            found = _measure(info, frames, fps, stream, progress)
    except OSError as error:
        raise OutputError(
            f"cannot write the analysis to '{workdir}': {error.strerror}", "free some space, or set TMPDIR"
        ) from error
    return _timeline(info, frames, fps, workdir, found)


@dataclass(frozen=True)
class _Measured:
    bands: spectrum.Bands
    lufs: loudness.Loudness
    level: loudness.Levels
    detector: onsets.Detector
    wave: waves.Waves


def _measure(
    info: audio.AudioInfo, frames: int, fps: Fraction, stream: BinaryIO, progress: Callable[[float], None] | None
) -> _Measured:
    by = chunks.factor(info.sample_rate)
    rate, samples = info.sample_rate // by, -(-info.samples // by)
    found = _Measured(
        spectrum.Bands(rate, samples, BANDS),
        loudness.Loudness(rate, samples, info.channels),
        loudness.Levels(rate, samples),
        onsets.Detector(rate, samples),
        waves.Waves(stream, rate, frames, fps),
    )
    for chunk in chunks.read(info):
        for part in (found.bands, found.lufs, found.level, found.detector, found.wave):
            part.add(chunk)
        if progress is not None:
            progress(min(1.0, (chunk.start + chunk.count) / samples))
    return found


def _timeline(info: audio.AudioInfo, frames: int, fps: Fraction, workdir: Path, found: _Measured) -> Timeline:
    times: Array = np.arange(frames, dtype=np.float64) * float(1 / fps)
    strength = found.detector.strength()
    onset_times = onsets.refine(onsets.pick(strength.total), found.detector)
    beat = beats.track(strength, onset_times)
    lufs = found.lufs.at(times)
    rms, stereo = found.level.at(times)
    loud = features.relative_loudness(lufs, loudness.FLOOR)
    beat_phase, bar_phase, tempo = features.phases(beat, times)
    place: Array = np.arange(frames, dtype=np.float64) * float(Fraction(int(spectrum.Bands.RATE)) / fps)
    band_times = np.arange(found.bands.rows) / spectrum.Bands.RATE
    starts = _sections(info, found, beat.times)
    shown, wide = features.levels(found.bands)
    wide = _sample(wide, place)
    columns = {
        "rms": rms,
        "lufs": lufs,
        "loudness": loud,
        "bass": wide[:, 0],
        "mid": wide[:, 1],
        "treble": wide[:, 2],
        "centroid": np.interp(times, band_times, windows.moving_mean(found.bands.centroid, 5)),
        "flux": features.flux(strength, times),
        "onset": features.pulse(onset_times, features.ONSET_LENGTH, fps, frames),
        "beat": features.pulse(beat.times, features.BEAT_LENGTH, fps, frames),
        "beat_phase": beat_phase,
        "bar_phase": bar_phase,
        "beat_conf": np.interp(times, np.arange(len(beat.confidence)) / onsets.RATE, beat.confidence),
        "tempo": tempo,
        "energy": features.energy(loud, float(fps)),
        "section": np.searchsorted(features.event_frames(starts, fps), np.arange(frames), side="right") - 1.0,
        "stereo": stereo,
    }
    wave_reader = StreamWaves(workdir / STREAM, found.wave.starts, found.wave.gain())
    return Timeline(
        fps=fps, frames=frames, sample_rate=info.sample_rate, channels=info.channels, samples=info.samples,
        tempo=beat.tempo, features={name: to_grid(np.asarray(values, np.float64)) for name, values in columns.items()},
        bands=_sample(shown, place),
        waves=wave_reader, beats=beat.times, onsets=onset_times, sections=starts,
    )  # fmt: skip


def _sections(info: audio.AudioInfo, found: _Measured, beat_times: Array) -> Array:
    grid = sections.grid(float(info.duration))
    power = windows.moving_mean(found.bands.wide, 15) + 1e-9
    rows = np.minimum((grid * spectrum.Bands.RATE + 0.5).astype(np.int64), len(power) - 1)
    levels = features.DECIBELS * portable.log2(power[rows])
    return sections.find(np.column_stack((found.lufs.at(grid), levels)), beat_times)


def _sample(values: NDArray[np.float32], place: Array) -> NDArray[np.float32]:
    """Linear interpolation of rows [n, k] at fractional places (beyond the end the last row), on the grid."""
    out = np.empty((len(place), values.shape[1]), np.float32)
    block = 4096
    for first in range(0, len(place), block):
        part = place[first : first + block]
        low = np.minimum(np.floor(part).astype(np.int64), len(values) - 1)
        high = np.minimum(low + 1, len(values) - 1)
        share = (part - np.floor(part))[:, None]
        below = values[low].astype(np.float64)
        out[first : first + block] = to_grid(below + (values[high] - below) * share)
    return out
