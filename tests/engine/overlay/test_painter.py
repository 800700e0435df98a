"""Overlays on frames: exact blending, fades, places that hold in every shape of canvas."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from engine.errors import InputError
from engine.overlay import layout, patches, pictures, shows
from engine.overlay.layout import Box
from engine.overlay.painter import Overlaid, Painter
from engine.overlay.values import Asset, Item
from engine.scene import Canvas

Frame = NDArray[np.uint8]


def png(width: int, height: int, colour: tuple[int, ...] = (250, 40, 40, 255)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGBA", (width, height), colour).save(buffer, "PNG")
    return buffer.getvalue()


FILES = {
    "logo.png": png(60, 20),
    "cover.png": png(50, 50),
    "song.lrc": b"[00:00.5]Hold the line\n[00:01]And the lights go out across the bay\n[00:01.5]\n",
}


def asset(name: str) -> Asset:
    return Asset(name, hashlib.sha256(FILES[name]).hexdigest())


def painter(items: list[Item], width: int = 160, height: int = 90, first: int = 0, count: int = 20) -> Painter:
    return Painter(tuple(items), Canvas(width, height, Fraction(10)), first, count, lambda one: FILES[one.path])


def grey(width: int = 160, height: int = 90) -> Frame:
    frame = np.full((height, width, 4), 90, np.uint8)
    frame[..., 3] = 255
    return frame


def painted(one: Painter, index: int, width: int = 160, height: int = 90) -> Frame:
    frame = grey(width, height)
    one.paint(frame, index)
    return frame


TITLE = Item("text", "Low Tide", None, "bottom-left", 10, shadow=0.6)
EVERY = [
    Item("cover", "", asset("cover.png"), "bottom-left", 18, shadow=0.6, radius=4),
    Item("text", "Northern Lights over the Sea", None, "bottom-left", 6, shadow=0.7, lines=2),
    Item("text", "Ada", None, "bottom-left", 4, weight="regular"),
    Item("time", "both", None, "bottom-right", 4),
    Item("progress", "bar", None, "bottom", 1),
    Item("logo", "", asset("logo.png"), "top-right", 8),
    Item("text", "trackreel.example", None, "top-left", 3),
    Item("lyrics", "", asset("song.lrc"), "bottom", 6, lines=3),
    Item("text", "Two\nlines", None, "center", 6, lines=2),
]


PLACES = st.integers(-3, 5)


@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 256), st.integers(0, 256), PLACES, PLACES)
def test_blending_is_exact_and_leaves_a_frame_opaque(
    below: int, colour: int, alpha: int, strength: int, x: int, y: int
) -> None:
    frame = np.full((4, 4, 4), below, np.uint8)
    frame[..., 3] = 255
    patch = patches.Patch(np.full(3, colour), np.full((2, 3), alpha, np.uint16))
    patch.blend(frame, x, y, strength)
    covered = alpha if strength == 256 else (alpha * strength + 128) >> 8
    mixed = (below * (256 - covered) + colour * covered + 128) >> 8
    inside = np.zeros((4, 4), bool)
    inside[max(y, 0) : max(y + 2, 0), max(x, 0) : max(x + 3, 0)] = True
    assert (frame[inside][:, :3] == mixed).all()
    assert (frame[~inside][:, :3] == below).all()
    assert (frame[..., 3] == 255).all()
    assert min(below, colour) <= mixed <= max(below, colour)


@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1920), (1080, 1080), (160, 90), (66, 160), (16, 16), (420, 180)])
def test_nothing_leaves_the_picture_or_lies_on_another(size: tuple[int, int]) -> None:
    one = painter(EVERY, *size)
    boxes = one._boxes
    assert len(boxes) == len(EVERY)
    if min(size) >= 90:
        for box in boxes:
            assert box.x >= 0
            assert box.y >= 0
            assert box.x + box.width <= size[0]
            assert box.y + box.height <= size[1]
        assert [(show.width, show.height) for show in one._shows] == [(box.width, box.height) for box in boxes]
        rivals = [(a, b) for k, a in enumerate(boxes) for b in boxes[k + 1 :] if overlap(a, b)]
        assert rivals == []
    frame = painted(one, 12, *size)
    assert (frame[..., 3] == 255).all()
    assert (frame != grey(*size)).any()


def overlap(one: Box, other: Box) -> bool:
    across = one.x < other.x + other.width and other.x < one.x + one.width
    return across and one.y < other.y + other.height and other.y < one.y + one.height


def test_items_stack_in_their_order_beside_the_cover() -> None:
    cover, title, artist, time, bar, *_ = painter(EVERY, 640, 360)._boxes
    assert cover.x < title.x == artist.x
    assert title.y + title.height <= artist.y
    assert abs((title.y + artist.y + artist.height) / 2 - (cover.y + cover.height / 2)) <= 2
    assert max(cover.y + cover.height, artist.y + artist.height, time.y + time.height) <= bar.y
    assert bar.width == 640 - 36
    assert time.x + time.width == 640 - 18


def test_what_never_shows_together_has_the_same_place() -> None:
    first = Item("text", "One", None, "bottom-left", 6, start=0, end=0.5)
    second = Item("text", "Two", None, "bottom-left", 6, start=1, end=-0.1)
    one, other = painter([first, second])._boxes
    assert one.y == other.y
    one, other = painter([first, Item("text", "Two", None, "bottom-left", 6)])._boxes
    assert one.y + one.height <= other.y


def test_upright_pictures_keep_free_what_apps_cover() -> None:
    (wide,) = painter([TITLE], 1920, 1080)._boxes
    (tall,) = painter([TITLE], 1080, 1920)._boxes
    assert wide.y + wide.height == 1080 - 54
    assert tall.y + tall.height == 1920 - round(0.19 * 1920)
    assert layout.margins("edge", 1080, 1920).bottom == 0


def test_a_text_fades_in_and_out() -> None:
    item = Item("text", "Low Tide", None, "center", 20, start=0.5, end=-0.5, fade=0.4)
    one = painter([item])
    seen = [int(painted(one, index)[..., 0].max()) - 90 for index in range(20)]
    assert seen[:6] == [0] * 6
    assert seen[6:10] == sorted(seen[6:10])
    assert 0 < seen[6] < seen[7] < seen[9] == 165
    assert seen[13] > seen[14] > 0
    assert seen[15:] == [0] * 5


def test_an_excerpt_counts_from_its_own_start_and_lyrics_from_the_track_s() -> None:
    item = Item("text", "Low Tide", None, "center", 20, start=0.0, end=0.3, fade=0)
    assert (painted(painter([item], first=50), 51) != grey()).any()
    assert (painted(painter([item], first=50), 53) == grey()).all()
    sung = Item("lyrics", "", asset("song.lrc"), "center", 8, fade=0.1)
    assert (painted(painter([sung], first=8), 8) != grey()).any()
    assert (painted(painter([sung], first=20), 20) == grey()).all()


def test_lyrics_show_their_line_and_those_around_it() -> None:
    def lit(context: int, index: int) -> NDArray[np.intp]:
        item = Item("lyrics", "", asset("song.lrc"), "center", 8, context=context, fade=0.1)
        return np.flatnonzero((painted(painter([item]), index) != grey()).any(axis=(1, 2)))

    assert len(lit(0, 4)) == 0
    alone, around = lit(0, 7), lit(1, 7)
    assert 0 < len(alone) < len(around)
    assert around.max() > alone.max() + 5, "the next line is below"


@pytest.mark.parametrize("content", ["bar", "line"])
def test_progress_fills(content: str) -> None:
    one = painter([Item("progress", content, None, "bottom", 4, safe="edge")])
    filled = [int((painted(one, index)[88, :, 0] > 200).sum()) for index in range(20)]
    assert filled == sorted(filled)
    assert filled[0] < 10
    assert filled[9] == pytest.approx(80, abs=2)
    assert filled[19] >= 156


def test_time_is_told_in_figures_of_one_width() -> None:
    assert [shows.clock(65, 100), shows.clock(65, 3600)] == ["1:05", "0:01:05"]
    item = Item("time", "remaining", None, "center", 20)
    one = painter([item], count=700)
    assert one._shows[0].width == painter([item], count=690)._shows[0].width
    assert (painted(one, 3) == painted(one, 9)).all()
    assert (painted(one, 3) != painted(one, 13)).any()


def test_pictures_of_strangers_are_bounded() -> None:
    assert pictures.read(png(4, 4), "a.png").size == (4, 4)
    with pytest.raises(InputError, match="may have 20"):
        pictures.read(b"\x89PNG" + bytes(pictures.MAX_BYTES), "a.png")
    header = b"IHDR" + struct.pack(">IIBBBBB", 6000, 6000, 8, 6, 0, 0, 0)
    bomb = png(1, 1)[:12] + header + struct.pack(">I", zlib.crc32(header)) + png(1, 1)[33:]
    with pytest.raises(InputError, match="6000 x 6000 pixels; pictures may have 25 million"):
        pictures.read(bomb, "a.png")
    for data in (b"", b"GIF89a" + bytes(99), png(9, 9)[:60]):
        with pytest.raises(InputError, match=r"is no PNG|is damaged"):
            pictures.read(data, "a.png")


def test_a_transparent_edge_takes_no_colour_along() -> None:
    data = np.zeros((40, 40, 4), np.uint8)
    data[:, 20:] = (255, 255, 255, 255)
    data[:, :20, 1] = 255  # green that nobody should see
    colour, alpha = pictures.scaled(Image.fromarray(data), 10, 10)
    assert set(colour[alpha > 0].ravel()) == {255}


class Renderer:
    """Grey frames, in one array that is used again."""

    def __init__(self) -> None:
        self.out = grey()

    def prepare(self, first: int, count: int) -> None:
        """Nothing to do."""

    def presets_at(self, first: int, count: int) -> list[str]:
        return ["grey"] * count

    def transitions_at(self, first: int, count: int) -> list[str]:
        return [""] * count

    def frames(self, first: int, count: int) -> Iterator[Frame]:
        for _ in range(count):
            self.out[:] = grey()
            yield self.out

    def frame(self, index: int, opened: int = 0) -> Frame:
        return grey()


def test_a_frame_alone_is_that_of_its_run() -> None:
    laid = Overlaid(Renderer(), painter(EVERY, first=5))
    run = [one.copy() for one in laid.frames(5, 20)]
    assert (laid.frame(17, 5) == run[12]).all()
    assert (laid.frame(6, 5) == run[1]).all(), "back in time"
    assert (run[12] != run[1]).any()
    assert laid.presets_at(5, 2) == ["grey", "grey"]


def test_values_survive_json() -> None:
    for item in EVERY:
        assert Item.from_dict(item.to_dict()) == item
        assert "path" not in str(item.recipe())
