"""Seams and blackness, as ci/bench/sizes.py sees them."""

from __future__ import annotations

import numpy as np
import pytest

from tests.ci.scripts import load

sizes = load("bench/sizes")


def hills(width: int = 160, height: int = 90) -> np.ndarray:
    """A picture with soft and sharp things at no particular place: levels, float32 [height, width]."""
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    noise = np.random.default_rng(3).uniform(0.0, 6.0, (height, width))
    return (90.0 + 60.0 * np.sin(0.13 * x + 0.4 * np.sin(0.2 * y)) + noise).astype(np.float32)


def frame(image: np.ndarray) -> np.ndarray:
    return np.repeat(np.clip(image, 0, 255).astype(np.uint8)[..., None], 4, axis=2)


@pytest.mark.parametrize("period", [8, 16, 32])
def test_a_seam_is_where_strips_meet(period: int) -> None:
    image = hills()
    assert sizes.seam(image, period) == pytest.approx(1.0, abs=0.3)
    image += 12.0 * (np.arange(160) // period % 2)
    assert sizes.seam(image, period) > 2.0
    assert sizes.seam(image[:, 3:], period) < 1.3


def test_a_seam_shows_in_flat_areas_and_not_in_gradients() -> None:
    flat = np.full((90, 160), 40.0, np.float32)
    assert sizes.seam(flat, 8) == 1.0
    assert sizes.seam(flat + np.arange(160), 8) == pytest.approx(1.0)
    assert sizes.seam(flat + (np.arange(160) // 8 % 2), 8) > 5.0


def test_seams_of_rows_are_seen() -> None:
    found = sizes.examine(frame(hills() + 20.0 * (np.arange(90) // 8 % 2)[:, None]))["seams"]
    assert found["rows 8"] > 2.0
    assert found["columns 8"] < 1.3


def test_faults_are_told_with_their_size() -> None:
    good, seamed = (sizes.examine(frame(one)) for one in (hills(), hills() + 20.0 * (np.arange(160) // 8 % 2)))
    black = sizes.examine(frame(np.zeros((90, 160))))
    assert sizes.faults({"a": good, "b": good}) == []
    assert sizes.faults({"a": good, "b": black}) == ["b: light 0.0, detail 0.0"]
    assert sizes.faults({"a": good, "b": seamed}) == []
    (said,) = [one for one in sizes.faults({"a": seamed, "b": seamed}) if "columns 8" in one]
    assert said.startswith("seams every columns 8, in 2 sizes")
