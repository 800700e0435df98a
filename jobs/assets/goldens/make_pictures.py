"""Draws the logo and the cover that the goldens of overlays lay over the picture. The committed files count."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw


def make_logo() -> Image.Image:
    """A disc and a bar: RGBA, 60 x 20."""
    image = Image.new("RGBA", (60, 20))
    draw = ImageDraw.Draw(image)
    draw.ellipse((1, 1, 18, 18), fill=(255, 255, 255, 255))
    draw.rectangle((23, 6, 58, 13), fill=(255, 190, 90, 200))
    return image


def make_cover() -> Image.Image:
    """Rings: RGB, 48 x 48."""
    x, y = np.meshgrid(np.arange(48), np.arange(48))
    rings = ((x - 30) ** 2 + (y - 18) ** 2) // 7 % 256
    return Image.fromarray(np.stack((rings, 5 * y, 255 - 4 * x), axis=2).astype(np.uint8))


if __name__ == "__main__":
    folder = Path(__file__).parent
    make_logo().save(folder / "logo.png", optimize=True)
    make_cover().save(folder / "cover.png", optimize=True)
    print("wrote logo.png and cover.png")
