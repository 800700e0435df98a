"""How one picture gives way to another: what each kind of transition needs, and the kernels that do it.

Each is a pure function of the two pictures, its progress, and a salt, which chooses the direction of a wipe, the centre
of a circle, the grains of a dissolve and the waves of a warp. At progress 0 the result is the old picture, at 1 the new
one, bit by bit; between them no pixel's share of the new one ever falls.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine import portable
from engine.expression_memory import hash_unit
from engine.kernels import bending, raster, transitions
from engine.launch import Launch
from engine.planes import aligned
from engine.scene import LANES

Pixels = NDArray[np.int32]
"""Packed RGBA8 [rows, strips, LANES]."""

EDGES = {"wipe": 7, "circle": 7, "dissolve": 3}
"""A soft edge is one part in so many of the whole way."""
DIRECTIONS = ((1.0, 0.0), (0.0, 1.0), (0.8, 0.6), (0.8, -0.6))
"""Of wipes, each of them forwards and backwards."""
OFF_CENTRE = 0.4
"""How far a circle's centre may be from the middle, in half extents."""

ZOOM = 1.6
"""How much smaller a part of the old picture fills the frame when the new one takes over; likewise the new one."""
BLUR = 0.38
"""Length of the zoom's smear in the middle, as a share of the distance from the centre."""
SHARP = 0.14
"""Progress at which nothing is left of the picture that is not smeared."""

WAVES = ((2.4, 0.34), (5.2, 0.17))
"""A warp's waves: radians and height, in halves of the picture's shorter side."""
FADES = {"zoom": (0.38, 0.62), "warp": (0.2, 0.8)}
"""Where pictures move: between these progresses both show; before and after them one alone is seen to move."""


@dataclass(frozen=True)
class Needs:
    """Which of the pictures `Transitions.mix` looks at."""

    old: bool
    new: bool


def needs(kind: str, progress: float) -> Needs:
    """Which pictures must be drawn for `Transitions.mix`; see FADES."""
    begin, end = FADES.get(kind, (-1.0, 2.0))
    return Needs(old=progress < end, new=progress > begin)


class Transitions:
    """Mixes pictures of width x height pixels. Buffers are made, and kernels compiled, when a kind is first wanted."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._strips = raster.Raster(width, height).stride // LANES
        self._order: tuple[tuple[str, int] | None, Pixels] = (None, np.zeros((0, 0, LANES), np.int32))
        self._waves: tuple[int, NDArray[np.float32], NDArray[np.float32]] | None = None
        self._pictures: dict[tuple[int, int], list[Pixels]] = {}
        self._mix, self._by_order = Launch(transitions.mix_frames), Launch(transitions.mix_by_order)
        self._by_light = Launch(transitions.mix_by_light)
        self._shrink, self._enlarge = Launch(bending.shrink), Launch(bending.enlarge)
        self._zoom_one, self._zoom_both = Launch(bending.zoom), Launch(bending.zoom_both)
        self._down = Launch(bending.bend_down)
        self._bend_one, self._bend_both = Launch(bending.bend_one), Launch(bending.bend_both)

    def mix(self, kind: str, out: Pixels, old: Pixels, progress: float, salt: int) -> None:
        """Turn the new picture, in `out`, into the one to show. Of both, those that `needs` names must be drawn."""
        if kind in EDGES:
            scale = EDGES[kind] * transitions.STEPS
            front = int(progress * (scale + transitions.STEPS) + 0.5)
            self._by_order(out, old, self._order_of(kind, salt, scale), front)
        elif kind == "luma":
            self._by_light(out, old, int(progress * (transitions.LIGHTEST + transitions.STEPS) + 0.5))
        elif kind == "zoom":
            self._zoom(out, old, progress)
        elif kind == "warp":
            self._warp(out, old, progress, salt)
        else:
            self._mix(out, old, int(progress * 256.0 + 0.5))

    def _order_of(self, kind: str, salt: int, scale: int) -> Pixels:
        """When each pixel's turn is: worked out once a transition."""
        known, order = self._order
        if known == (kind, salt):
            return order
        if not order.size:
            order = aligned((self.height, self._strips, LANES), np.int32)
        chances = _chances(salt, 3)
        if kind == "wipe":
            sign = 1.0 if chances[1] < 0.5 else -1.0
            a, b = (sign * one for one in DIRECTIONS[min(int(chances[0] * len(DIRECTIONS)), len(DIRECTIONS) - 1)])
            draw = transitions.order_along
        elif kind == "circle":
            a, b = (OFF_CENTRE * (2.0 * one - 1.0) for one in chances[:2])
            draw = transitions.order_around
        else:
            a, b, draw = 0.0, 0.0, transitions.order_grains
        draw(order, float(self.width), float(self.height), a, b, int(chances[2] * 65535.0), float(scale))
        self._order = ((kind, salt), order)
        return order

    def _buffers(self, rows: int, strips: int, count: int) -> list[Pixels]:
        """Pictures of this size to work in, the same ones each time."""
        if (rows, strips) not in self._pictures:
            self._pictures[rows, strips] = [aligned((rows, strips, LANES), np.int32) for _ in range(count)]
        return self._pictures[rows, strips]

    def _zoom(self, out: Pixels, old: Pixels, progress: float) -> None:
        first, second, third = self._buffers((self.height + 1) // 2, (self._strips + 1) // 2, 3)
        width, left, share = 0.5 * self.width, 1.0 - progress, _share("zoom", progress)
        bump = 4.0 * progress * left
        ratio = BLUR * bump * bump / bending.MANY
        scales = 1.0 / (1.0 + ZOOM * progress * progress), 1.0 + ZOOM * left * left
        if share < 256:
            self._shrink(old, first)
        if share > 0:
            self._shrink(out, second)
        if 0 < share < 256:
            views = first.reshape(-1), second.reshape(-1)
            self._zoom_both(third, *views, share, *scales, ratio / bending.FEW, width)
        elif share == 0:
            self._zoom_one(third, first.reshape(-1), scales[0], ratio / bending.MANY, width)
        else:
            self._zoom_one(third, second.reshape(-1), scales[1], ratio / bending.MANY, width)
        self._zoom_one(first, third.reshape(-1), 1.0, ratio, width)
        sharp = int(256.0 * (1.0 - _smooth(min(progress, left) / SHARP)) + 0.5)
        self._enlarge(first, old if progress < 0.5 else out, out, sharp)

    def _warp(self, out: Pixels, old: Pixels, progress: float, salt: int) -> None:
        if self._waves is None or self._waves[0] != salt:
            self._waves = (salt, *_field(self.width, self.height, self._strips, salt))
        _, columns, rows = self._waves
        first, second = self._buffers(self.height, self._strips, 2)
        share, ways = _share("warp", progress), (progress, progress - 1.0)
        if share < 256:
            self._down(first, old, rows, ways[0])
        if share > 0:
            self._down(second, out, rows, ways[1])
        views, width = (first.reshape(-1), second.reshape(-1)), float(self.width)
        if 0 < share < 256:
            self._bend_both(out, *views, columns, rows, share, *ways, width)
        else:
            alone = 1 if share else 0
            self._bend_one(out, views[alone], views[alone], columns, rows, share, ways[alone], ways[alone], width)


def _share(kind: str, progress: float) -> int:
    """The share of the new picture, in 256ths, where pictures move."""
    begin, end = FADES[kind]
    return int(256.0 * _smooth((progress - begin) / (end - begin)) + 0.5)


def _chances(salt: int, count: int) -> list[float]:
    """Numbers in 0..1 that a transition's looks are chosen by."""
    found: list[float] = hash_unit(salt, 0, np.arange(count, dtype=np.int64)).tolist()
    return found


def _smooth(x: float) -> float:
    x = min(max(x, 0.0), 1.0)
    return x * x * (3.0 - 2.0 * x)


def _field(width: int, height: int, strips: int, salt: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The waves of `bending.bend`: columns float32 [4, strips, LANES], rows float32 [FIELD * height].

    sin(a x + b y + phase) is taken apart into sines of x times sines of y.
    """
    half, chances = 0.5 * min(width, height), _chances(salt, 3 * len(WAVES))
    columns, rows = aligned((4, strips, LANES), np.float32), np.zeros((height, bending.FIELD), np.float32)
    x = (np.arange(strips * LANES, dtype=np.float64) - 0.5 * width) / half
    y = (np.arange(height, dtype=np.float64) - 0.5 * height) / half
    for k, (radians, size) in enumerate(WAVES):
        turn, *phases = (np.array([one * 6.28125]) for one in chances[3 * k : 3 * k + 3])
        along_x, along_y = (radians * float(one[0]) for one in (portable.cos(turn), portable.sin(turn)))
        angle = along_y * y + phases[0]
        columns[2 * k] = portable.sin(along_x * x).reshape(strips, LANES)
        columns[2 * k + 1] = portable.cos(along_x * x).reshape(strips, LANES)
        rows[:, 2 * k] = portable.cos(angle) * (size * half)
        rows[:, 2 * k + 1] = portable.sin(angle) * (size * half)
        rows[:, 4] += portable.sin(radians * y + phases[1]) * (size * half)
    return columns, rows.reshape(-1)
