"""Layers put together in vectors, against the blends in numpy; what depends on the row; light; the grade."""

from typing import Any

import numpy as np
import pytest
import taichi as ti

from engine.device import Device
from engine.kernels import raster
from engine.kernels.blend import BLENDS
from engine.kernels.compose import compile_compose
from engine.planes import Planes
from engine.scene import LANES

SIZE = raster.HEAD + 3
HALF, FULL = raster.HEAD, raster.HEAD + 1
ROWS, COLUMNS, SCALE = 5, 24, 2
NUMPY: dict[str, Any] = {
    "normal": lambda under, over, opacity: under + (over - under) * opacity,
    "add": lambda under, over, opacity: under + over * opacity,
    "overlay": lambda under, over, opacity: under + (_overlaid(under, over) - under) * opacity,
    "screen": lambda under, over, opacity: under + over * opacity * (1.0 - np.minimum(under, 1.0)),
    "multiply": lambda under, over, opacity: under * (1.0 + (over - 1.0) * opacity),
}


def _overlaid(under: Any, over: Any) -> Any:
    """Multiplied where it is dark, the opposite of that where it is bright, about a quarter of the light."""
    lit, low = np.minimum(over, 1.0), np.minimum(under, 1.0)
    bright = 1.0 - (1.0 - low) * (1.0 - lit) / 0.75 + under - low
    return np.where(under < 0.25, under * lit * 4.0, bright)


@ti.func
def _slope(u, v, px, row: ti.template(), tables: ti.template(), col: ti.template(), tex: ti.template()):
    return ti.Vector([v + 2.0, 0.5, px])


@ti.func
def _coordinates(red, green, blue, u, v, row: ti.template()):
    return red * 0.5, u, green * 0.0 + v


def composed(layers: list[Any], light: int = -1, grade: Any = None) -> tuple[Planes, Planes, Any]:
    """What the kernel writes, its images, and v of each row."""
    images, out = Planes(3, ROWS, COLUMNS), Planes(1, ROWS, COLUMNS)
    images.cells[:] = np.random.default_rng(5).uniform(0.0, 1.5, images.cells.shape)
    row = np.zeros(SIZE, np.float32)
    row[raster.PX], row[HALF], row[FULL] = 2.0 / (ROWS * SCALE), 0.5, 1.0
    tables = np.zeros((raster.HISTORY_ROW + 1, 64), np.float32)
    extent = (float(ROWS * SCALE), float(COLUMNS * SCALE))
    compile_compose(layers, light, grade, SCALE)(out.flat, row, tables, images.flat, *extent, COLUMNS // LANES, ROWS)
    v = (ROWS * SCALE / 2 - (np.arange(ROWS) + 0.5) * SCALE) * row[raster.PX]
    return out, images, v[:, None]


@pytest.mark.parametrize("blend", list(BLENDS))
def test_images_are_blended_in_order(device: Device, blend: str) -> None:
    layers = [(None, BLENDS["normal"], FULL, 2), (None, BLENDS[blend], HALF, 0)]
    out, images, _ = composed(layers)
    under, over = images.cells[6:9].astype(np.float64), images.cells[0:3].astype(np.float64)
    if blend == "alpha":
        expected = under * (1.0 - 0.5 * np.minimum(over.max(axis=0), 1.0)) + 0.5 * over
    else:
        expected = NUMPY[blend](under, over, 0.5)
    assert np.abs(out.cells - expected).max() < 1e-6


def test_a_row_is_asked_once_and_light_comes_last(device: Device) -> None:
    layers = [(_slope, BLENDS["normal"], FULL, 0), (None, BLENDS["multiply"], FULL, 1)]
    out, images, v = composed(layers, light=2)
    for c, value in enumerate((v + 2.0, 0.5, 2.0 / (ROWS * SCALE) * SCALE)):
        expected = value * images.cells[3 + c].astype(np.float64) + images.cells[6 + c]
        assert np.abs(out.cells[c] - expected).max() < 1e-6


def test_the_grade_has_coordinates_and_gives_levels(device: Device) -> None:
    out, images, v = composed([(None, BLENDS["normal"], FULL, 1)], grade=_coordinates)
    u = ((np.arange(COLUMNS) + 0.5) * SCALE - COLUMNS * SCALE / 2) * 2.0 / (ROWS * SCALE)
    assert np.abs(out.cells[0] - images.cells[3] * 127.5).max() < 1e-4
    assert np.abs(out.cells[1] - u[None, :] * 255.0).max() < 1e-3
    assert np.abs(out.cells[2] - v * 255.0).max() < 1e-3
