"""The last events and the history of bands: by the second, whatever the frame rate."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from engine import past
from engine.timeline import BANDS
from tests.engine.timelines import make_timeline


def test_the_newest_events_come_first() -> None:
    out = np.empty((3, 4), np.float32)
    times = np.array([0.5, 1.0, 1.5, 2.0, 2.5, 3.0])
    past.recent(times, np.arange(6, dtype=np.float32) / 10, 2.5, out)
    assert out[0] == pytest.approx([0.0, 0.5, 1.0, 1.5])
    assert out[1] == pytest.approx([0.4, 0.3, 0.2, 0.1])
    assert out[2].tolist() == [4.0, 3.0, 2.0, 1.0]


def test_events_that_never_were_are_long_ago_and_have_no_strength() -> None:
    out = np.empty((3, 3), np.float32)
    past.recent(np.array([1.0]), np.ones(1, np.float32), 1.25, out)
    assert out.tolist() == [[0.25, past.LONG_AGO, past.LONG_AGO], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    past.recent(np.array([1.0]), np.ones(1, np.float32), 0.99, out)
    assert out[0].tolist() == [past.LONG_AGO] * 3


def test_strengths_are_taken_at_the_events() -> None:
    plain = make_timeline(2.0, flux=lambda t: np.where(t < 1.0, 0.2, 0.9), bass=lambda t: 0.5 * t)
    plain = replace(plain, onsets=np.array([0.5, 1.5]), beats=np.array([1.0]))
    assert past.onset_strengths(plain) == pytest.approx([0.2, 0.9], abs=1e-4)
    assert past.beat_strengths(plain) == pytest.approx([31 / 30 / 2], abs=1e-3)


@pytest.mark.parametrize("fps", [Fraction(24), Fraction(30000, 1001), Fraction(60)])
def test_the_history_is_the_same_at_every_frame_rate(fps: Fraction) -> None:
    plain = make_timeline(4.0, fps)
    seconds = np.arange(plain.frames) / float(fps)
    ramp = (seconds[:, None] * 0.1 + np.arange(BANDS)[None, :] * 0.001).astype(np.float32)
    frame = int(3 * fps)
    out = np.empty((past.HISTORY, BANDS), np.float32)
    share = past.history(replace(plain, bands=ramp), frame, out)
    newest = int(frame / fps * past.HISTORY_RATE) / past.HISTORY_RATE
    assert share == pytest.approx(float(frame / fps * past.HISTORY_RATE) % 1.0, abs=1e-9)
    times = newest - np.arange(past.HISTORY) / past.HISTORY_RATE
    expected = np.where(times < 0.0, 0.0, times * 0.1 + 7 * 0.001)
    assert np.abs(out[:, 7] - expected).max() < 1e-5
    assert not out[times < -1e-9].any()
