"""Fonts: which of several has a character, how wide it is, and what it looks like.

The same pixels on all machines. Letters are set one by one, with the kerning of the font's `kern` table, by Pillow's
own layout, which every Pillow has; its other one, raqm, needs a library of the system. Only what cannot be set without
it (letters that join, stack or run from right to left) goes to raqm: the text decides, never the machine, and one that
lacks it says so. Letters are drawn larger and averaged, so that hints do not bend them to pixels.
"""

from __future__ import annotations

import io
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ImageFont, features

from engine.errors import InputError, MissingError
from engine.overlay import sfnt

WEIGHTS = {"bold": "inter-bold.otf", "regular": "inter-regular.otf"}
SYMBOLS = "dejavu-symbols.ttf"
"""Notes, stars, hearts and arrows: lyrics are full of them."""
MAX_BYTES = 40 << 20
"""The largest fonts, of Chinese, have 20 MB."""
EM = 512
"""Pixels an em at which advances are measured."""

_JOINED = ((0x0590, 0x109F), (0x1780, 0x18AF), (0x1A20, 0x1AAF), (0xA800, 0xABFF), (0xFB1D, 0xFDFF), (0xFE70, 0xFEFC))
_HIDDEN = {0x00AD, 0xFEFF, 0xFE0E, 0xFE0F, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A)}


def builtin(weight: str) -> tuple[bytes, bytes]:
    """The fonts that come with trackreel: Latin, Greek and Cyrillic, and symbols; licences beside them."""
    return _own(WEIGHTS[weight]), _own(SYMBOLS)


@cache
def _own(name: str) -> bytes:
    return files("engine.overlay").joinpath("fonts", name).read_bytes()


def readable(text: str) -> str:
    """Text as it is set: composed, one kind of space, no invisible characters."""
    kept = "".join(one for one in unicodedata.normalize("NFC", text) if ord(one) not in _HIDDEN)
    kept = kept.replace("\r\n", "\n").replace("\t", " ").replace("\u00a0", " ")
    return "".join(one for one in kept if one == "\n" or unicodedata.category(one)[0] != "C")


def joined(text: str) -> bool:
    """Whether letters of the text join, stack or run from right to left."""
    return any(first <= ord(one) <= last for one in text for first, last in _JOINED)


def check(data: bytes) -> None:
    """Raise InputError for what is no font that we can use."""
    if len(data) > MAX_BYTES:
        raise InputError(f"the font has more than {MAX_BYTES >> 20} MB", "name a font file, .ttf or .otf")
    _font(data)


class Face:
    """Several fonts as one: each character is set in the first that has it. Raises InputError for a bad font."""

    def __init__(self, fonts: tuple[bytes, ...]) -> None:
        self.fonts = fonts
        self._parts = [_font(one) for one in fonts]

    def missing(self, text: str) -> str:
        """The first character that no font has; "": there is none.

        Raises MissingError where the text needs raqm and this Pillow has none.
        """
        if joined(text) and not features.check("raqm"):
            raise MissingError(
                "this machine cannot set letters that join or run from right to left: Pillow lacks raqm",
                "install libfribidi0 (Debian, Ubuntu) or fribidi, which Pillow loads",
            )
        wanted = [one for one in text if one not in " \n"]
        absent = next((one for one in wanted if self._which(one) < 0), "")
        if not absent and joined(text) and self._whole(text) < 0:
            absent = next(one for one in wanted if ord(one) not in self._parts[self._which(wanted[0])].glyphs)
        return absent

    def places(self, text: str, *, tabular: bool = False) -> tuple[list[tuple[int, str, float]], float]:
        """Where what is drawn in one go begins: (font, characters, em from the left), and the width of all, in em.

        tabular: digits are as wide as the widest of them, each in the middle of its place.
        """
        if joined(text):
            which = max(self._whole(text), 0)
            return [(which, text, 0.0)], self._shaped(which).getlength(text) / EM
        found: list[tuple[int, str, float]] = []
        x, before, last = 0.0, -1, ""
        for one in text:
            which = max(self._which(one), 0)
            if last and which == before:
                glyphs = self._parts[which].glyphs
                x += self._parts[which].kerning.get(glyphs.get(ord(last), 0) << 16 | glyphs.get(ord(one), 0), 0.0)
            advance = self._advance(which, one)
            if tabular and one.isdecimal():
                cell = max(self._advance(which, digit) for digit in "0123456789")
                found.append((which, one, x + (cell - advance) / 2))
                x, last = x + cell, ""
                continue
            found.append((which, one, x))
            x, before, last = x + advance, which, one
        return found, x

    def width(self, text: str, *, tabular: bool = False) -> float:
        """How wide a line is, in em."""
        return self.places(text, tabular=tabular)[1]

    def glyph(self, which: int, text: str, size: int) -> tuple[NDArray[np.uint8], tuple[int, int]]:
        """What is drawn in one go, at `size` pixels an em: uint8 [h, w] 0..255.

        And where its corner is: from the left, and from the base line downwards.
        """
        engine = ImageFont.Layout.RAQM if joined(text) else ImageFont.Layout.BASIC
        mask, (left, top) = _sized(self.fonts[which], size, engine).getmask2(text, "L", anchor="ls")
        width, height = mask.size
        return np.frombuffer(bytes(mask), np.uint8).reshape(height, width), (int(left), int(top))

    def _which(self, one: str) -> int:
        return next((k for k, part in enumerate(self._parts) if ord(one) in part.glyphs), -1)

    def _whole(self, text: str) -> int:
        """The first font that has all characters, as letters that join must be of one."""
        wanted = [ord(one) for one in text if one not in " \n"]
        return next((k for k, part in enumerate(self._parts) if all(one in part.glyphs for one in wanted)), -1)

    def _advance(self, which: int, one: str) -> float:
        return _advance(self.fonts[which], one)

    def _shaped(self, which: int) -> Any:
        return _sized(self.fonts[which], EM, ImageFont.Layout.RAQM)


@lru_cache(maxsize=16)
def _font(data: bytes) -> sfnt.Sfnt:
    """What a font has. Raises InputError."""
    hint = "name a TrueType or OpenType font, .ttf or .otf"
    try:
        ImageFont.truetype(io.BytesIO(data), EM, layout_engine=ImageFont.Layout.BASIC)
        return sfnt.read(data)
    except (OSError, ValueError) as error:
        raise InputError(f"the font cannot be read: {error}", hint) from error


@lru_cache(maxsize=32)
def _sized(data: bytes, size: int, engine: ImageFont.Layout) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(io.BytesIO(data), size, layout_engine=engine)


@lru_cache(maxsize=8192)
def _advance(data: bytes, one: str) -> float:
    return float(_sized(data, EM, ImageFont.Layout.BASIC).getlength(one)) / EM
