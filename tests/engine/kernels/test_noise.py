"""Hashes and noise: known values, evenness, smoothness."""

import numpy as np
import taichi as ti

from engine.device import Device
from engine.kernels import noise
from tests.engine.kernels.calling import FLOATS, WORDS, call


@ti.kernel
def _hash32(x: WORDS, out: WORDS):
    for i in range(x.shape[0]):
        out[i] = ti.cast(noise.hash32(x[i]), ti.i32)


@ti.kernel
def _units(y: ti.i32, quick: ti.i32, out: FLOATS):
    for i in range(out.shape[0]):
        h = noise.hash2(i, y)
        if quick != 0:
            h = noise.quick2(i, y)
        out[i] = noise.unit(h)


@ti.func
def plane(x, y):
    return noise.value2(x, y, 5)


@ti.func
def other_plane(x, y):
    return noise.value2(x, y, 6)


def lowbias32(x: int) -> int:
    """Chris Wellons' function, with Python's integers."""
    x = (x ^ (x >> 16)) * 0x7FEB352D & 0xFFFFFFFF
    x = (x ^ (x >> 15)) * 0x846CA68B & 0xFFFFFFFF
    return x ^ (x >> 16)


def test_hash32_is_lowbias32(device: Device) -> None:
    numbers = np.array([0, 1, 2, 12345, -1, 2**31 - 1, -(2**31)], np.int32)
    out = np.zeros_like(numbers)
    _hash32(numbers, out)
    assert out.view(np.uint32).tolist() == [lowbias32(int(one) & 0xFFFFFFFF) for one in numbers]


def test_units_are_even_in_0_to_1(device: Device) -> None:
    for quick in (0, 1):
        for y in (0, 1, 977):
            out = np.zeros(65536, np.float32)
            _units(y, quick, out)
            assert out.min() >= 0.0
            assert out.max() < 1.0
            share = np.histogram(out, 16, (0.0, 1.0))[0] / len(out) * 16
            assert np.abs(share - 1.0).max() < 0.08
            assert abs(np.corrcoef(out[:-1], out[1:])[0, 1]) < 0.02


def test_value_noise_is_smooth_and_within_range(device: Device) -> None:
    x = np.linspace(-40.0, 40.0, 80_001)
    y = np.full_like(x, 0.3)
    found = call(plane, x, y)
    assert -1.0 <= found.min() < -0.5
    assert 0.5 < found.max() <= 1.0
    # Hermite: at most 1.5 times the difference of two corners (2) a unit.
    assert np.abs(np.diff(found)).max() < 3.1 * 0.001
    assert np.abs(call(other_plane, x, y) - found).mean() > 0.2, "another seed, another plane"
