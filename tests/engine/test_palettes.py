"""Palettes: in order of lightness by name; from a picture, bright at its end and of the picture's hues."""

import numpy as np
import pytest
from PIL import Image

from engine import coverpalette, oklab
from engine.palettes import PALETTES


def labs(colours: tuple[str, ...]) -> np.ndarray:
    return np.array([oklab.oklab(oklab.linear_from_hex(one)) for one in colours])


@pytest.mark.parametrize("name", PALETTES)
def test_a_named_palette_goes_from_dark_to_bright(name: str) -> None:
    light = labs(PALETTES[name].colours)[:, 0]
    assert (np.diff(light) > 0.08).all()
    assert light[0] < 0.15
    assert light[-1] > 0.9
    assert PALETTES[name].description


def halves(left: tuple[int, ...], right: tuple[int, ...], size: int = 90) -> Image.Image:
    image = Image.new("RGBA", (size, size), left)
    image.paste(right, (size // 2, 0, size, size))
    return image


def test_a_picture_s_hues_are_its_palette_s() -> None:
    colours = coverpalette.of(halves((150, 20, 20, 255), (90, 160, 255, 255)))
    found = labs(colours)
    assert len(colours) == 5
    assert (np.diff(found[:, 0]) > 0.05).all()
    assert found[0, 0] < 0.2
    assert found[-1, 0] > 0.85
    assert found[1, 1] > 0.05  # red is the darker half
    assert found[3, 2] < -0.02  # blue the brighter one


def test_what_is_transparent_does_not_count() -> None:
    opaque, clear = (20, 160, 40, 255), (250, 0, 250, 0)
    assert coverpalette.of(halves(opaque, clear)) == coverpalette.of(halves(opaque, opaque))


def test_the_palette_of_a_grey_picture_is_grey() -> None:
    for picture in (Image.new("RGBA", (1, 1), (128, 128, 128, 255)), Image.new("RGBA", (3, 200), (0, 0, 0, 0))):
        assert np.abs(labs(coverpalette.of(picture))[:, 1:]).max() < 0.01


def test_the_palette_of_a_picture_is_this_one_on_any_machine() -> None:
    y, x = np.mgrid[0:100, 0:120]
    pixels = np.stack([x * 2, y * 2, (x * y) % 256, np.full_like(x, 255)], axis=2).astype(np.uint8)
    assert coverpalette.of(Image.fromarray(pixels)) == ("#030112", "#382c9b", "#993a6d", "#ff87c1", "#cffdce")


def test_colours_survive_as_texts() -> None:
    for text in ("#000000", "#ffffff", "#37e0a0", "#0a0b0c"):
        assert oklab.hex_of(oklab.linear_from_hex(text)) == text
