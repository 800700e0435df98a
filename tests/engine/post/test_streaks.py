"""Streaks: level, to both sides alike, of bright lights alone."""

from __future__ import annotations

import numpy as np
import pytest

from engine.device import Device
from engine.effects.base import Slots
from engine.planes import Planes
from engine.post.catalog import PASSES
from engine.post.streaks import Streaks

PARAMS = PASSES["streaks"].params
SLOTS = Slots({f"streaks.{key}": place for place, key in enumerate(PARAMS)}, 0, len(PARAMS))


def drawn(light: float, **given: float) -> np.ndarray:
    """The streaks [3, rows, columns] of two bright cells in the middle of a row."""
    source = Planes(1, 9, 128)
    source.cells[:, 4, 63:65] = light
    streaks = Streaks(source, SLOTS, 36)
    row = np.array([given.get(key, spec.default) for key, spec in PARAMS.items()], np.float32)
    streaks.draw(source, row)
    assert streaks.strength(row) == pytest.approx(given.get("strength", 0.5))
    return streaks.planes.cells.astype(np.float64)


def test_a_light_has_a_streak_to_both_sides_that_fades(device: Device) -> None:
    found = drawn(6.0, blue=0.0, length=2.0)
    assert (np.delete(found, 4, axis=1) == 0.0).all()
    line = found[0, 4]
    assert (found[1:, 4] == line).all()
    assert np.abs(line - line[::-1]).max() < 1e-6
    assert (np.diff(line[64:]) < 0.0).all()
    assert 0.3 < line[64] < 1.0
    assert line[64] > 2.0 * line[76] > 0.0


def test_it_is_longer_bluer_and_starts_at_the_threshold_as_told(device: Device) -> None:
    plain = drawn(6.0, length=1.0)[:, 4]
    assert plain[0, 70] < plain[1, 70] < plain[2, 70]
    far = drawn(6.0, length=2.0)[2, 4]
    assert far[100] > 1.5 * plain[2, 100]
    assert (drawn(0.3) == 0.0).all()
    assert (drawn(6.0, threshold=6.0) == 0.0).all()
    assert drawn(1e4)[2].max() < 1.0
