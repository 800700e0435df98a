"""Loudness against the standard's own numbers and against ffmpeg's meter; RMS and width against theory."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from engine import audio, ffmpeg
from engine.analysis import chunks, loudness
from tests import sounds


def measure(path: Path, times: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    info = audio.probe(path)
    by = chunks.factor(info.sample_rate)
    rate, samples = info.sample_rate // by, -(-info.samples // by)
    parts = loudness.Loudness(rate, samples, info.channels), loudness.Levels(rate, samples)
    for chunk in chunks.read(info):
        for part in parts:
            part.add(chunk)
    return parts[0].at(times), *parts[1].at(times)


@pytest.mark.parametrize("rate", [8000, 44100, 48000, 96000])
def test_the_standard_sine(tmp_path: Path, rate: int) -> None:
    """EBU Tech 3341: a 1 kHz stereo sine of -23 dBFS measures -23 LUFS."""
    sine = sounds.sine(1000, 5.0, 10 ** (-23 / 20), rate)
    path = sounds.write(tmp_path / "a.wav", np.column_stack((sine, sine)), rate, "FLOAT")
    lufs, rms, width = measure(path, np.array([2.5]))
    assert lufs[0] == pytest.approx(-23.0, abs=0.1)
    assert rms[0] == pytest.approx(10 ** (-23 / 20) / np.sqrt(2), rel=0.01)
    assert width[0] == 0.0


def test_drums_measure_what_ffmpeg_measures(tmp_path: Path) -> None:
    path = sounds.write(tmp_path / "a.wav", sounds.drum_loop(110, 8.0).sound)
    command = [str(ffmpeg.find()), "-nostdin", "-i", str(path), "-af", "ebur128=framelog=info", "-f", "null", "-"]
    log = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stderr
    # ffmpeg's value at t covers the 3 s before, ours is centred.
    theirs = {float(t): float(s) for t, s in re.findall(r"t: *([\d.]+) .*? S: *(-?[\d.]+)", log)}
    times = [t for t in sorted(theirs) if 3.5 <= t <= 7.5]
    assert len(times) > 20
    ours, _, _ = measure(path, np.array(times) - 1.5)
    # Theirs are rounded to 0.1; our blocks of 93 ms cut a drum at a window's edge elsewhere.
    difference = np.abs(ours - [theirs[t] for t in times])
    assert difference.mean() < 0.12
    assert difference.max() < 0.5


@pytest.mark.parametrize(("right", "expected"), [(1.0, 0.0), (-1.0, 1.0), (0.0, np.sqrt(0.5))])
def test_stereo_width(tmp_path: Path, right: float, expected: float) -> None:
    left = sounds.sine(300, 1.0)
    path = sounds.write(tmp_path / "a.wav", np.column_stack((left, right * left)))
    assert measure(path, np.array([0.5]))[2][0] == pytest.approx(expected, abs=0.01)


def test_an_offset_is_not_level(tmp_path: Path) -> None:
    path = sounds.write(tmp_path / "a.wav", np.full(44100 * 5, 0.5))
    # The last window ends before the step back to nothing, which is a sound.
    lufs, rms, width = measure(path, np.array([0.0, 1.5, 3.4]))
    assert lufs.tolist() == [-70.0] * 3
    assert rms.max() < 1e-6
    assert width.max() == 0.0


def test_surround_counts_more_and_the_lfe_not_at_all(tmp_path: Path) -> None:
    def of(channel: int) -> float:
        sound = np.zeros((44100 * 4, 6))
        sound[:, channel] = sounds.sine(1000, 4.0, 0.1)
        return float(measure(sounds.write(tmp_path / "a.wav", sound, subtype="FLOAT"), np.array([2.0]))[0][0])

    assert of(4) - of(0) == pytest.approx(1.49, abs=0.05)
    assert of(3) == -70.0
