"""Frozen values that say what lies over the picture; every default is filled in, every file is named with its hash."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

KINDS = ("text", "lyrics", "progress", "time", "logo", "cover")
PICTURES = ("logo", "cover")
COVER = "cover"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that an item needs. part: "" for the file itself, COVER for the picture in the tags of an audio file."""

    path: str
    sha256: str
    part: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that lies over the picture.

    kind: one of KINDS. content: a text's words, `bar` or `line` of progress, `elapsed`, `remaining` or `both` of time.
    file: the lyrics or the picture. fonts: asked in turn for each character, before the built-in one.
    position: "top-left", "top", "top-right", "left", "center" ... safe: what the edges are, see layout.margins.
    size: per cent of the canvas' shorter side: of letters, a bar's thickness, a picture's height.
    start, end: seconds of the video between which it shows, negative ones from its end; None: throughout. fade: seconds
    in which it comes at `start` and goes at `end`. opacity, shadow: 0..1. color: "#rrggbb". weight: built-in font's.
    lines: most lines of a text, of a lyric's line. context: lines of the lyrics that show before and after the present
    one. radius: of a picture's corners, per cent of its height.
    """

    kind: str
    content: str
    file: Asset | None
    position: str
    size: float
    safe: str = "auto"
    start: float | None = None
    end: float | None = None
    fade: float = 0.5
    opacity: float = 1.0
    color: str = "#ffffff"
    weight: str = "bold"
    fonts: tuple[Asset, ...] = ()
    shadow: float = 0.0
    lines: int = 1
    context: int = 0
    radius: float = 0.0

    @property
    def assets(self) -> Iterator[Asset]:
        """Every file that it needs."""
        if self.file is not None:
            yield self.file
        yield from self.fonts

    def to_dict(self) -> dict[str, Any]:
        """A JSON-serialisable form; `Item.from_dict` reads it back to an equal value."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        return {**plain, "file": _asset(self.file), "fonts": [_asset(one) for one in self.fonts]}

    def recipe(self) -> dict[str, Any]:
        """All of it that decides pixels: files by their hashes, not by their paths."""
        data = self.to_dict()
        for one in (*data["fonts"], *([data["file"]] if self.file else [])):
            del one["path"]
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Item:
        """The inverse of `to_dict`."""
        file = None if data["file"] is None else Asset(**data["file"])
        return cls(**{**data, "file": file, "fonts": tuple(Asset(**one) for one in data["fonts"])})

    def span(self, duration: float) -> tuple[float, float]:
        """From when to when it shows in a video of `duration` seconds."""
        begin = 0.0 if self.start is None else self.start + (duration if self.start < 0 else 0.0)
        end = duration if self.end is None else self.end + (duration if self.end < 0 else 0.0)
        return begin, end

    def strength(self, time: float, duration: float) -> float:
        """How much of it is seen at `time`, 0..1: fades ease in and out."""
        begin, end = self.span(duration)
        if not begin <= time < end:
            return 0.0
        fade = min(self.fade, (end - begin) / 2.0)
        come = 1.0 if self.start is None else ease(time - begin, fade)
        gone = 1.0 if self.end is None else ease(end - time, fade)
        return min(come, gone)


Overlay = tuple[Item, ...]
"""What lies over the picture, in the order in which it is drawn and stacked."""


class Frames(Protocol):
    """What hands out frames: engine.render.Renderer, which says more of them, and painter.Overlaid."""

    def prepare(self, first: int, count: int) -> None:
        """Compile what the frames need."""
        ...

    def presets_at(self, first: int, count: int) -> list[str]:
        """Which scene each frame shows."""
        ...

    def transitions_at(self, first: int, count: int) -> list[dict[str, str | float] | None]:
        """The transition that each frame is within."""
        ...

    def frames(self, first: int, count: int) -> Iterator[NDArray[np.uint8]]:
        """Frames in order."""
        ...

    def frame(self, index: int, opened: int = 0) -> NDArray[np.uint8]:
        """One frame."""
        ...


def ease(elapsed: float, length: float) -> float:
    """0 to 1 over `length` seconds, gently."""
    if elapsed >= length:
        return 1.0
    x = max(elapsed, 0.0) / length
    return x * x * (3.0 - 2.0 * x)


def _asset(asset: Asset | None) -> dict[str, Any] | None:
    return None if asset is None else {"path": asset.path, "sha256": asset.sha256, "part": asset.part}
