"""Bands: a tone lights its own band, at its own time, at every sample rate."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine import audio
from engine.analysis import chunks, spectrum
from tests import sounds


def bands_of(path: Path) -> spectrum.Bands:
    info = audio.probe(path)
    by = chunks.factor(info.sample_rate)
    bands = spectrum.Bands(info.sample_rate // by, -(-info.samples // by), 64)
    for chunk in chunks.read(info):
        bands.add(chunk)
    return bands


@pytest.mark.parametrize(
    ("rate", "hertz"),
    [(8000, 100), (8000, 3000), (44100, 60), (44100, 1000), (48000, 12000), (96000, 5000), (192000, 440)],
)
def test_a_tone_is_loudest_in_its_band(tmp_path: Path, rate: int, hertz: float) -> None:
    bands = bands_of(sounds.write(tmp_path / "a.wav", sounds.sine(hertz, 1.0, 1.0, rate), rate))
    edges = spectrum.log_edges(64, min(rate, 48000))
    expected = int(np.searchsorted(edges, hertz)) - 1
    row = bands.logs[30]
    assert abs(int(row.argmax()) - expected) <= (1 if hertz > 200 else 4)
    wide = int(np.searchsorted([150, 2000], hertz))
    assert int(bands.wide[30].argmax()) == wide
    # A full-scale sine has power 1 where the band is wider than the window's main lobe.
    assert bands.wide[30, wide] == pytest.approx(1.0, rel=0.1)


def test_an_offset_leaks_into_no_band(tmp_path: Path) -> None:
    bands = bands_of(sounds.write(tmp_path / "a.wav", np.full(44100, 0.5), subtype="FLOAT"))
    # 0.1 s at each end is the step from and to nothing.
    assert bands.logs[8:52].max() * 3.01 < -90


def test_windows_are_centred_on_their_row(tmp_path: Path) -> None:
    """A click at 1 s is loudest in the row of 1 s: no lag."""
    bands = bands_of(sounds.write(tmp_path / "a.wav", sounds.click_track([1.0], 2.0)))
    assert bands.wide[:, 2].argmax() == 60
    assert bands.wide[59, 2] == pytest.approx(bands.wide[61, 2], rel=0.2)


def test_rows_do_not_depend_on_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = sounds.write(tmp_path / "a.wav", sounds.drum_loop(120, 6.0).sound)
    whole = bands_of(path)
    monkeypatch.setattr(chunks, "CHUNK", 49152)
    parts = bands_of(path)
    assert np.array_equal(whole.logs, parts.logs)
    assert np.array_equal(whole.wide, parts.wide)
