"""Cover art for effects: squares, faithful light, the blurred picture's waves, artwork by seed."""

import numpy as np
import pytest

from engine import art
from engine.art import PAIRS, SIDE, Art, made, square, waves
from engine.kernels.raster import ART_ROW, Raster
from engine.tables import ART_LEAST, ART_MOST, Tables, picture_of
from tests.engine.timelines import make_timeline

PALETTE = ("#05070f", "#37e0a0", "#ffffff")


def test_the_middle_of_a_picture_shows_and_what_is_transparent_is_black() -> None:
    picture = np.zeros((4, 8, 4), np.uint8)
    picture[:, 2:6] = (200, 100, 50, 255)
    picture[:, :2] = picture[:, 6:] = (0, 0, 255, 255)
    assert (square(picture) == (200, 100, 50)).all()
    assert square(picture).shape == (SIDE, SIDE, 3)
    picture[..., 3] = 0
    assert not square(picture).any()


@pytest.mark.parametrize("level", [0, 1, 60, 128, 200, 255])
def test_the_display_curve_gives_back_the_picture_s_levels(level: int) -> None:
    (light,) = set(Art(np.full((SIDE, SIDE, 3), level, np.uint8)).light(PALETTE, 8).ravel().tolist())
    shown = 5.2450745 * light / np.sqrt(light * (27.114663 * light + 5.396325) + 1.0)
    assert shown * 255.0 == pytest.approx(level * 0.92, abs=0.01)


def test_waves_say_where_the_light_is() -> None:
    light = np.zeros((3, 16, 16), np.float32)
    light[0, :, 8:] = 1.0
    found = dict(zip(PAIRS, waves(light), strict=True))
    assert found[0, 0][0] == pytest.approx(0.5)
    assert found[1, 0][0] < -0.4  # red at the right, where the first wave is negative
    assert abs(found[0, 1][0]) < 1e-4
    assert not any(one[1:].any() for one in found.values())


def test_artwork_follows_the_seed_and_the_palette_and_nothing_else() -> None:
    assert (made(PALETTE, 5) == made(PALETTE, 5)).all()
    assert (made(PALETTE, 5) != made(PALETTE, 6)).any()
    assert (made(PALETTE, 5) != made(PALETTE[::-1], 5)).any()


@pytest.mark.parametrize(("canvas", "side"), [((16, 16), ART_LEAST), ((320, 180), 108), ((8192, 4320), ART_MOST)])
def test_tables_hold_the_picture_as_large_as_it_shows(canvas: tuple[int, int], side: int) -> None:
    sizes = Raster(*canvas)
    picture = picture_of(Art(np.full((SIDE, SIDE, 3), (255, 0, 0), np.uint8)), PALETTE, sizes)
    assert picture.shape == (3, side, side)
    if side > 200:
        return
    array = Tables(make_timeline(0.2), sizes, {"bands"}, picture).array
    assert array[ART_ROW, 0] == side
    assert array[ART_ROW, 1] == pytest.approx(art.waves(picture)[0, 0])
    assert (array[ART_ROW + 1 :, :side] > 1.0).all()
    assert not array[ART_ROW + 1 :, side : 3 * side].any()
