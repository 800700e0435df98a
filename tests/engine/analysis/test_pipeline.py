"""A whole track to a Timeline: events on their frames, the same at any frame rate and on any CPU, for any sound."""

from __future__ import annotations

import hashlib
import importlib
import os
import subprocess
import sys
import tracemalloc
import warnings
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine import analysis
from engine.analysis import features
from engine.errors import AudioError, InputError, OutputError
from engine.timeline import BANDS, Timeline
from tests import sounds

ROOT = Path(__file__).resolve().parents[3]


def run(path: Path, fps: Fraction = Fraction(30)) -> Timeline:
    return analysis.analyse(path, fps, path.parent / f"work-{fps.numerator}-{fps.denominator}")


def check(timeline: Timeline) -> None:
    """What holds for any track."""
    assert tuple(timeline.features) == analysis.FEATURES
    for name, values in timeline.features.items():
        assert values.shape == (timeline.frames,)
        assert values.dtype == np.float32
        assert np.isfinite(values).all()
        assert np.array_equal(values * 65536, np.floor(values * 65536)), name
        if name not in ("lufs", "tempo", "section"):
            assert values.min() >= 0.0
            assert values.max() <= 1.0, name
    assert timeline.bands.shape == (timeline.frames, BANDS)
    assert timeline.bands.dtype == np.float32
    assert timeline.bands.flags.c_contiguous
    assert 0.0 <= timeline.bands.min() <= timeline.bands.max() <= 1.0
    assert timeline.sections[0] == 0.0
    for index in (0, timeline.frames // 2, timeline.frames - 1):
        assert timeline.waves.row(index).shape == (2, 512)
        assert timeline.waves.row(index).dtype == np.int16


EDGES = {
    "silence": (sounds.silence(2.0), 44100), "one sample": (np.ones(1) * 0.5, 44100),
    "zero sample": (np.zeros(1), 44100),
    "short": (sounds.sine(440, 0.1), 44100), "offset": (np.full(30000, 0.4), 44100),
    "clipped": (sounds.clipped(sounds.drum_loop(120, 3.0).sound), 44100),
    "quiet": (sounds.drum_loop(120, 3.0).sound * 1e-4, 44100),
    "loud float": (sounds.drum_loop(120, 2.0).sound * 100, 44100),
    "slow rate": (sounds.drum_loop(100, 2.0, rate=8000).sound, 8000),
    "odd rate": (sounds.drum_loop(100, 2.0, rate=11025).sound, 11025),
    "high rate": (sounds.drum_loop(100, 2.0, rate=192000).sound, 192000),
    "noise": (np.random.default_rng(1).uniform(-1, 1, 88200), 44100),
    "antiphase": (np.column_stack((sounds.sine(440, 1.0), -sounds.sine(440, 1.0))), 44100),
    "eight channels": (np.random.default_rng(1).uniform(-0.1, 0.1, (44100, 8)), 44100),
}  # fmt: skip


@pytest.mark.parametrize("name", EDGES)
def test_any_sound_has_a_timeline(tmp_path: Path, name: str) -> None:
    sound, rate = EDGES[name]
    path = sounds.write(tmp_path / "a.wav", sound, rate, "FLOAT")
    with warnings.catch_warnings(), np.errstate(all="raise", under="ignore"):
        warnings.simplefilter("error")
        timeline = run(path)
    check(timeline)
    assert timeline.frames == max(1, int(Fraction(len(sound), rate) * 30 + Fraction(1, 2)))
    assert (timeline.samples, timeline.sample_rate) == (len(sound), rate)


def test_silence_is_zero(tmp_path: Path) -> None:
    timeline = run(sounds.write(tmp_path / "a.wav", sounds.silence(1.0)))
    for name, values in timeline.features.items():
        assert set(values.tolist()) == {{"lufs": -70.0, "tempo": 120.0}.get(name, 0.0)}, name
    assert not timeline.bands.any()
    assert not timeline.waves.row(3).any()


@pytest.mark.parametrize("fps", [Fraction(24), Fraction(30), Fraction(60), Fraction(30000, 1001), Fraction(50)])
def test_a_click_flashes_on_its_frame(tmp_path: Path, fps: Fraction) -> None:
    times = [0.5, 1.0, 1.0 + 10 / 30, 2.01, 2.5, 3.3325, 4.0]
    timeline = run(sounds.write(tmp_path / "a.wav", sounds.click_track(times, 5.0)), fps)
    frames = [int(Fraction(round(time * 44100), 44100) * fps) for time in times]
    assert np.flatnonzero(timeline.features["onset"] == 1.0).tolist() == frames


def test_beats_of_a_metronome_flash_on_its_frames(tmp_path: Path) -> None:
    times = [0.5 * i for i in range(1, 20)]
    timeline = run(sounds.write(tmp_path / "a.wav", sounds.click_track(times, 10.0)))
    assert np.flatnonzero(timeline.features["beat"] == 1.0).tolist() == [round(time * 30) for time in times]
    assert timeline.tempo == pytest.approx(120, abs=0.5)
    phase = timeline.features["beat_phase"]
    assert phase[15 + 7] == pytest.approx(7 / 15, abs=0.01)
    bar = timeline.features["bar_phase"]
    assert np.abs((bar * 4 - np.floor(bar * 4 + 1e-4)) - phase)[20:250].max() < 0.01


def test_30_and_60_fps_show_the_same_music(tmp_path: Path) -> None:
    path = sounds.write(tmp_path / "a.wav", sounds.drum_loop(117, 6.0).sound)
    slow, fast = run(path), run(path, Fraction(60))
    assert np.array_equal(slow.beats, fast.beats)
    assert np.array_equal(slow.onsets, fast.onsets)
    assert np.array_equal(slow.bands, fast.bands[::2])
    for name, values in slow.features.items():
        twice = fast.features[name][::2]
        if name in ("onset", "beat"):  # a frame of 1/30 s may hold an event that only the second half of it shows at 60
            late = np.maximum(twice, fast.features[name][1::2] == 1.0)
            assert np.array_equal(values, late), name
        else:
            assert np.abs(values - twice).max() <= 0.02, name
    assert np.array_equal(slow.waves.row(90), fast.waves.row(180))


def test_a_shifted_sine_draws_a_still_wave(tmp_path: Path) -> None:
    timeline = run(sounds.write(tmp_path / "a.wav", sounds.sine(311.7, 2.0)))
    rows = np.stack([timeline.waves.row(index)[0] for index in range(5, 55)]).astype(np.float64)
    assert np.abs(rows).max() == pytest.approx(0.95 * 32767, rel=0.03)
    assert (rows.max(axis=0) - rows.min(axis=0)).max() < 0.06 * 32767
    assert rows[:, 255].max() <= 0 < rows[:, 257].min()


def test_waves_keep_sides_and_lose_the_offset(tmp_path: Path) -> None:
    left, right = sounds.sine(200, 2.0, 0.4), sounds.sine(400, 2.0, 0.1)
    timeline = run(sounds.write(tmp_path / "a.wav", np.column_stack((left + 0.3, right - 0.2))))
    row = timeline.waves.row(30).astype(np.float64)
    assert np.abs(row.mean(axis=1)).max() < 1500
    assert np.ptp(row[0]) == pytest.approx(4 * np.ptp(row[1]), rel=0.1)


def test_energy_and_sections_follow_a_quiet_and_a_loud_half(tmp_path: Path) -> None:
    sound = sounds.drum_loop(120, 40.0, fills=False).sound
    sound[: 20 * sounds.RATE] *= 0.08
    timeline = run(sounds.write(tmp_path / "a.wav", sound))
    assert len(timeline.sections) == 2
    assert timeline.sections[1] == pytest.approx(20.0, abs=0.7)
    energy, section = timeline.features["energy"], timeline.features["section"]
    assert energy[8 * 30] < 0.2
    assert energy[32 * 30] > 0.9
    assert (section[: 19 * 30].max(), section[21 * 30 :].min()) == (0.0, 1.0)
    loud = timeline.features["loudness"]
    assert loud[32 * 30] - loud[8 * 30] == pytest.approx(22 / 30, abs=0.05)


def test_loud_bars_reach_the_upper_part_in_bass_and_treble(tmp_path: Path) -> None:
    timeline = run(sounds.write(tmp_path / "a.wav", sounds.drum_loop(120, 8.0).sound))
    high = np.percentile(timeline.bands, 98, axis=0)
    assert 0.6 < high[5:12].max() <= 1.0
    assert 0.6 < high[50:60].max() <= 1.0
    assert timeline.features["bass"].max() == pytest.approx(1.0, abs=0.1)


def digest(timeline: Timeline) -> str:
    parts = [*timeline.features.values(), timeline.bands, timeline.beats, timeline.onsets, timeline.sections]
    parts += [timeline.waves.row(index) for index in range(timeline.frames)]
    return hashlib.sha256(b"".join(np.ascontiguousarray(part).tobytes() for part in parts)).hexdigest()


CHILD = """
import sys
from fractions import Fraction
from pathlib import Path
from tests.engine.analysis.test_pipeline import digest
from engine import analysis
print(digest(analysis.analyse(Path(sys.argv[1]), Fraction(60), Path(sys.argv[2]))))
"""


def simd_features() -> str:
    """The names that numpy dispatches on here: numpy warns of names that it does not know."""
    inside = importlib.import_module("numpy._core._multiarray_umath")
    return " ".join(name for name in inside.__cpu_dispatch__ if inside.__cpu_features__.get(name))


def test_the_same_bits_without_simd(tmp_path: Path) -> None:
    loop = sounds.drum_loop(133, 8.0, "break", swing=0.58).sound
    noise = np.random.default_rng(5).standard_normal(len(loop)) * 0.02
    path = sounds.write(tmp_path / "a.wav", np.column_stack((loop + noise, 0.7 * loop - noise)))
    found = simd_features()
    assert found or sys.platform != "linux"
    command = [sys.executable, "-c", CHILD, str(path), str(tmp_path / "child")]
    child = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "NPY_DISABLE_CPU_FEATURES": found}, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert child.returncode == 0, child.stderr
    assert child.stdout.strip() == digest(run(path, Fraction(60)))


def test_memory_does_not_grow_with_the_samples(tmp_path: Path) -> None:
    """One second of stereo at 48 kHz is 384 kB decoded; the per-frame tables are all that may grow."""
    peaks = []
    for seconds in (20, 60):
        sound = np.random.default_rng(1).uniform(-0.5, 0.5, (48000 * seconds, 2))
        path = sounds.write(tmp_path / f"{seconds}.wav", sound, 48000)
        del sound
        tracemalloc.start()
        run(path)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # 43 kB alone; after other tests up to 91 kB were seen.
    assert (peaks[1] - peaks[0]) / 40 < 150_000


def test_progress_rises_to_one(tmp_path: Path) -> None:
    seen: list[float] = []
    path = sounds.write(tmp_path / "a.wav", sounds.sine(440, 12.0))
    analysis.analyse(path, Fraction(30), tmp_path / "w", seen.append)
    assert len(seen) >= 2
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_bad_arguments_say_so(tmp_path: Path) -> None:
    path = sounds.write(tmp_path / "a.wav", sounds.sine(440, 0.2))
    for fps in (Fraction(0), Fraction(-1), Fraction(1000)):
        with pytest.raises(InputError, match="fps"):
            analysis.analyse(path, fps, tmp_path / "w")
    with pytest.raises(OutputError, match="cannot write"):
        analysis.analyse(path, Fraction(30), path / "below-a-file")
    with pytest.raises(AudioError):
        analysis.analyse(tmp_path / "none.wav", Fraction(30), tmp_path / "w")


def test_an_event_belongs_to_the_frame_that_holds_it() -> None:
    times = np.array([0.0, 0.0332, 0.0333333333, 0.05, 1.0, 1.0 - 0.0004])
    assert features.event_frames(times, Fraction(30)).tolist() == [0, 1, 1, 1, 30, 30]
    pulse = features.pulse(np.array([0.05]), 0.3, Fraction(30), 12)
    assert pulse[:2].tolist() == [0.0, 1.0]
    assert np.all(np.diff(pulse[1:]) <= 0)
    assert pulse[-1] == 0.0
