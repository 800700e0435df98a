"""Onsets and beats on synthesised drums from 70 to 180 bpm, and on sounds that have none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine import audio
from engine.analysis import beats, chunks, onsets
from tests import sounds
from tests.engine.analysis.scoring import f_measure, trimmed


def listen(path: Path) -> tuple[np.ndarray, beats.Beats]:
    """(onset times, beats) of a file of up to 48 kHz."""
    info = audio.probe(path)
    detector = onsets.Detector(info.sample_rate, info.samples)
    for chunk in chunks.read(info):
        detector.add(chunk)
    strength = detector.strength()
    times = onsets.refine(onsets.pick(strength.total), detector)
    return times, beats.track(strength, times)


@pytest.mark.parametrize(
    ("bpm", "pattern", "swing", "change"),
    [
        (70, "rock", 0.5, None), (70, "quarter", 0.5, None), (75, "busy", 0.62, None), (80, "house", 0.5, None),
        (90, "sixteen", 0.5, None), (100, "break", 0.667, None), (110, "rock", 0.667, None), (120, "house", 0.5, None),
        (130, "break", 0.5, None), (140, "busy", 0.5, None), (150, "rock", 0.58, None), (160, "quarter", 0.5, None),
        (170, "break", 0.5, None), (170, "busy", 0.62, None), (180, "rock", 0.5, None), (180, "house", 0.62, None),
        (100, "rock", 0.5, 130), (150, "busy", 0.5, 90), (120, "break", 0.5, 180), (70, "rock", 0.5, 85),
    ],
)  # fmt: skip
def test_beats_and_onsets_of_drum_loops(
    tmp_path: Path, bpm: float, pattern: str, swing: float, change: float | None
) -> None:
    loop = sounds.drum_loop(bpm, 24.0 if change is None else 36.0, pattern, swing=swing, change=change)
    onset_times, found = listen(sounds.write(tmp_path / "loop.wav", loop.sound))
    assert f_measure(trimmed(loop.beats), trimmed(found.times.tolist()), 0.07) >= 0.95
    assert f_measure(loop.onsets, onset_times.tolist(), 0.05) >= 0.95
    if change is None:
        assert found.tempo == pytest.approx(bpm, rel=0.01)


@pytest.mark.parametrize("bpm", [110, 133.6])
def test_syncopes_are_not_taken_for_beats(tmp_path: Path, bpm: float) -> None:
    """Kicks after 5, 5 and 6 sixteenths pull to a tempo a quarter off; the beat is the soft snare's, or half of it."""
    rng = np.random.default_rng(1)
    kick, snare = (sounds._drum(name, sounds.RATE, rng) for name in "ks")
    beat, sound = 60 / bpm, sounds.silence(36.0)
    beats_there = [0.1 + i * beat for i in range(int(35 / beat))]
    for bar in beats_there[::4]:
        for place, drum in ((0, kick), (1.25, kick), (2, 0.5 * snare), (2.5, kick)):
            sounds._add(sound, 0.8 * drum, round((bar + place * beat) * sounds.RATE))
    _, found = listen(sounds.write(tmp_path / "loop.wav", sound))
    scores = [f_measure(trimmed(one), trimmed(found.times.tolist()), 0.07)
              for one in (beats_there, beats_there[::2])]  # fmt: skip
    assert max(scores) >= 0.95


@pytest.mark.parametrize("bpm", [60, 72, 100, 144, 180])
def test_a_metronome_is_followed_click_by_click(tmp_path: Path, bpm: int) -> None:
    times = [0.1 + i * 60 / bpm for i in range(16 * bpm // 60)]
    onset_times, found = listen(sounds.write(tmp_path / "a.wav", sounds.click_track(times, 16.2)))
    assert np.abs(onset_times - times).max() < 0.001
    assert np.abs(found.times - times).max() < 0.001
    assert found.tempo == pytest.approx(bpm, rel=0.001)


def test_one_click_in_silence_is_an_onset(tmp_path: Path) -> None:
    onset_times, _ = listen(sounds.write(tmp_path / "a.wav", sounds.click_track([12.0], 20.0)))
    assert onset_times == pytest.approx([12.0], abs=0.001)


@pytest.mark.parametrize("rate", [8000, 22050, 48000])
def test_a_click_is_found_to_half_a_millisecond_at_any_rate(tmp_path: Path, rate: int) -> None:
    times = [0.25, 0.9, 1.5, 1.733, 2.4]
    onset_times, _ = listen(sounds.write(tmp_path / "a.wav", sounds.click_track(times, 3.0, rate), rate))
    assert len(onset_times) == len(times)
    late = np.array(times) - onset_times
    assert late.min() > -1 / rate
    assert late.max() <= 0.0005 + 1 / rate


@pytest.mark.parametrize(
    "sound",
    [
        sounds.silence(4.0), sounds.sine(220, 4.0), sounds.offset(sounds.silence(4.0)), np.zeros(1), np.ones(1),
        sounds.sine(440, 0.1), sounds.click_track([1.0], 3.0),
    ],
)  # fmt: skip
def test_sounds_without_a_pulse_have_no_beats(tmp_path: Path, sound: sounds.Sound) -> None:
    _, found = listen(sounds.write(tmp_path / "a.wav", sound))
    assert found.times.tolist() == []
    assert found.tempo == 120.0
    assert not found.confidence.any()


def test_clipping_and_offset_do_not_move_the_beats(tmp_path: Path) -> None:
    loop = sounds.drum_loop(124, 16.0)
    for sound in (sounds.clipped(loop.sound), sounds.offset(loop.sound, 0.3)):
        _, found = listen(sounds.write(tmp_path / "a.wav", sound))
        assert f_measure(trimmed(loop.beats), trimmed(found.times.tolist()), 0.03) >= 0.95


def test_bars_begin_on_the_kick_after_which_the_snare_falls(tmp_path: Path) -> None:
    loop = sounds.drum_loop(100, 16.0, "break", fills=False)
    _, found = listen(sounds.write(tmp_path / "a.wav", loop.sound))
    downbeats = found.times[found.downbeat :: 4]
    assert f_measure(loop.beats[0::4], downbeats.tolist(), 0.03) >= 0.9


def test_steady_beats_are_more_certain_than_scattered_clicks(tmp_path: Path) -> None:
    steady = [0.5 * i for i in range(1, 24)]
    gaps = np.random.default_rng(3).uniform(0.15, 1.2, 20)
    scattered = np.cumsum(gaps)[np.cumsum(gaps) < 11.9].tolist()
    sure, unsure = (
        listen(sounds.write(tmp_path / "a.wav", sounds.click_track(times, 12.0)))[1].confidence.mean()
        for times in (steady, scattered)
    )
    assert sure > unsure + 0.2


def test_a_tempo_that_changes_before_the_first_beat_could_be() -> None:
    period = np.full(600, 50.0)
    period[:10] = 90.0  # the change lies nearer to the start than the shortest distance of two beats
    signal = np.zeros(600)
    signal[20::50] = 1.0
    rows = beats._dynamic(signal, period)
    assert set(np.diff(rows)) == {50}, rows
