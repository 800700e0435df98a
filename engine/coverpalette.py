"""The palette of a picture: its main colours in OKLab, dark to bright. The same picture gives the same on any machine.

Colours are counted on a small copy of the picture, gathered by a k-means of fixed starts and steps, and spread over the
range of lightness that effects count on: the first is nearly black, the last bright, as in engine.palettes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine import oklab

COLOURS = 5
SIDE = 64
STEPS = 16
DARKEST, BRIGHTEST = 0.10, 0.95
"""Lightness of the ends; a picture's own darkest and brightest lie between."""
_VIVID = 10.0

Array = NDArray[np.float64]


def of(picture: Image.Image) -> tuple[str, ...]:
    """COLOURS sRGB colours "#rrggbb" of an RGBA picture; what is transparent does not count."""
    small = picture.resize((min(SIDE, picture.width), min(SIDE, picture.height)), Image.Resampling.BOX)
    pixels = np.asarray(small, dtype=np.uint8).reshape(-1, 4)
    seen = pixels[pixels[:, 3] >= 128, :3]
    if not len(seen):
        seen = np.zeros((1, 3), np.uint8)
    colours, counts = np.unique(seen >> 2, axis=0, return_counts=True)
    lab = _lab(np.array(_LIGHT)[colours])
    chroma = np.sqrt(lab[:, 1] * lab[:, 1] + lab[:, 2] * lab[:, 2])
    # A small vivid thing is what people remember of a cover.
    weights = counts * (1.0 + _VIVID * chroma)
    means = _gathered(lab, weights)
    return tuple(_spread(means[np.argsort(means[:, 0], kind="stable")]))


_LIGHT = [oklab.linear_from_hex(f"#{(k << 2) + 2:02x}0000")[0] for k in range(64)]


def _lab(rgb: Array) -> Array:
    """OKLab [colour, 3] of linear light: engine.oklab.oklab for all colours at once."""
    roots = [_cube_roots(rgb[:, 0] * r + rgb[:, 1] * g + rgb[:, 2] * b) for r, g, b in oklab.CONES]
    return np.stack([roots[0] * x + roots[1] * y + roots[2] * z for x, y, z in oklab.AXES], axis=1)


def _cube_roots(x: Array) -> Array:
    """By Newton's method: `np.cbrt` asks the machine's own library."""
    y = np.ones_like(x)
    for _ in range(60):
        y = (2.0 * y + x / (y * y)) / 3.0
    return y


def _gathered(lab: Array, weights: Array) -> Array:
    """Means of COLOURS groups (fewer where there are fewer colours), each the mean of what is nearest to it."""
    means = lab[[int(np.argmax(weights))]]
    for _ in range(min(COLOURS, len(lab)) - 1):
        far = _distances(lab, means).min(axis=1)
        means = np.vstack([means, lab[int(np.argmax(far * weights))]])
    for _ in range(STEPS):
        nearest = np.argmin(_distances(lab, means), axis=1)
        total = np.bincount(nearest, weights, len(means))
        sums = np.stack([np.bincount(nearest, weights * lab[:, c], len(means)) for c in range(3)], axis=1)
        means = np.where(total[:, None] > 0.0, sums / np.maximum(total, 1e-12)[:, None], means)
    return means


def _distances(lab: Array, means: Array) -> Array:
    """Squared distances [colour, mean]; elementwise, as sums by matrices differ between machines."""
    gap = lab[:, None, :] - means[None, :, :]
    found: Array = gap[:, :, 0] * gap[:, :, 0] + gap[:, :, 1] * gap[:, :, 1] + gap[:, :, 2] * gap[:, :, 2]
    return found


def _spread(means: Array) -> list[str]:
    """The sorted colours as COLOURS texts; lightness goes from DARKEST to BRIGHTEST, half evenly, half as found."""
    found = []
    low, high = float(means[0, 0]), float(means[-1, 0])
    for k in range(COLOURS):
        place = k / (COLOURS - 1) * (len(means) - 1)
        at = min(int(place), max(len(means) - 2, 0))
        share, other = place - at, min(at + 1, len(means) - 1)
        own, a, b = (float(means[at, c] + (means[other, c] - means[at, c]) * share) for c in range(3))
        even = k / (COLOURS - 1)
        relative = (own - low) / (high - low) if high - low > 1e-6 else even
        light = DARKEST + (BRIGHTEST - DARKEST) * (0.5 * even + 0.5 * relative)
        found.append(oklab.hex_of(_within(light, a, b)))
    return found


def _within(light: float, a: float, b: float) -> tuple[float, float, float]:
    """The linear colour of this lightness and hue, with as much of its chroma as sRGB has."""
    low, high = 0.0, 1.0
    for _ in range(24):
        middle = 0.5 * (low + high)
        inside = all(-1e-6 <= one <= 1.0 + 1e-6 for one in oklab.linear((light, middle * a, middle * b)))
        low, high = (middle, high) if inside else (low, middle)
    return oklab.linear((light, low * a, low * b))
