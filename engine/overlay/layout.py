"""Where things lie: nothing leaves the picture, nothing lies on what shows at the same time, at any shape of canvas.

At the top and at the bottom, bars come first, at the edge and as wide as there is room; then what is at the left and at
the right; then what is in the middle, beyond those. Things of one position stack in the order in which they are listed,
the first on top; at the left and at the right, pictures stand beside the words. Two things that never show at the same
time may have the same place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from engine.overlay.values import PICTURES, Item

Measure = Callable[[int, int], tuple[int, int]]
"""(index of an item, pixels of width that there are) -> width and height that it takes; words choose by the former."""


@dataclass(frozen=True, slots=True)
class Box:
    """Where an item lies, pixels; room: the width that it was measured with."""

    x: int
    y: int
    width: int
    height: int
    room: int


@dataclass(frozen=True, slots=True)
class Margins:
    """What stays free at the edges, pixels."""

    left: int
    top: int
    right: int
    bottom: int


def unit(width: int, height: int) -> float:
    """Pixels of a per cent of the shorter side."""
    return min(width, height) / 100.0


def margins(safe: str, width: int, height: int) -> Margins:
    """What `safe` keeps free.

    title: 5 % of the shorter side; edge: nothing; social: what apps for upright video cover with names and buttons;
    auto: social where the picture is upright (9:16), title elsewhere.
    """
    if safe == "auto":
        safe = "social" if 2 * height >= 3 * width else "title"
    if safe == "social":
        side = round(0.08 * width)
        return Margins(side, round(0.13 * height), side, round(0.19 * height))
    all_around = 0 if safe == "edge" else round(5.0 * unit(width, height))
    return Margins(all_around, all_around, all_around, all_around)


def split(position: str) -> tuple[str, str]:
    """(top, center or bottom; left, center or right)."""
    down, _, across = position.partition("-")
    if down in {"left", "right"}:
        return "center", down
    return down, across or "center"


def align(position: str) -> float:
    """0 left, 0.5 in the middle, 1 right."""
    return {"left": 0.0, "center": 0.5, "right": 1.0}[split(position)[1]]


def arrange(items: Sequence[Item], width: int, height: int, duration: float, measure: Measure) -> list[Box]:
    """A box for each item."""
    return _Layout(items, width, height, duration, measure).run()


class _Layout:
    def __init__(self, items: Sequence[Item], width: int, height: int, duration: float, measure: Measure) -> None:
        self.items, self.width, self.height, self.measure = items, width, height, measure
        self.spans = [one.span(duration) for one in items]
        self.unit = unit(width, height)
        self.boxes: dict[int, Box] = {}

    def run(self) -> list[Box]:
        keys = dict.fromkeys((split(one.position)[0], one.safe) for one in self.items)
        for down, safe in sorted(keys, key=lambda one: one[0] == "center"):  # last: it gives way
            self.band(down, margins(safe, self.width, self.height), self.members(down, safe))
        return [self.boxes[k] for k in range(len(self.items))]

    def members(self, down: str, safe: str) -> list[int]:
        """The items of a band."""
        return [k for k, one in enumerate(self.items) if split(one.position)[0] == down and one.safe == safe]

    def band(self, down: str, edge: Margins, members: list[int]) -> None:
        """Place what is at the top, in the middle or at the bottom."""
        room = self.width - edge.left - edge.right
        bars = [k for k in members if self.items[k].kind == "progress"]
        taken = self.stack(down, bars, {k: self.measure(k, room) for k in bars}, edge, edge.left, room)
        sides: dict[str, list[int]] = {"left": [], "center": [], "right": []}
        for k in members:
            if k not in bars:
                sides[split(self.items[k].position)[1]].append(k)
        corners = [*sides["left"], *sides["right"]]
        for across in ("left", "right"):
            other = sides["right" if across == "left" else "left"]
            self.corner(down, across, sides[across], self.beside(sides[across], other, room), edge, taken)
        middle = sides["center"]
        if middle:
            sizes = {k: self.measure(k, room) for k in middle}
            self.stack(down, middle, sizes, edge, edge.left, room, [*bars, *corners])

    def beside(self, own: list[int], other: list[int], room: int) -> int:
        """The width that is left of `room` beside what is on the other side: half, or what that does not need."""
        gap = round(4 * self.unit)
        rivals = [k for k in other if any(self.meet(k, one) for one in own)]
        if not rivals:
            return room
        fixed = all(self.items[k].kind not in {"text", "lyrics"} for k in rivals)
        needed = max(self.measure(k, room)[0] for k in rivals)
        mine = [k for k in own if self.items[k].kind in {"text", "lyrics"}]
        if fixed or not mine:
            return max(room - needed - gap, (room - gap) // 2)
        half = (room - gap) // 2
        return max(half, room - gap - needed)

    def corner(self, down: str, across: str, own: list[int], room: int, edge: Margins, taken: dict[int, Box]) -> None:
        """Pictures side by side from the edge inwards, and the words beside them."""
        images = [k for k in own if self.items[k].kind in PICTURES]
        words = [k for k in own if k not in images]
        gap = round(2.5 * self.unit)
        used = 0
        for k in images:
            own_room = room // 2 if words else room
            width, height = self.measure(k, own_room)
            x = edge.left + used if across == "left" else self.width - edge.right - used - width
            y = self.start(down, k, height, edge, [*taken])
            if down == "center":
                y = (edge.top + self.height - edge.bottom - height) // 2
            self.boxes[k] = Box(x, y, width, height, own_room)
            used += width + gap
        left = max(room - used, self.width // 8)
        sizes = {k: self.measure(k, left) for k in words}
        start = edge.left + used if across == "left" else self.width - edge.right - used - left
        self.stack(down, words, sizes, edge, start, left, [*taken])
        if images and words:
            self.level(images, words)

    def level(self, images: list[int], words: list[int]) -> None:
        """Move the lower of the two, pictures or words, to the height of the other's middle."""

        def ends(group: list[int]) -> tuple[int, int]:
            found = [self.boxes[k] for k in group]
            return min(one.y for one in found), max(one.y + one.height for one in found)

        (top, bottom), (low, high) = ends(images), ends(words)
        shift = (top + bottom - low - high) // 2
        moved = words if bottom - top >= high - low else images
        for k in moved:
            self.boxes[k] = replace(self.boxes[k], y=self.boxes[k].y + (shift if moved is words else -shift))

    def stack(
        self, down: str, own: list[int], sizes: dict[int, tuple[int, int]], edge: Margins, left: int, room: int,
        before: Sequence[int] = (),
    ) -> dict[int, Box]:  # fmt: skip
        """Place items one below the other, beyond those `before` that show at the same time; their boxes."""
        placed: list[int] = []
        order = own[::-1] if down == "bottom" else own
        for k in order:
            width, height = sizes[k]
            x = left + round((room - width) * align(self.items[k].position))
            self.boxes[k] = Box(x, self.start(down, k, height, edge, [*before, *placed]), width, height, room)
            placed.append(k)
        if down == "center" and placed:
            top = min(self.boxes[k].y for k in placed)
            bottom = max(self.boxes[k].y + self.boxes[k].height for k in placed)
            middle = (edge.top + self.height - edge.bottom) // 2
            shift = self.free(placed, middle - (top + bottom) // 2 + top, bottom - top) - top
            for k in placed:
                self.boxes[k] = replace(self.boxes[k], y=self.boxes[k].y + shift)
        return {k: self.boxes[k] for k in placed}

    def free(self, own: list[int], y: int, height: int) -> int:
        """The y of what is in the middle, moved away from what is at the top and at the bottom where there is room."""
        met = [
            box
            for k, box in self.boxes.items()
            if split(self.items[k].position)[0] != "center" and any(self.meet(k, one) for one in own)
        ]
        gap = round(1.5 * self.unit)
        below = [box.y - gap for box in met if box.y + box.height / 2 > self.height / 2]
        above = [box.y + box.height + gap for box in met if box.y + box.height / 2 <= self.height / 2]
        return max(min([y, *(one - height for one in below)]), *above, 0)

    def start(self, down: str, index: int, height: int, edge: Margins, before: Sequence[int]) -> int:
        """The y of an item that comes after those `before` with which it shares time."""
        met = [(k, self.boxes[k]) for k in before if self.meet(k, index)]
        if down == "bottom":
            at = min([self.height - edge.bottom, *(box.y - self.gap(k, index) for k, box in met)])
            return max(at - height, 0)
        at = max([edge.top, *(box.y + box.height + self.gap(k, index) for k, box in met)])
        return at if down == "center" else min(at, self.height - height)

    def gap(self, one: int, other: int) -> int:
        """Pixels between two things that stack: letters have room of their own."""
        kinds = {self.items[one].kind, self.items[other].kind}
        if kinds <= {"text", "lyrics", "time"}:
            return round((2.2 if "lyrics" in kinds and len(kinds) > 1 else 0.3) * self.unit)
        return round(2.0 * self.unit)

    def meet(self, one: int, other: int) -> bool:
        """Whether two items ever show at the same time."""
        (begin, end), (first, last) = self.spans[one], self.spans[other]
        return begin < last and first < end
