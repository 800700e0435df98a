"""Colour: the palette's polynomial, the display curve, packing and its dither."""

import numpy as np
import pytest
import taichi as ti
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine import oklab
from engine.device import Device
from engine.kernels import color
from tests.engine.kernels.calling import FLOATS, WORDS, call

PALETTES = [
    ("#000000", "#ffffff"),
    ("#020510", "#06243a", "#0fae7a", "#7dffb0", "#9a5cff"),
    ("#05030d", "#2a0a5e", "#c2187a", "#ff7a2f", "#ffe39a"),
]
IMAGE = ti.types.ndarray(dtype=ti.f32, ndim=2)
ramp = color.make_ramp(1)


@ti.kernel
def _ramp(row: FLOATS, t: FLOATS, out: IMAGE):
    for i in range(t.shape[0]):
        values = ti.Vector([0.0] * (1 + color.RAMP_SIZE))
        for k in ti.static(range(1 + color.RAMP_SIZE)):
            values[k] = row[k]
        found = ramp(values, t[i])
        for c in ti.static(range(3)):
            out[i, c] = found[c]


@ti.kernel
def _pack(values: IMAGE, salt: ti.i32, strength: ti.f32, out: WORDS):
    for i in range(values.shape[0]):
        one = ti.Vector([values[i, 0], values[i, 1], values[i, 2]])
        out[i] = color.pack(one, i % 1024, i // 1024, salt, strength)


def ramp_at(colors: tuple[str, ...], t: NDArray[np.float32]) -> NDArray[np.float32]:
    row = np.array([0.0, *color.ramp_coefficients(colors)], np.float32)
    out = np.zeros((len(t), 3), np.float32)
    _ramp(row, t, out)
    return out


def packed(values: NDArray[np.float32], salt: int, strength: float) -> NDArray[np.uint8]:
    out = np.zeros(len(values), np.int32)
    _pack(np.ascontiguousarray(values), salt, strength, out)
    return out.view(np.uint8).reshape(-1, 4)


@pytest.mark.parametrize("colors", PALETTES)
def test_the_ramp_passes_through_the_palette_at_its_nodes(device: Device, colors: tuple[str, ...]) -> None:
    nodes = np.array([0.0, 0.1464466094, 0.5, 0.8535533906, 1.0], np.float32)
    exact = np.array([oklab.palette_at(colors, float(t)) for t in nodes])
    assert np.abs(ramp_at(colors, nodes) - np.maximum(exact, 0.0)).max() < 1e-5


@pytest.mark.parametrize("colors", PALETTES)
def test_the_ramp_stays_near_the_palette_between_nodes(device: Device, colors: tuple[str, ...]) -> None:
    t = np.linspace(0.0, 1.0, 101).astype(np.float32)
    exact = np.array([oklab.palette_at(colors, float(one)) for one in t])
    found = ramp_at(colors, t)
    assert (found >= 0.0).all()
    # A polynomial of degree 4 rounds the corners of a palette of five colours; never by more than this.
    distance = np.sqrt(found) - np.sqrt(np.maximum(exact, 0.0))
    assert np.abs(distance).max() < 0.18
    assert np.sqrt((distance * distance).mean()) < 0.06


def test_the_ramp_is_held_beyond_its_ends(device: Device) -> None:
    found = ramp_at(PALETTES[1], np.array([-3.0, 0.0, 1.0, 9.0], np.float32))
    assert (found[0] == found[1]).all()
    assert (found[2] == found[3]).all()


@given(st.tuples(*[st.integers(0, 255)] * 3))
@settings(deadline=None, max_examples=50)
def test_oklab_and_back(rgb: tuple[int, int, int]) -> None:
    linear = oklab.linear_from_hex("#{:02x}{:02x}{:02x}".format(*rgb))
    assert oklab.linear(oklab.oklab(linear)) == pytest.approx(linear, abs=1e-6)


def test_oklab_of_known_colours() -> None:
    assert oklab.oklab((1.0, 1.0, 1.0)) == pytest.approx((1.0, 0.0, 0.0), abs=1e-4)
    assert oklab.oklab((1.0, 0.0, 0.0)) == pytest.approx((0.62796, 0.22486, 0.12585), abs=1e-4)


def test_linear_light_of_srgb_colours() -> None:
    assert oklab.linear_from_hex("#00ff80") == pytest.approx((0.0, 1.0, 0.2158605), abs=1e-6)
    assert oklab.linear_from_hex("#0a0a0a")[0] == pytest.approx(10 / 255 / 12.92)


def aces_then_srgb(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Narkowicz' fit of ACES (2015), then the sRGB transfer (IEC 61966-2-1)."""
    shown = np.clip(x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14), 0.0, 1.0)
    return np.where(shown <= 0.0031308, 12.92 * shown, 1.055 * shown ** (1 / 2.4) - 0.055)


def test_the_display_curve(device: Device) -> None:
    x = np.concatenate((np.linspace(0.0, 1.0, 50_000), np.linspace(1.0, 64.0, 50_000)))
    found = call(color.display, x).astype(np.float64)
    assert found[0] == 0.0
    assert (np.diff(found) >= -1.2e-7).all(), "monotone but for the last place"
    assert found.max() <= 1.0
    exact = aces_then_srgb(x.astype(np.float32).astype(np.float64))
    assert np.abs(found - exact).max() * 255 < 1.8


def test_packing_without_dither_rounds(device: Device) -> None:
    levels = np.arange(256)
    values = np.stack((levels, levels[::-1], levels // 2), axis=1) / 255.0
    for nudge in (0.0, 0.49 / 255, -0.49 / 255):
        found = packed((values + nudge).astype(np.float32), 7, 0.0)
        assert (found[:, 0] == levels).all(), "red in the lowest byte"
        assert (found[:, 1] == levels[::-1]).all()
        assert (found[:, 2] == levels // 2).all()
        assert (found[:, 3] == 255).all()


def test_packing_limits_what_is_out_of_range(device: Device) -> None:
    values = np.array([[-3.0, 1.5, 90.0], [1.0, 0.0, -0.1]], np.float32)
    for strength in (0.0, 1.0):
        assert packed(values, 3, strength).tolist() == [[0, 255, 255, 255], [255, 0, 0, 255]]


def test_dither_keeps_the_mean_and_stays_within_one_level(device: Device) -> None:
    for level in (0.0, 10.3, 100.5, 254.7):
        values = np.full((1 << 18, 3), level / 255.0, np.float32)
        found = packed(values, 12345, 1.0)[:, :3].astype(np.float64)
        assert np.abs(found - level).max() <= 1.0
        # The mean of n dice differs by 0.5 / sqrt(n) = 0.001; in a channel that errs all would.
        assert np.abs(found.mean(axis=0) - level).max() < 0.005


def test_dither_differs_between_channels_and_salts(device: Device) -> None:
    values = np.full((4096, 3), 100.5 / 255.0, np.float32)
    first, second = packed(values, 1, 1.0), packed(values, 2, 1.0)
    assert (first[:, 0] != first[:, 1]).mean() > 0.3
    assert 0.3 < (first[:, 0] != second[:, 0]).mean() < 0.7
