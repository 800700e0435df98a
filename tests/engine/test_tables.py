"""Tables: bands, held peaks, and waveforms resampled to the canvas' columns."""

from __future__ import annotations

import inspect
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.effects.catalog import EFFECTS
from engine.effects.registry import builder
from engine.kernels.raster import BANDS_ROW, BEATS_ROW, HISTORY_ROW, ONSETS_ROW, PEAKS_ROW, WAVE_ROW, Raster
from engine.past import HISTORY
from engine.tables import FALL_SECONDS, HOLD_SECONDS, Tables
from engine.timeline import BANDS, WAVE
from tests.engine import shows
from tests.engine.timelines import make_timeline


class Curves:
    """The left channel is a straight line, the right one a sine."""

    def row(self, index: int) -> NDArray[np.int16]:
        x = np.arange(WAVE)
        line, wave = (x - WAVE // 2) * 50, 20000.0 * np.sin(x / WAVE * 4.0 * np.pi)
        return np.stack((line, np.floor(wave + 0.5))).astype(np.int16)


def test_bands_are_those_of_the_frame() -> None:
    plain = make_timeline(1.0)
    bands = np.random.default_rng(1).uniform(0.0, 1.0, plain.bands.shape).astype(np.float32)
    tables = Tables(replace(plain, bands=bands), Raster(17, 9))
    assert tables.array.shape == (HISTORY_ROW + 1 + HISTORY, BANDS), (
        "as many columns as bands, on however small a canvas"
    )
    for frame in (7, 3, 29):
        tables.fill(frame)
        assert (tables.array[BANDS_ROW, :BANDS] == bands[frame]).all()
        assert (tables.array[PEAKS_ROW, :BANDS] >= bands[frame]).all()


@pytest.mark.parametrize("fps", [24, 30, 60])
def test_peaks_hold_then_fall_by_the_second(fps: int) -> None:
    plain = make_timeline(3.0, Fraction(fps))
    bands = np.zeros_like(plain.bands)
    bands[fps // 2, 5] = 0.8
    tables = Tables(replace(plain, bands=bands), Raster(64, 36))
    seen = []
    for frame in range(plain.frames):
        tables.fill(frame)
        seen.append(float(tables.array[PEAKS_ROW, 5]))
    start = fps // 2
    held = round(HOLD_SECONDS * fps) - 1
    assert seen[:start] == [0.0] * start
    assert seen[start : start + held] == pytest.approx([0.8] * held)
    age = (np.arange(plain.frames - start) / fps - HOLD_SECONDS) / FALL_SECONDS
    expected = np.maximum(0.8 - np.maximum(age, 0.0) ** 2, 0.0)
    assert np.abs(np.array(seen[start:]) - expected).max() < 1e-6


def test_the_peaks_of_a_frame_do_not_depend_on_what_was_drawn_before() -> None:
    plain = make_timeline(1.0)
    bands = np.random.default_rng(2).uniform(0.0, 1.0, plain.bands.shape).astype(np.float32)
    one, other = (Tables(replace(plain, bands=bands), Raster(64, 36)) for _ in range(2))
    for frame in range(21):
        one.fill(frame)
    other.fill(25)
    other.fill(20)
    assert (one.array == other.array).all()


@pytest.mark.parametrize(("width", "height"), [(320, 180), (97, 53), (1920, 1080)])
def test_waves_are_resampled_smoothly_over_the_width(width: int, height: int) -> None:
    tables = Tables(replace(make_timeline(1.0), waves=Curves()), Raster(width, height))
    tables.fill(0)
    place = (np.arange(width) + 0.5) / width * (WAVE - 1)
    inner = slice(2, width - 2)
    line, wave = tables.array[WAVE_ROW, :width], tables.array[WAVE_ROW + 2, :width]
    assert np.abs(line - (place - WAVE // 2) * 50 / 32767)[inner].max() < 1e-4
    assert np.abs(wave - 20000 / 32767 * np.sin(place / WAVE * 4 * np.pi))[inner].max() < 1e-3
    # A slope is height by width, both in half lengths of the shorter side.
    step = 2.0 / min(width, height)
    assert tables.array[WAVE_ROW + 1, width // 2] == pytest.approx(50 / 32767 * (WAVE - 1) / width / step, rel=1e-2)
    assert np.isfinite(tables.array).all()


@pytest.mark.parametrize("name", sorted(EFFECTS))
def test_an_effect_says_which_tables_it_reads(name: str) -> None:
    source = inspect.getsource(inspect.getmodule(builder(name)))
    rows = {
        "bands": "BANDS_ROW",
        "peaks": "PEAKS_ROW",
        "waves": "WAVE_ROW",
        "onsets": "ONSETS_ROW",
        "beats": "BEATS_ROW",
    }
    rows |= {"history": "HISTORY_ROW", "art": "ART_ROW"}
    source = source.replace("history_at(", "HISTORY_ROW")  # engine.effects.spectrum knows the row
    assert {table for table, row in rows.items() if row in source} == set(EFFECTS[name].reads)


def test_tables_that_nobody_reads_are_not_filled() -> None:
    tables = Tables(shows.music(), Raster(64, 36), {"peaks"})
    tables.fill(5)
    assert tables.array[PEAKS_ROW].any()
    assert not tables.array[BANDS_ROW].any()
    assert not tables.array[WAVE_ROW:].any()


def test_events_and_history_are_those_of_the_second() -> None:
    plain = replace(shows.music(), onsets=np.array([0.1, 0.5]), beats=np.array([0.0, 0.5]))
    tables = Tables(plain, Raster(64, 36))
    tables.fill(12)
    assert tables.array[ONSETS_ROW, :3] == pytest.approx([0.3, 1000.0, 1000.0], abs=1e-4)
    assert tables.array[BEATS_ROW, :2] == pytest.approx([0.4, 1000.0], abs=1e-4)
    assert tables.array[HISTORY_ROW, 0] == 0.0
    assert (tables.array[HISTORY_ROW + 1, :BANDS] == plain.bands[12]).all()
