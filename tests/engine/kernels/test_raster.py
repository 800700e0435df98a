"""The loops: where pixels land, strips that overhang, supersampling, both ways to split the work."""

from typing import Any

import numpy as np
import pytest
import taichi as ti
from numpy.typing import NDArray

from engine.device import Device
from engine.kernels import raster
from engine.kernels.coarse import compile_coarse, compile_columns
from engine.kernels.fine import PATTERNS, compile_draw
from engine.planes import Planes, aligned, flat
from engine.scene import LANES

SIZES = [(17, 9), (64, 64), (97, 53), (320, 180), (45, 80), (8, 1), (1, 1)]


@ti.func
def _card(u, v, px, row: ti.template(), tables: ti.template(), col: ti.template(), tex: ti.template()):
    """The coordinates themselves as colour."""
    return ti.Vector([u, v, px])


@ti.func
def _edge(u, v, px, row: ti.template(), tables: ti.template(), col: ti.template(), tex: ti.template()):
    light = ti.select(u > v, 1.0, 0.0)
    return ti.Vector([light, light, light])


@ti.func
def _images(u, v, px, row: ti.template(), tables: ti.template(), col: ti.template(), tex: ti.template()):
    """The first image's red, the second's blue, the second number of the column."""
    return ti.Vector([tex[0], tex[5], col[1]])


@ti.func
def _right_half(u0, u1, v, row: ti.template(), most: ti.template(), place):
    return ti.select(u1 > 0.0, 1, 0)


@ti.func
def _tall(u0, u1, v, row: ti.template(), most: ti.template(), place):
    return ti.select(v < most[1, place], 1, 0)


def _finish(channel: int, gain: float, offset: float) -> Any:
    @ti.func
    def finish(color, u, v, x, y, salt, row: ti.template()):
        return ti.cast(ti.floor(color[channel] * gain + offset + 0.5), ti.i32) + salt

    return finish


class Drawn:
    """One drawing pass of `pixel`; read() gives a channel as float64 [height, width], to 2^-16."""

    def __init__(self, pixel: Any, width: int, height: int, *, samples: int = 1, by_rows: bool = True) -> None:
        self.sizes = raster.Raster(width, height)
        self.options = (samples, by_rows)
        self.pixel, self.light, self.scale = pixel, -1, 2
        self.touched: Any = None
        self.cols = aligned((2, self.sizes.plane(1)[1] // LANES, LANES), np.float32)
        self.images = Planes(2, *self.sizes.plane(2))
        self.most = np.zeros((2, self.images.columns // LANES), np.float32)

    def read(self, channel: int, salt: int = 0) -> NDArray[np.float64]:
        samples, by_rows = self.options
        gain = float(1 << 16)
        draw = compile_draw(
            self.pixel, self.touched, _finish(channel, gain, 0.0), raster.HEAD, 2, range(2), samples,
            self.images.images, self.scale, self.light, by_rows=by_rows,
        )  # fmt: skip
        width, height = self.sizes.width, self.sizes.height
        strips = self.sizes.stride // LANES
        out = aligned((height, strips, LANES), np.int32)
        row = np.zeros(raster.HEAD, np.float32)
        row[raster.PX] = 2.0 / min(width, height)
        tables = np.zeros((raster.HISTORY_ROW + 1, 64), np.float32)
        arrays = (flat(self.cols), self.images.flat, self.most)
        shape = (float(height), float(width), strips, self.images.columns // LANES, self.images.rows)
        draw(flat(out), row, tables, *arrays, salt, *shape)
        return out.reshape(height, -1)[:, :width] / gain


@pytest.mark.parametrize(("width", "height", "by_rows"), [(*size, True) for size in SIZES] + [(17, 9, False)])
def test_u_points_right_v_up_and_the_shorter_side_is_two_long(
    device: Device, width: int, height: int, by_rows: bool
) -> None:
    card = Drawn(_card, width, height, by_rows=by_rows)
    px = 2.0 / min(width, height)
    u = (np.arange(width) + 0.5 - width / 2) * px
    v = (height / 2 - np.arange(height) - 0.5) * px
    assert np.abs(card.read(0) - u[None, :]).max() < 2e-5
    assert np.abs(card.read(1) - v[:, None]).max() < 2e-5
    assert np.abs(card.read(2) - px).max() < 2e-5


@pytest.mark.parametrize("samples", [1, 2, 4])
def test_samples_average_an_edge(device: Device, samples: int) -> None:
    card = Drawn(_edge, 97, 53, samples=samples).read(0)
    levels = set(np.unique(card).tolist())
    assert levels <= {step / samples for step in range(samples + 1)}
    assert {0.0, 1.0} <= levels
    px = 2.0 / 53
    u, v = (np.arange(97) + 0.5 - 97 / 2) * px, (53 / 2 - np.arange(53) - 0.5) * px
    exact = np.mean([u[None, :] + a * px > v[:, None] + b * px for a, b in PATTERNS[samples]], axis=0)
    assert (card != exact).mean() < 0.01, "but for samples on the edge itself"


@pytest.mark.parametrize("samples", [1, 2, 4])
def test_the_pattern_is_centred_and_fits_the_pixel(samples: int) -> None:
    pattern = np.array(PATTERNS[samples])
    assert len(pattern) == samples
    assert pattern.mean(axis=0).tolist() == [0.0, 0.0]
    assert np.abs(pattern).max() < 0.5


@pytest.mark.parametrize(("width", "height"), [(17, 9), (64, 64)])
@pytest.mark.parametrize("scale", [1, 2, 4])
@pytest.mark.parametrize("by_rows", [True, False])
def test_images_columns_and_bloom_are_read_where_they_belong(
    device: Device, width: int, height: int, scale: int, by_rows: bool
) -> None:
    card = Drawn(_images, width, height, by_rows=by_rows)
    card.scale, card.images = scale, Planes(2, *card.sizes.plane(scale))
    across, down = (np.arange(count, dtype=np.float32) for count in (card.images.columns, card.images.rows))
    card.images.cells[0] = across[None, :] + 100.0 * down[:, None]
    card.images.cells[5] = 7.0
    card.cols.reshape(2, -1)[1] = np.arange(card.cols.shape[1] * LANES) / 4.0
    # Between the centres of cells; beyond the outermost centres the picture stays as it is there.
    x, y = (
        np.clip((np.arange(count) + 0.5) / scale - 0.5, 0.0, most - 1)
        for count, most in ((width, len(across)), (height, len(down)))
    )
    assert np.abs(card.read(0) - (x[None, :] + 100.0 * y[:, None])).max() < 1e-3
    assert (card.read(1) == 7.0).all()
    assert (card.read(2) == np.arange(width)[None, :] / 4.0).all()
    card.light, card.images.cells[4] = 1, 3.0
    assert (card.read(1) == 10.0).all(), "the green of the image that carries the bloom is added to all of the green"


def test_blocks_that_no_layer_touches_are_left_alone(device: Device) -> None:
    card = Drawn(_card, 64, 32)
    whole = card.read(2)
    card.touched = _right_half
    found = card.read(2)
    assert (found[:, :32] == 0.0).all()
    assert (found[:, 32:] == whole[:, 32:]).all()
    card.touched = _tall
    card.most[1] = [1.0, 0.0, -1.0, 0.5]
    found = card.read(2)
    v = (32 / 2 - np.arange(32) - 0.5) * 2.0 / 32
    for block, height in enumerate(card.most[1]):
        part = slice(16 * block, 16 * block + 16)
        assert (found[:, part] == np.where(v < height, 1.0, 0.0)[:, None] * whole[:, part]).all()


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("scale", [1, 2, 4])
def test_planes_of_all_scales_cover_the_same_area_in_whole_strips(width: int, height: int, scale: int) -> None:
    sizes = raster.Raster(width, height)
    rows, columns = sizes.plane(scale)
    assert columns % LANES == 0
    assert (rows * scale, columns * scale) == sizes.plane(1)
    assert rows * scale >= height
    assert columns * scale >= sizes.stride >= width
    assert sizes.stride - width < LANES


@pytest.mark.parametrize(("width", "height"), [(17, 9), (64, 36)])
def test_coarse_light_has_the_coordinates_of_its_cells(device: Device, width: int, height: int) -> None:
    sizes, scale = raster.Raster(width, height), 4
    planes = Planes(2, *sizes.plane(scale))
    kernel = compile_coarse(_card, raster.HEAD, 0, (), scale, 0)
    row = np.zeros(raster.HEAD, np.float32)
    px = row[raster.PX] = 2.0 / min(width, height)
    tables, cols = (
        np.zeros((raster.HISTORY_ROW + 1, 64), np.float32),
        aligned((1, planes.columns // LANES, LANES), np.float32),
    )
    flats = (flat(planes.strips), 1, row, tables, flat(cols), flat(planes.strips))
    kernel(*flats, float(height), float(width), planes.columns // LANES, planes.rows)
    u = ((np.arange(planes.columns) + 0.5) * scale - width / 2) * px
    v = (height / 2 - (np.arange(planes.rows) + 0.5) * scale) * px
    assert (planes.cells[:3] == 0.0).all(), "the other image is left alone"
    assert np.abs(planes.cells[3] - u[None, :]).max() < 2e-5
    assert np.abs(planes.cells[4] - v[:, None]).max() < 2e-5
    assert np.abs(planes.cells[5] - px * scale).max() < 1e-6


def test_columns_are_computed_at_the_scale_they_are_read(device: Device) -> None:
    @ti.func
    def numbers(u, x, row: ti.template(), tables: ti.template()):
        return ti.Vector([u, ti.cast(x, ti.f32)])

    kernel = compile_columns([(numbers, 2, 1)], raster.HEAD)
    row = np.zeros(raster.HEAD, np.float32)
    row[raster.PX] = 0.5
    tables = np.zeros((raster.HISTORY_ROW + 1, 64), np.float32)
    for scale in (1, 2, 4):
        cells = aligned((3, 16 // LANES, LANES), np.float32)
        kernel(row, tables, cells, scale, 20.0)
        found = cells.reshape(3, -1)
        assert (found[0] == 0.0).all(), "another effect's number"
        assert (found[1] == ((np.arange(16) + 0.5) * scale - 10.0) * 0.5).all()
        assert (found[2] == np.arange(16) * scale + scale // 2).all()
