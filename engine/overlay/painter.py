"""Overlay + frames -> the same frames with it: every patch is drawn when it changes, and blended where it lies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from engine.overlay import fonts, layout, lyrics, patches, pictures, shows, sung
from engine.overlay.fonts import Face
from engine.overlay.shows import Moment, Show
from engine.overlay.values import Asset, Frames, Item, Overlay
from engine.scene import Canvas

Read = Callable[[Asset], bytes]
"""The bytes of an asset; raises InputError where they are not those that it names."""


class Painter:
    """Lays an overlay over the frames first .. first + count - 1 of a track: the video, whose time begins at 0 there.

    Raises InputError for files that changed since they were looked at.
    """

    def __init__(self, overlay: Overlay, canvas: Canvas, first: int, count: int, read: Read) -> None:
        self._canvas, self._first, self._count, self._read = canvas, first, count, cache(read)
        self._duration = float(count / canvas.fps)
        self._items = overlay
        self._unit = layout.unit(canvas.width, canvas.height)
        self._made: dict[tuple[int, int], Show] = {}

        def measure(index: int, width: int) -> tuple[int, int]:
            show = self._show(index, width)
            return show.width, show.height

        self._boxes = layout.arrange(overlay, canvas.width, canvas.height, self._duration, measure)
        self._shows = [self._show(index, box.room) for index, box in enumerate(self._boxes)]
        self._made.clear()

    def paint(self, frame: NDArray[np.uint8], index: int) -> None:
        """Lay it over a frame of the track, in place: uint8 [height, width, 4]."""
        number = index - self._first
        fps = self._canvas.fps
        moment = Moment(float(number / fps), float(index / fps), number + 1, self._count)
        for item, show, box in zip(self._items, self._shows, self._boxes, strict=True):
            strength = item.strength(moment.time, self._duration)
            if strength > 0:
                for one in show.at(moment):
                    amount = int(strength * one.strength * patches.FULL + 0.5)
                    one.patch.blend(frame, box.x + one.x, box.y + one.y, amount, one.columns)

    def _show(self, index: int, width: int) -> Show:
        if (index, width) not in self._made:
            self._made[index, width] = self._make(self._items[index], width)
        return self._made[index, width]

    def _make(self, item: Item, width: int) -> Show:
        size = max(1, round(item.size * self._unit))
        align = layout.align(item.position)
        if item.kind == "progress":
            return shows.Progress(item, size, width)
        if item.kind == "time":
            return shows.Time(item, self._face(item), size, self._duration, align)
        if item.kind == "text":
            return shows.Text(item, self._face(item), size, width, align)
        assert item.file is not None  # noqa: S101 - the others have one
        data = self._read(item.file)
        if item.kind == "lyrics":
            cues, faults = lyrics.parse(data, Path(item.file.path).suffix)
            if faults:
                raise InputError(f"{Path(item.file.path).name}:{faults[0].line}: {faults[0].message}", faults[0].hint)
            return sung.Lyrics(item, self._face(item), cues, size, width, align)
        image = pictures.read(data, Path(item.file.path).name)
        most = min(width, round((0.4 if item.kind == "logo" else 0.9) * self._canvas.width))
        return shows.Picture(item, image, most, min(size, self._canvas.height))

    def _face(self, item: Item) -> Face:
        return Face((*(self._read(one) for one in item.fonts), *fonts.builtin(item.weight)))


class Overlaid:
    """The frames of a renderer, laid over; used as the renderer is."""

    def __init__(self, renderer: Frames, painter: Painter) -> None:
        self._renderer, self._painter = renderer, painter
        self.prepare, self.presets_at = renderer.prepare, renderer.presets_at
        self.transitions_at = renderer.transitions_at

    def frames(self, first: int, count: int) -> Iterator[NDArray[np.uint8]]:
        """As the renderer's, whose arrays are written into."""
        for offset, frame in enumerate(self._renderer.frames(first, count)):
            self._painter.paint(frame, first + offset)
            yield frame

    def frame(self, index: int, opened: int = 0) -> NDArray[np.uint8]:
        """One frame: the very bits that `frames` yields for it."""
        frame = self._renderer.frame(index, opened)
        self._painter.paint(frame, index)
        return frame
