"""Cover art for effects: a picture, or artwork made of the palette where there is none -> numbers for the tables.

Plain numpy and Pillow's whole numbers: no libm on the way to a frame but in `_waves`, whose result is rounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.oklab import linear_from_hex, palette_at

SIDE = 1024
"""A picture is kept as a square of so many pixels."""
WAVES = 7
PAIRS = tuple((i, j) for i in range(WAVES) for j in range(WAVES - i))
"""The blurred picture: amplitudes of these cosine waves across and upwards, the broadest first."""
SOFT = 0.13
"""How fast the amplitudes of finer waves fall."""
_COARSE = 32
_WHITE = 0.92
"""Display white of a picture: white itself would need thirteen times the light, and bloom with it."""

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Art:
    """pixels: uint8 [SIDE, SIDE, 3], sRGB, top row first; None: `seed` chooses the artwork that stands in for it."""

    pixels: Pixels | None = None
    seed: int = 0

    def light(self, palette: Sequence[str], side: int) -> Floats:
        """The picture at `side` x `side` pixels, lowest row first: float32 [3, side, side].

        It is the light that the display curve turns into the picture's own colours.
        """
        pixels = made(tuple(palette), self.seed) if self.pixels is None else self.pixels
        small = np.stack([_resized(pixels[..., c], side) for c in range(3)])
        return np.asarray(_curve()[small[:, ::-1]], np.float32)


def square(picture: NDArray[np.uint8]) -> Pixels:
    """The middle of a picture, uint8 [height, width, 4], as `Art.pixels`; what is transparent is black."""
    height, width = picture.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    middle = picture[top : top + side, left : left + side].astype(np.uint32)
    solid = (middle[..., :3] * middle[..., 3:] + 127) // 255
    return np.stack([_resized(solid[..., c].astype(np.uint8), SIDE) for c in range(3)], axis=-1)


def waves(light: Floats) -> Floats:
    """Amplitudes of PAIRS of the blurred picture: float32 [len(PAIRS), 3], on a grid of 2^-16."""
    side = light.shape[1]
    cosines = _waves(side)
    found = np.empty((len(PAIRS), 3))
    wide = light.astype(np.float64)
    for number, (i, j) in enumerate(PAIRS):
        both = cosines[j][:, None] * cosines[i][None, :]
        share = (2.0 if i else 1.0) * (2.0 if j else 1.0) / (1.0 + SOFT * (i * i + j * j))
        found[number] = [(wide[c] * both).mean() * share for c in range(3)]
    return np.asarray(np.floor(found * 65536.0 + 0.5) / 65536.0, np.float32)


@lru_cache(maxsize=4)
def made(palette: tuple[str, ...], seed: int) -> Pixels:
    """Artwork in the palette's colours: a slope of light with discs and rings before it, chosen by `seed`.

    Half a second of work, kept for the next shots. Not to be changed.
    """
    dice = _dice(seed)
    place = (np.arange(SIDE) + 0.5) * (2.0 / SIDE) - 1.0
    x, y = place[None, :], -place[:, None]
    turn = [next(dice) * 2.0 - 1.0 for _ in range(2)]
    slope = 0.5 + 0.25 * (turn[0] * x + (1.0 if turn[1] > 0 else -1.0) * (0.5 + 0.5 * abs(turn[1])) * y)
    tone, light = 0.06 + 0.42 * slope * slope, 0.5 + 0.5 * slope
    for number in range(5):
        radius = (0.78 - 0.13 * number) * (0.75 + 0.4 * next(dice))
        cx, cy = ((next(dice) - 0.5) * (0.5 + 0.24 * number) for _ in range(2))
        lean = next(dice) * 2.0 - 1.0
        ring = next(dice) > 0.62
        dx, dy = x - cx, y - cy
        away = np.sqrt(dx * dx + dy * dy)
        edge = np.abs(away - 0.85 * radius) - 0.05 * radius if ring else away - radius
        cover = np.clip(0.5 - edge * (SIDE * 0.5), 0.0, 1.0)
        shade = np.clip(edge * 5.0, 0.0, 1.0)
        light = light * (1.0 - (1.0 - cover) * 0.4 * (1.0 - shade) * (1.0 - shade))
        lit = np.clip(0.5 + 0.5 * (lean * dx + (1.0 - 0.5 * abs(lean)) * dy) / radius, 0.0, 1.0)
        own = 0.24 + 0.13 * number + (0.30 + 0.05 * number) * lit
        cover = cover * (0.25 + 0.75 * lit)
        tone, light = tone + (own - tone) * cover, light + (0.55 + 0.55 * lit - light) * cover
    ramp = np.array([palette_at(palette, k / 255.0) for k in range(256)])
    linear = ramp[(np.clip(tone, 0.0, 1.0) * 255.0 + 0.5).astype(np.intp)] * np.clip(light, 0.0, 1.0)[..., None]
    return np.searchsorted(_decoded(), linear).clip(0, 255).astype(np.uint8)


def _dice(seed: int) -> Iterator[float]:
    """Numbers in 0..1 from a seed: a linear congruential generator modulo 2^32, its upper bits."""
    state = (seed * 2654435761 + 12345) & 0xFFFFFFFF
    while True:
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        yield (state >> 8) / 16777216.0


def _resized(channel: Pixels, side: int) -> Pixels:
    """A channel at side x side, in Pillow's whole numbers."""
    from PIL import Image  # scenes without a picture do without Pillow

    return np.asarray(Image.fromarray(channel).resize((side, side), Image.Resampling.BICUBIC))


@cache
def _decoded() -> NDArray[np.float64]:
    """Linear light of the 256 levels."""
    return np.array([linear_from_hex(f"#{level:02x}0000")[0] for level in range(256)])


@cache
def _curve() -> NDArray[np.float64]:
    """The inverse of engine.kernels.color.display at the 256 levels, up to _WHITE."""
    shown = np.arange(256) / 255.0 * _WHITE
    square_ = shown * shown
    a, b = 5.2450745 * 5.2450745 - 27.114663 * square_, 5.396325 * square_
    return np.asarray((b + np.sqrt(b * b + 4.0 * a * square_)) / (2.0 * a))


@cache
def _waves(side: int) -> NDArray[np.float64]:
    place = (np.arange(side) + 0.5) / side
    return np.array([np.cos(np.pi * k * place) for k in range(WAVES)])
