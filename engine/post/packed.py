"""Post passes on whole packed frames, after the drawing: motion blur, kaleidoscope, lens, scanlines, grain."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from engine import portable
from engine.effects.base import Slots
from engine.kernels import film, lens
from engine.launch import Launch
from engine.planes import aligned
from engine.post.grain import make_tile
from engine.rows import seeds
from engine.scene import LANES

Pixels = NDArray[np.int32]
"""Packed RGBA8 [rows, strips, LANES]."""

GRAIN_RATE = 24
"""Grain changes this often a second."""


class Packed:
    """The passes among `passes` (see engine.post.catalog) that work on packed frames of width x height pixels.

    samples: pictures that motion blur puts together; `blends` says whether it is one of the passes, and not in vain.
    """

    def __init__(self, passes: Sequence[str], post: Slots, width: int, height: int, seed: int, samples: int) -> None:
        self._places, self._seed = post.places, seed
        self._width, self._height = width, height
        self._strips = -(-width // LANES)
        self._lens = "chromatic_aberration" in passes
        self._fold = Launch(lens.fold) if "kaleidoscope" in passes else None
        self._down, self._across = Launch(lens.part_down), Launch(lens.part_across)
        shape = (height, self._strips, LANES)
        rows = height if self._lens or self._fold is not None else 0
        self._aside = aligned((rows, self._strips, LANES), np.int32)
        self._run = self._aside.reshape(-1)
        self.blends = "motion_blur" in passes and samples > 1
        self._samples = samples
        self._mean = Launch(lens.compile_mean(samples)) if self.blends else None
        self.pictures = aligned((samples, *shape), np.int32) if self.blends else np.zeros((0, *shape), np.int32)
        """Where the pictures are drawn that `mean` puts together."""
        lines, grain = "scanlines" in passes, "grain" in passes
        self._film = Launch(film.compile_film(lines, grain)) if lines or grain else None
        tile = make_tile(min(width, height), seed) if grain else np.zeros((1, LANES), np.int32)
        self._tile = aligned(tile.shape, np.int32)
        self._tile[:] = tile
        self._shares = np.full(height, 256, np.int32)
        self._lines: tuple[float, float] = (0.0, 0.0)

    def moments(self, row: NDArray[np.float32], frame: int) -> list[Fraction]:
        """When the pictures of a frame are drawn: places on the axis of frames, within the shutter from `frame` on."""
        shutter = int(float(row[self._places["motion_blur.shutter"]]) * 256.0 + 0.5) if self.blends else 0
        if not shutter:
            return [Fraction(frame)]
        parts = 512 * self._samples
        return [frame + Fraction(shutter * (2 * k + 1), parts) for k in range(self._samples)]

    def mean(self, out: Pixels) -> None:
        """Motion blur: out = the mean of `pictures`."""
        if self._mean is not None:
            self._mean(out, self.pictures)

    def finish(self, out: Pixels, row: NDArray[np.float32], seconds: Fraction) -> None:
        """The passes after motion blur, in place; row: the frame's numbers; seconds: its time."""
        if self._fold is not None:
            self._kaleidoscope(self._fold, out, row)
        strength = self._value(row, "chromatic_aberration.strength") * 0.005 if self._lens else 0.0
        if strength > 0.0:
            self._down(self._aside, out, strength)
            self._across(out, self._aside, strength, float(self._width))
        if self._film is not None:
            self._set_lines(row)
            noise = int(self._value(row, "grain.strength") * 256.0 + 0.5)
            place = seeds((self._seed, int(seconds * GRAIN_RATE)))
            across = film.TILE // LANES
            self._film(out, self._shares, self._tile, place // across % film.TILE, place % across, noise)

    def _value(self, row: NDArray[np.float32], name: str) -> float:
        return float(row[self._places[name]]) if name in self._places else 0.0

    def _kaleidoscope(self, fold: Launch, out: Pixels, row: NDArray[np.float32]) -> None:
        segments = float(int(self._value(row, "kaleidoscope.segments") + 0.5))
        # The picture's longer side has room for the sector; a quarter turn where that is upwards.
        turn = self._value(row, "kaleidoscope.turn") + (0.5 * np.pi if self._height > self._width else 0.0)
        spin = self._value(row, "kaleidoscope.spin") * segments / (2.0 * np.pi) % 1.0
        angle = np.array([turn % (2.0 * np.pi)])
        cosine, sine = float(np.float32(portable.cos(angle)[0])), float(np.float32(portable.sin(angle)[0]))
        scale = float(np.float32(1.0 / self._value(row, "kaleidoscope.zoom")))
        self._aside[:] = out
        fold(out, self._run, segments, float(np.float32(spin)), cosine, sine, scale, float(self._width))

    def _set_lines(self, row: NDArray[np.float32]) -> None:
        """The rows' shares: lines as cosines, whole pixels apart, as a camera with pixels as large would see them."""
        strength, count = self._value(row, "scanlines.strength"), self._value(row, "scanlines.count")
        if (strength, count) == self._lines or count <= 0.0:
            return
        self._lines = (strength, count)
        period = max(int(self._height / count + 0.5), 2)
        room = min(max(self._height / count - 1.0, 0.0), 1.0)
        half = np.array([np.pi / period])
        depth = 0.5 * strength * room * float(portable.sin(half)[0]) / float(half[0])
        phase = (np.arange(self._height) % period) / period
        waves = depth * portable.cos(2.0 * np.pi * phase)
        self._shares[:] = np.floor(256.0 * (1.0 - 0.5 * strength - waves) + 0.5).astype(np.int32)
