"""What each kind of item draws, at which time: a Show has a size and hands out patches, drawn once and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple, Protocol

import numpy as np
from PIL import Image

from engine.overlay import patches, pictures, words
from engine.overlay.fonts import Face, readable
from engine.overlay.patches import FULL, Patch
from engine.overlay.values import Item


class Moment(NamedTuple):
    """A frame: seconds of the video and of the track, and which of how many frames it is, from 1."""

    time: float
    track: float
    number: int
    frames: int


class Shown(NamedTuple):
    """A patch, where its corner is from that of the item's box, how strong it is, 0..1, and how much of it shows."""

    patch: Patch
    x: int
    y: int
    strength: float = 1.0
    columns: int | None = None


class Show(Protocol):
    """What an item draws; `width` and `height` are of its box, pixels."""

    width: int
    height: int

    def at(self, moment: Moment, /) -> Iterator[Shown]:
        """The patches of a frame."""
        ...


def lettered(item: Item, face: Face, setting: words.Setting, align: float, *, tabular: bool = False) -> Shown:
    """Words with their shadow."""
    pad = patches.reach(item.shadow, setting.size)
    mask = words.draw(face, setting, align, pad, tabular=tabular)
    patch = patches.over_shadow(mask, patches.colour(item.color), item.shadow, setting.size, item.opacity)
    return Shown(patch, -pad, -pad)


class Text:
    """Words that do not change."""

    def __init__(self, item: Item, face: Face, size: int, width: int, align: float) -> None:
        setting = words.fit(face, readable(item.content), size, width, item.lines)
        self.width, self.height = min(setting.width, width), setting.height
        self._shown = lettered(item, face, setting, align)

    def at(self, _moment: Moment) -> Iterator[Shown]:
        """Always the same."""
        yield self._shown


class Time:
    """The time that has passed, that is left, or both; figures have one width, so that nothing moves."""

    def __init__(self, item: Item, face: Face, size: int, total: float, align: float) -> None:
        self._what, self._total = item.content, int(total)
        texts = {clock(self._total, self._total), self.text(0.0), self.text(total)}
        widest = max(texts, key=lambda one: (face.width(one, tabular=True), one))
        setting = words.fit(face, widest, size, 1 << 14, 1, tabular=True)
        self.width, self.height = setting.width, setting.height

        def draw(text: str) -> Shown:
            own = words.Setting((text,), setting.size, setting.width, setting.height)
            return lettered(item, face, own, align, tabular=True)

        self._draw: Callable[[str], Shown] = lru_cache(maxsize=2)(draw)

    def text(self, time: float) -> str:
        """What it says at a time of the video."""
        passed = clock(min(int(time), self._total), self._total)
        if self._what == "elapsed":
            return passed
        if self._what == "remaining":
            return "\u2212" + clock(max(self._total - int(time), 0), self._total)
        return f"{passed} / {clock(self._total, self._total)}"

    def at(self, moment: Moment) -> Iterator[Shown]:
        """Drawn once a second."""
        yield self._draw(self.text(moment.time))


def clock(seconds: int, total: int) -> str:
    """1:05, or 0:01:05 where the whole has hours."""
    minutes, rest = divmod(seconds, 60)
    if total < 3600:
        return f"{minutes}:{rest:02d}"
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


class Progress:
    """A bar that fills, to parts of a pixel."""

    REST = 0.28
    """How strong the part that is to come is."""

    def __init__(self, item: Item, thickness: int, width: int) -> None:
        self.width, self.height = width, thickness
        radius = thickness / 2 if item.content == "bar" else 0.0
        pad = patches.reach(item.shadow, 2.5 * thickness) if item.shadow else 0
        shape = np.pad(patches.rounded(width, thickness, radius), pad)
        colour, self._pad = patches.colour(item.color), pad
        size = 2.5 * thickness
        self._rest = patches.over_shadow(
            (shape * round(self.REST * FULL) // FULL).astype(np.uint16), colour, item.shadow, size, item.opacity
        )
        seen = (shape.astype(np.uint32) * round(item.opacity * FULL) // FULL).astype(np.uint16)
        self._edge = seen[pad : pad + thickness, pad : pad + width]
        self._colour, self._full = colour, Patch(colour, self._edge)

    def at(self, moment: Moment) -> Iterator[Shown]:
        """The whole bar, faint, and what has passed of it over that."""
        yield Shown(self._rest, -self._pad, -self._pad)
        whole, eighths = divmod(8 * self.width * moment.number // moment.frames, 8)
        yield Shown(self._full, 0, 0, columns=whole)
        if eighths:
            part = self._edge[:, whole : whole + 1] * np.uint16(eighths) // np.uint16(8)
            yield Shown(Patch(self._colour, part), whole, 0)


class Picture:
    """A logo, or cover art."""

    def __init__(self, item: Item, image: Image.Image, width: int, height: int) -> None:
        self.width, self.height = pictures.fitted(image.size, width, height)
        colour, alpha = pictures.scaled(image, self.width, self.height)
        size = 0.35 * self.height
        pad = patches.reach(item.shadow, size) if item.shadow else 0
        corners = patches.rounded(self.width, self.height, item.radius * self.height / 100.0)
        shape = np.pad((alpha.astype(np.uint32) * corners // FULL).astype(np.uint16), pad)
        padded = np.pad(colour, ((pad, pad), (pad, pad), (0, 0)))
        patch = patches.over_shadow(shape, padded, item.shadow, size, item.opacity)
        self._shown = Shown(patch, -pad, -pad)

    def at(self, _moment: Moment) -> Iterator[Shown]:
        """Always the same."""
        yield self._shown
