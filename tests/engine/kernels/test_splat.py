"""Points of light: where they fall, how much light they bring, what lies off the image."""

import numpy as np
import pytest

from engine.device import Device
from engine.kernels.splat import BAND, FIELDS, Splat
from engine.planes import Planes


def points(*rows: tuple[float, ...]) -> np.ndarray:
    return np.array(rows, np.float32).reshape(-1, FIELDS)


def model(wanted: np.ndarray, planes: Planes, image: int) -> np.ndarray:
    """The same in float64, over the whole image at once."""
    out = planes.cells.astype(np.float64)
    y, x = np.mgrid[0 : planes.rows, 0 : planes.columns] + 0.5
    for px, py, reach, *light in wanted.astype(np.float64):
        if reach > 0.0:
            w = np.maximum(1.0 - ((x - px) ** 2 + (y - py) ** 2) / reach**2, 0.0) ** 2
            for c in range(3):
                out[3 * image + c] += light[c] * w
    return out


@pytest.mark.parametrize(("rows", "columns"), [(9, 24), (BAND, 8), (BAND * 2 + 1, 40)])
def test_points_fall_as_the_formula_says(device: Device, rows: int, columns: int) -> None:
    rng = np.random.default_rng(3)
    wanted = rng.uniform(-4.0, 4.0 + max(rows, columns), (60, FIELDS)).astype(np.float32)
    wanted[:, 2] = rng.uniform(-1.0, 9.0, 60)
    wanted[:, 3:] = rng.uniform(0.0, 2.0, (60, 3))
    planes = Planes(2, rows, columns)
    planes.cells[:] = 0.25
    expected = model(wanted, planes, 1)
    Splat()(wanted, planes, 1)
    assert (planes.cells[:3] == 0.25).all(), "the other image is left alone"
    assert np.abs(planes.cells - expected).max() < 1e-4


def test_a_point_is_brightest_in_its_own_cell(device: Device) -> None:
    planes = Planes(1, 20, 24)
    Splat()(points((5.5, 17.5, 2.0, 1.0, 0.5, 0.25)), planes, 0)
    for c, light in enumerate((1.0, 0.5, 0.25)):
        assert np.unravel_index(planes.cells[c].argmax(), (20, 24)) == (17, 5)
        assert planes.cells[c, 17, 5] == light


def test_no_radius_no_light(device: Device) -> None:
    planes = Planes(1, 8, 8)
    Splat()(points((4.0, 4.0, 0.0, 9.0, 9.0, 9.0), (4.0, 4.0, -1.0, 9.0, 9.0, 9.0)), planes, 0)
    assert (planes.cells == 0.0).all()
