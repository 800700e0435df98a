"""Lyrics on the picture: the line that is sung, alone or among its neighbours."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterator
from functools import lru_cache

from engine.overlay import lyrics, words
from engine.overlay.fonts import Face, readable
from engine.overlay.shows import Moment, Shown, lettered
from engine.overlay.values import Item, ease

READ = 24
"""How wide lyrics may be, in em: the eye should not have to travel."""
MANY = 500
"""Lines of lyrics that are set beforehand, to know how much room they take."""
PAST = 0.5
"""Strength of lyrics before and after the present line."""


class Lyrics:
    """The line that is sung, with those around it where that is wanted; drawn when its time comes."""

    def __init__(self, item: Item, face: Face, cues: list[lyrics.Cue], size: int, width: int, align: float) -> None:
        self._cues, self._starts, self._fade = cues, [one.start for one in cues], item.fade
        self._item = item
        room = min(width, max(round(READ * size), width // 2))
        self._setting: Callable[[int], words.Setting] = lru_cache(maxsize=MANY)(
            lambda index: words.fit(face, readable(cues[index].text), size, room, item.lines, even=True)
        )
        tallest = words.height(size, item.lines)
        if len(cues) <= MANY:
            tallest = max(self._setting(index).height for index in range(len(cues)))
        self._row = tallest
        self._gap = round(0.35 * size)
        self.width, self.height = width, tallest + 2 * item.context * (tallest + self._gap)
        self._down = item.position.partition("-")[0]

        def draw(index: int) -> Shown:
            setting = self._setting(index)
            shown = lettered(item, face, setting, align)
            return shown._replace(x=shown.x + round((width - setting.width) * align))

        self._draw: Callable[[int], Shown] = lru_cache(maxsize=6 + 2 * item.context)(draw)

    def at(self, moment: Moment) -> Iterator[Shown]:
        """Each line fades in as it comes, over the one before; or steps forward from those around it."""
        last = bisect.bisect_right(self._starts, moment.track) - 1
        if not self._item.context:
            for index in range(max(0, last - 2), last + 1):
                yield from self._one(index, self._within(index), self._sung(index, moment.track))
        elif last >= 0:
            yield from self._around(last, moment.track)
        else:
            first = self._item.context * (self._row + self._gap) + self._within(0)
            yield from self._one(0, first, self._soon(0, moment.track))

    def _around(self, last: int, track: float) -> Iterator[Shown]:
        """The present line in the middle, those before above it, those to come below it."""
        come = ease(track - self._starts[last], self._fade)
        middle = self._item.context * (self._row + self._gap) + self._within(last)
        yield from self._one(last, middle, max(PAST, self._sung(last, track)))
        top, bottom = middle, middle + self._setting(last).height + self._gap
        for step in range(1, self._item.context + 1):
            before, after = last - step, last + step
            if before >= 0:
                top -= self._setting(before).height + self._gap
                left = PAST if step > 1 else 1.0 - (1.0 - PAST) * come
                yield from self._one(before, top, left if track - self._cues[before].end < lyrics.LINGER else 0.0)
            if after < len(self._cues):
                yield from self._one(after, bottom, self._soon(after, track))
                bottom += self._setting(after).height + self._gap

    def _sung(self, index: int, track: float) -> float:
        cue = self._cues[index]
        fade = min(self._fade, (cue.end - cue.start) / 2)
        return min(ease(track - cue.start, fade), ease(cue.end - track, fade))

    def _soon(self, index: int, track: float) -> float:
        return PAST if self._starts[index] - track < lyrics.LINGER * self._item.context else 0.0

    def _within(self, index: int) -> int:
        """Where a line is in the room that the tallest takes."""
        spare = self._row - self._setting(index).height
        return {"top": 0, "bottom": spare}.get(self._down, spare // 2)

    def _one(self, index: int, y: int, strength: float) -> Iterator[Shown]:
        if strength > 0:
            shown = self._draw(index)
            yield shown._replace(y=shown.y + y, strength=strength)
