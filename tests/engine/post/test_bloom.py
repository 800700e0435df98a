"""Bloom: a flat image stays flat, light is kept, a spark spreads evenly."""

from itertools import pairwise

import numpy as np
import pytest

from engine.device import Device
from engine.kernels.planes import double_into, halve
from engine.post.bloom import LEVELS, Bloom

SIZES = [(12, 32), (27, 64), (3, 8), (180, 320)]


@pytest.mark.parametrize(("rows", "columns"), SIZES)
@pytest.mark.parametrize("spread", [0.0, 0.6, 1.0])
def test_a_flat_image_stays_flat(device: Device, rows: int, columns: int, spread: float) -> None:
    bloom = Bloom(rows, columns)
    bloom.first.cells[:] = np.array([0.25, 1.0, 3.0])[:, None, None]
    bloom.blur(spread)
    for c, level in enumerate((0.25, 1.0, 3.0)):
        assert np.abs(bloom.first.cells[c] / level - 1.0).max() < 1e-6


@pytest.mark.parametrize("spread", [0.2, 0.6, 1.0])
def test_a_spark_keeps_its_light_and_spreads_to_all_sides(device: Device, spread: float) -> None:
    bloom = Bloom(128, 128)
    bloom.first.cells[1, 60:68, 60:68] = 4.0
    before = bloom.first.cells.sum(axis=(1, 2), dtype=np.float64)
    bloom.blur(spread)
    after = bloom.first.cells.sum(axis=(1, 2), dtype=np.float64)
    assert before.tolist() == [0.0, 256.0, 0.0]
    assert after[0] == after[2] == 0.0
    assert after[1] == pytest.approx(256.0, rel=0.01)
    spot = bloom.first.cells[1]
    assert (spot >= 0.0).all()
    assert np.abs(spot - spot[::-1]).max() < 1e-5
    assert np.abs(spot - spot[:, ::-1]).max() < 1e-5
    assert np.abs(spot - spot.T).max() < 1e-5


def test_a_wider_spread_takes_light_from_the_middle(device: Device) -> None:
    middles, far = [], []
    for spread in (0.0, 0.3, 0.6, 0.9):
        bloom = Bloom(128, 128)
        bloom.first.cells[:, 62:66, 62:66] = 4.0
        bloom.blur(spread)
        middles.append(float(bloom.first.cells[0, 64, 64]))
        far.append(float(bloom.first.cells[0, 64, 100]))
    assert middles == sorted(middles, reverse=True)
    assert middles[0] == 4.0, "spread 0 changes nothing"
    assert far == sorted(far)
    assert far[-1] > 0.0


@pytest.mark.parametrize(("rows", "columns"), SIZES)
def test_the_blur_is_halving_down_and_doubling_back(device: Device, rows: int, columns: int) -> None:
    bloom, plain = Bloom(rows, columns), Bloom(rows, columns)
    for one in (bloom, plain):
        one.first.cells[:] = np.random.default_rng(4).uniform(0.0, 2.0, one.first.cells.shape)
    bloom.blur(0.7)
    levels = [one.strips for one in plain.levels]
    for fine, coarse in pairwise(levels):
        halve(fine, coarse)
    for coarse, fine in pairwise(reversed(levels)):
        double_into(coarse, fine, float(np.float32(0.7)))
    assert (bloom.first.cells == plain.first.cells).all()


@pytest.mark.parametrize(("rows", "columns"), SIZES)
def test_the_levels_halve(rows: int, columns: int) -> None:
    bloom = Bloom(rows, columns)
    assert 1 <= len(bloom.levels) <= LEVELS
    for fine, coarse in zip(bloom.levels, bloom.levels[1:], strict=False):
        assert coarse.rows * 2 >= fine.rows
        assert coarse.columns * 2 >= fine.columns
