"""Enlarging, dithering and packing what has no fine detail, against plain numpy and against the pixel-wise packing."""

from typing import Any

import numpy as np
import pytest
import taichi as ti

from engine.device import Device
from engine.kernels import color, raster
from engine.kernels.calm import compile_calm
from engine.planes import Planes, aligned, flat
from engine.scene import LANES
from tests.engine.kernels.test_planes import blown

SIZES = [(17, 9), (64, 36), (97, 53), (8, 1), (33, 4)]
DITHER = 7
LEFT = 123456


@ti.func
def _left_half(u0, u1, v, row: ti.template(), most: ti.template(), place):
    return ti.select(u0 < 0.0, 1, 0)


@ti.kernel
def _packed(levels: raster.CELLS, salt: ti.i32, strength: ti.f32, out: ti.types.ndarray(dtype=ti.i32, ndim=2)):
    for y, x in ti.ndrange(out.shape[0], out.shape[1]):
        one = ti.Vector([levels[c, y, x] * (1.0 / 255.0) for c in ti.static(range(3))])
        out[y, x] = color.pack(one, x, y, salt, strength)


def drawn(image: Planes, width: int, height: int, scale: int, salt: int, strength: float, **options: Any) -> Any:
    """The packed frame, int32 [height, width]; what was left alone is LEFT."""
    strips = -(-width // LANES)
    out = aligned((height, strips, LANES), np.int32)
    out[:] = LEFT
    row = np.zeros(DITHER + 1, np.float32)
    row[raster.PX], row[DITHER] = 2.0 / min(width, height), strength
    calm = compile_calm(options.get("touched"), scale, DITHER, by_rows=options.get("by_rows", True))
    most = np.zeros((1, image.columns // LANES), np.float32)
    shape = (float(height), float(width), strips, image.columns // LANES, image.rows)
    calm(flat(out), row, image.flat, most, salt, *shape)
    return out.reshape(height, -1)[:, :width]


def noisy(width: int, height: int, scale: int) -> Planes:
    image = Planes(1, *raster.Raster(width, height).plane(scale))
    image.cells[:] = np.random.default_rng(width).uniform(0.0, 255.0, image.cells.shape)
    return image


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("scale", [2, 4])
@pytest.mark.parametrize("by_rows", [True, False])
def test_levels_are_interpolated_and_rounded(
    device: Device, width: int, height: int, scale: int, by_rows: bool
) -> None:
    image = noisy(width, height, scale)
    wide = blown(blown(image.cells.astype(np.float64), 1, scale, height), 2, scale, width)
    found = drawn(image, width, height, scale, 5, 0.0, by_rows=by_rows)
    channels = np.stack([(found >> shift) & 0xFF for shift in (0, 8, 16)])
    assert (found >> 24 == -1).all(), "alpha"
    wrong = channels != np.floor(wide + 0.5)
    assert np.abs(wide - np.floor(wide) - 0.5)[wrong].max(initial=0.0) < 1e-4, "only a tie may round the other way"


@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0, 4.0])
@pytest.mark.parametrize("salt", [0, 7, 0x7FFFFFFF])
def test_dither_and_packing_are_those_of_single_pixels(device: Device, strength: float, salt: int) -> None:
    width, height = 64, 36
    image = Planes(1, *raster.Raster(width, height).plane(2))
    image.cells[:] = np.array([0.0, 128.25, 255.0])[:, None, None]
    expected = np.zeros((height, width), np.int32)
    levels = np.broadcast_to(image.cells[:, :1, :1], (3, height, width))
    _packed(np.ascontiguousarray(levels), salt, strength, expected)
    found = drawn(image, width, height, 2, salt, strength)
    assert (found != expected).mean() < 0.001, "255 times a 255th may round"
    shifts = (0, 8, 16)
    apart = [np.abs(((found >> shift) & 0xFF) - ((expected >> shift) & 0xFF)).max() for shift in shifts]
    assert max(apart) <= 1


def test_touched_blocks_are_left_alone(device: Device) -> None:
    image = noisy(64, 36, 2)
    found = drawn(image, 64, 36, 2, 1, 1.0, touched=_left_half)
    whole = drawn(image, 64, 36, 2, 1, 1.0)
    assert (found[:, :32] == LEFT).all()
    assert (found[:, 32:] == whole[:, 32:]).all()
