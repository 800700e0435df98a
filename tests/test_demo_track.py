"""The demo's track is what its script makes, and gives a first render something to show."""

from __future__ import annotations

import importlib.util
from fractions import Fraction
from pathlib import Path

import numpy as np
import soundfile

from engine.analysis import analyse

ASSETS = Path(__file__).parents[1] / "jobs" / "assets"


def test_the_script_makes_the_committed_file() -> None:
    spec = importlib.util.spec_from_file_location("make_demo", ASSETS / "make_demo.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    committed, rate = soundfile.read(ASSETS / "demo.wav")
    made = script.make_track()
    assert rate == script.RATE
    assert made.shape == committed.shape
    assert np.abs(made - committed).max() < 2 / 32768


def test_it_has_a_steady_beat_and_a_drop(tmp_path: Path) -> None:
    timeline = analyse(ASSETS / "demo.wav", Fraction(10), tmp_path)
    assert abs(timeline.tempo - 120.0) < 1.0
    assert np.abs(timeline.beats - 0.5 * np.round(timeline.beats / 0.5)).max() < 0.03
    bass = timeline.features["bass"]
    assert bass[40:60].max() < 0.2
    assert bass[62:130].mean() > 0.6
