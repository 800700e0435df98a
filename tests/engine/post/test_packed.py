"""Passes on packed frames, each for itself: what stays, what moves and how far, and that sizes do not matter."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.device import Device
from engine.effects.base import Slots
from engine.kernels import film
from engine.planes import aligned
from engine.post.catalog import PASSES
from engine.post.grain import SPREAD, make_tile
from engine.post.packed import Packed
from engine.scene import LANES

SIZES = [(64, 36), (97, 53), (36, 64), (16, 16)]


class Bench:
    """One pass on one canvas, with the parameters given and the defaults for the rest."""

    def __init__(self, name: str, size: tuple[int, int], seed: int = 3, samples: int = 2, **given: float) -> None:
        params = PASSES[name].params
        places = {f"{name}.{key}": place for place, key in enumerate(params)}
        self.row = np.array([given.get(key, spec.default) for key, spec in params.items()], np.float32)
        self.width, self.height = size
        self.packed = Packed([name], Slots(places, 0, len(places)), *size, seed, samples)

    def strips(self, picture: NDArray[np.uint8]) -> NDArray[np.int32]:
        out = aligned((self.height, -(-self.width // LANES), LANES), np.int32)
        pixels = out.view(np.uint8).reshape(self.height, -1, 4)
        pixels[:, : self.width, :3], pixels[:, :, 3] = picture, 255
        return out

    def shown(self, out: NDArray[np.int32]) -> NDArray[np.uint8]:
        found = out.view(np.uint8).reshape(self.height, -1, 4)[:, : self.width]
        assert (found[:, :, 3] == 255).all()
        return found[:, :, :3].copy()

    def apply(self, picture: NDArray[np.uint8], seconds: Fraction = Fraction(0)) -> NDArray[np.uint8]:
        out = self.strips(picture)
        self.packed.finish(out, self.row, seconds)
        return self.shown(out)


def flat(size: tuple[int, int], level: int) -> NDArray[np.uint8]:
    return np.full((size[1], size[0], 3), level, np.uint8)


def soft(size: tuple[int, int]) -> NDArray[np.uint8]:
    """A picture without fine detail, other to all sides."""
    y, x = np.mgrid[0 : size[1], 0 : size[0]]
    waves = [np.sin(0.11 * x + 0.07 * y + k) * np.cos(0.05 * x - 0.09 * y) for k in range(3)]
    return (127.5 + 110.0 * np.stack(waves, axis=2)).astype(np.uint8)


@pytest.mark.parametrize("size", SIZES)
def test_aberration_magnifies_red_most_by_parts_of_a_pixel(device: Device, size: tuple[int, int]) -> None:
    picture = soft(size)
    found = Bench("chromatic_aberration", size, strength=1.0).apply(picture)
    assert (found[:, :, 2] == picture[:, :, 2]).all()
    middle = np.array([(size[1] - 1) / 2, (size[0] - 1) / 2])
    y, x = np.mgrid[2 : size[1] - 2, 2 : size[0] - 2]
    for channel, scale in ((0, 0.99), (1, 0.995)):
        rows, columns = (middle[k] + (place - middle[k]) * scale for k, place in enumerate((y, x)))
        upper, left = np.floor(rows).astype(int), np.floor(columns).astype(int)
        v, u, plane = rows - upper, columns - left, picture[:, :, channel].astype(float)
        above = plane[upper, left] * (1 - u) + plane[upper, left + 1] * u
        below = plane[upper + 1, left] * (1 - u) + plane[upper + 1, left + 1] * u
        assert np.abs(found[2:-2, 2:-2, channel] - (above * (1 - v) + below * v)).max() <= 2.0
    assert (Bench("chromatic_aberration", size, strength=0.0).apply(picture) == picture).all()


@pytest.mark.parametrize("size", SIZES)
def test_a_kaleidoscope_is_the_same_to_all_sides_and_stays_flat(device: Device, size: tuple[int, int]) -> None:
    assert (Bench("kaleidoscope", size).apply(flat(size, 90)) == 90).all()
    picture = soft(size)
    found = Bench("kaleidoscope", size, segments=4.0, turn=0.4).apply(picture).astype(int)
    assert np.abs(found - found[::-1]).max() <= 2
    assert np.abs(found - found[:, ::-1]).max() <= 2
    low = min(size) // 2
    top, left = size[1] // 2 - low, size[0] // 2 - low
    square = found[top : size[1] - top, left : size[0] - left]
    assert np.abs(square - square.transpose(1, 0, 2)).max() <= 2
    assert found.std() > 20.0
    spun = Bench("kaleidoscope", size, segments=4.0, turn=0.4, spin=np.pi / 2.0).apply(picture).astype(int)
    assert np.abs(found - spun).max() <= 2, "a whole segment on, all is as it was"


def test_two_segments_keep_the_half_that_is_shown(device: Device) -> None:
    picture = soft((64, 36))
    found = Bench("kaleidoscope", (64, 36), segments=2.0).apply(picture).astype(int)
    assert np.abs(found[18:, 32:] - picture[18:, 32:]).max() <= 1
    assert np.abs(found[18:, :32] - picture[:18, :32][::-1]).max() > 20
    assert np.abs(found[:18] - found[18:][::-1]).max() <= 2


def test_grain_is_strongest_in_middle_tones_and_keeps_the_mean(device: Device) -> None:
    size = (256, 144)
    spreads = []
    for level in (0, 60, 128, 200, 255):
        found = Bench("grain", size, strength=0.5).apply(flat(size, level)).astype(float)
        spreads.append(found.std())
        assert abs(found.mean() - level) < 2.0
        assert (found[:, :, 0] == found[:, :, 1]).all()
    assert max(spreads) == spreads[2]
    assert spreads[2] == pytest.approx(0.5 * 20.0, rel=0.2)
    assert spreads[0] < 0.25 * spreads[2]
    assert spreads[4] < 0.25 * spreads[2]


def test_grain_is_another_24_times_a_second_and_with_another_seed(device: Device) -> None:
    size = (64, 36)
    bench, grey = Bench("grain", size), flat(size, 128)
    found = {tick: bench.apply(grey, Fraction(tick, 48)) for tick in range(6)}
    assert all((found[tick] == found[tick + 1]).all() for tick in (0, 2, 4))
    assert all((found[tick] != found[tick + 2]).any() for tick in (0, 2))
    assert (bench.apply(grey, Fraction(1)) == Bench("grain", size).apply(grey, Fraction(1))).all()
    assert (Bench("grain", size, seed=4).apply(grey) != found[0]).any()


@pytest.mark.parametrize("lines", [90, 1080, 2160])
def test_the_tile_is_even_and_its_edges_fit(lines: int) -> None:
    tile = make_tile(lines, 1).reshape(film.TILE, film.TILE).astype(float)
    assert abs(tile.mean()) < 1.0
    assert tile.std() == pytest.approx(SPREAD, rel=0.02)
    within = np.abs(np.diff(tile, axis=1)).mean()
    assert np.abs(tile[:, 0] - tile[:, -1]).mean() == pytest.approx(within, rel=0.15), "no seam"
    coarse = (tile[:, 1:] * tile[:, :-1]).mean() / tile.var()
    assert (coarse > 0.6) if lines >= 1080 else (abs(coarse) < 0.05)


@pytest.mark.parametrize("height", [54, 90, 250, 540, 1080])
def test_scanlines_darken_by_their_mean_and_never_beat(device: Device, height: int) -> None:
    size = (16, height)
    found = Bench("scanlines", size, strength=0.6).apply(flat(size, 200)).astype(float)
    assert (found == found[:, :1]).all()
    column = found[:, 0, 1]
    assert pytest.approx(column.mean(), abs=3.0) == 200.0 * (1.0 - 0.3)
    period = max(int(height / 270.0 + 0.5), 2)
    assert (column[:-period] == column[period:]).all()
    assert (column.std() > 20.0) == (height >= 540)
    assert (Bench("scanlines", size, strength=0.0).apply(flat(size, 200)) == 200).all()


@pytest.mark.parametrize("samples", [2, 4, 8])
def test_motion_blur_keeps_what_stands_and_takes_the_mean_of_light(device: Device, samples: int) -> None:
    bench = Bench("motion_blur", (256, 2), samples=samples, shutter=1.0)
    still = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 2, axis=0).repeat(3, axis=2)
    for picture in bench.packed.pictures:
        picture[:] = bench.strips(still)
    out = bench.strips(flat((256, 2), 0))
    bench.packed.mean(out)
    assert (bench.shown(out) == still).all()
    bench.packed.pictures[0] = bench.strips(flat((256, 2), 0))
    bench.packed.mean(out)
    found = bench.shown(out)[0, :, 0].astype(float)
    share = 1.0 - 1.0 / samples
    assert (np.diff(found) >= 0.0).all()
    assert found[255] > 255.0 * share**0.45, "what is bright stays bright"
    assert found[60] == pytest.approx(60.0 * share**0.5, abs=2.0)


def test_the_shutter_is_open_from_a_frame_on() -> None:
    bench = Bench("motion_blur", (16, 16), samples=4, shutter=0.5)
    assert bench.packed.moments(bench.row, 7) == [7 + Fraction(2 * k + 1, 16) for k in range(4)]
    for still in (Bench("motion_blur", (16, 16), samples=1), Bench("motion_blur", (16, 16), shutter=0.0)):
        assert still.packed.moments(still.row, 7) == [Fraction(7)]
