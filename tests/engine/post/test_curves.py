"""Curves of the tonemap: near the ones that they are named after, rising, from black to white."""

from collections.abc import Callable

import numpy as np
import pytest
import taichi as ti
from numpy.typing import NDArray

from engine.device import Device
from engine.post.catalog import PASSES
from engine.post.curves import make_curve

Light = NDArray[np.float64]
WORDS = PASSES["tonemap"].options["curve"].words
LIGHT = np.concatenate((np.zeros(1), np.geomspace(1e-4, 16.0, 400), np.array([100.0, 1e6])))
FLOATS = ti.types.ndarray(dtype=ti.f32, ndim=2)


def srgb(x: Light) -> Light:
    x = np.clip(x, 0.0, 1.0)
    return np.where(x <= 0.0031308, 12.92 * x, 1.055 * np.maximum(x, 1e-9) ** (1.0 / 2.4) - 0.055)


def hable(x: Light) -> Light:
    return (x * (0.15 * x + 0.05) + 0.004) / (x * (0.15 * x + 0.5) + 0.06) - 0.02 / 0.3


KNOWN: dict[str, Callable[[Light], Light]] = {
    "reinhard": lambda x: srgb(x * (1.0 + x / 36.0) / (1.0 + x)),
    "hable": lambda x: srgb(hable(2.0 * x) / hable(np.array([11.2]))),
    "none": srgb,
}


def shown(name: str, light: NDArray[np.float32]) -> NDArray[np.float32]:
    """The curve on an array [colours, 3]."""
    curve = make_curve(name)

    @ti.kernel
    def run(light: FLOATS, out: FLOATS):
        for i in range(light.shape[0]):
            out[i, 0], out[i, 1], out[i, 2] = curve(light[i, 0], light[i, 1], light[i, 2])

    out = np.zeros_like(light)
    run(light, out)
    return out


@pytest.mark.parametrize("name", WORDS)
def test_a_curve_rises_from_black_to_white_and_is_the_one_it_is_named_after(device: Device, name: str) -> None:
    greys = shown(name, np.repeat(LIGHT[:, None], 3, axis=1).astype(np.float32))
    assert np.abs(greys - greys[:, :1]).max() < 1e-3, "grey stays grey"
    line = greys[:, 1]
    assert line[0] == 0.0
    assert 0.98 < line[-1] <= 1.0
    assert (np.diff(line) > -1e-6).all()
    if name in KNOWN:
        assert np.abs(line - KNOWN[name](LIGHT)).max() < 1.0 / 255.0


def test_agx_leads_a_bright_colour_to_white(device: Device) -> None:
    red = np.array([[0.1, 0.0, 0.0], [40.0, 0.0, 0.0]], np.float32)
    dim, bright = shown("agx", red)
    assert bright[1] > dim[1] + 0.3
    assert shown("filmic", red)[1].tolist() == [1.0, 0.0, 0.0]
