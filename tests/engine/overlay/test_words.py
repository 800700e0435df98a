"""Words: kerned, in the width there is, the same figures everywhere; fonts that lack a character or are no fonts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from engine.overlay import fonts, sfnt, words
from engine.overlay.fonts import Face

BOLD, SYMBOLS = fonts.builtin("bold")
FACE = Face((BOLD,))


@pytest.mark.parametrize("weight", fonts.WEIGHTS)
def test_the_built_in_fonts_have_latin_greek_and_cyrillic(weight: str) -> None:
    face = Face(fonts.builtin(weight))
    assert face.missing("Ångström Łódź Ελλάδα Привет, Việt Nam — “quotes” €9 1:02 / 3:45 \u22120:10… ♪ ★ → ♥") == ""
    assert face.missing("naïve 漢字") == "漢"
    assert sum(len(one) for one in fonts.builtin(weight)) < 500_000


def test_pairs_are_kerned_and_figures_are_not() -> None:
    apart = FACE.width("A") + FACE.width("V")
    assert FACE.width("AV") < apart - 0.05
    assert FACE.width("1", tabular=True) == FACE.width("8", tabular=True) > FACE.width("1")
    assert FACE.width("11:11", tabular=True) == pytest.approx(FACE.width("48:38", tabular=True), abs=0.02)


def test_a_short_title_keeps_its_size_and_a_long_one_shrinks_wraps_and_is_cut() -> None:
    assert words.fit(FACE, "Low Tide", 50, 400, 2).size == 50
    shrunk = words.fit(FACE, "Low Tide", 50, 190, 2)
    assert (shrunk.lines, 42 <= shrunk.size < 50) == (("Low Tide",), True)
    wrapped = words.fit(FACE, "Northern Lights over the Sea", 50, 400, 2)
    assert wrapped.lines == ("Northern Lights", "over the Sea"), "lines are about equally long"
    cut = words.fit(FACE, "Northern Lights over the Sea of Tranquility and beyond", 50, 300, 2)
    assert cut.lines[-1].endswith(words.ELLIPSIS)
    assert len(cut.lines) == 2
    assert words.fit(FACE, "one\ntwo", 50, 400, 2).lines == ("one", "two"), "its own line ends are kept"
    assert words.fit(FACE, "one\ntwo", 50, 400, 1).lines == ("one two",), "unless there are too many"


@given(
    st.text(st.sampled_from("abcWi ÅБ漢.-\n"), max_size=60), st.integers(4, 80), st.integers(30, 500), st.integers(1, 4)
)
def test_nothing_is_ever_wider_or_has_more_lines(text: str, size: int, width: int, lines: int) -> None:
    found = words.fit(FACE, text, size, width, lines)
    assert len(found.lines) <= lines
    assert found.width <= width + 1
    assert found.size <= size
    assert all(FACE.width(one) * found.size <= width for one in found.lines)


def test_a_mask_covers_what_it_says() -> None:
    setting = words.fit(FACE, "Hxg", 30, 300, 1)
    mask = words.draw(FACE, setting, 0.0, 10)
    assert mask.shape == (setting.height + 20, setting.width + 20)
    assert mask.max() == 256
    rows, columns = np.nonzero(mask)
    assert 8 <= columns.min() <= 14
    assert columns.max() < setting.width + 12
    right = words.draw(FACE, words.Setting(("Hxg",), 30, 300, setting.height), 1.0, 10)
    assert np.nonzero(right)[1].max() > 300
    assert rows.min() >= 10


def test_characters_come_from_the_first_font_that_has_them() -> None:
    face = Face((fonts.builtin("regular")[0], BOLD, SYMBOLS))
    assert [which for which, _, _ in face.places("Lo ♪")[0]] == [0, 0, 0, 2]
    glyphs = sfnt.read(BOLD).glyphs
    assert glyphs[ord("A")] != glyphs[ord("B")]
    assert face.missing("\u200bLow\ufe0f") != "", "invisible characters have no glyph"
    assert face.missing(fonts.readable("\u200bLow\ufe0f")) == ""


@given(st.data())
def test_a_damaged_font_is_refused_or_read(data: st.DataObject) -> None:
    raw = bytearray(BOLD[: data.draw(st.integers(0, len(BOLD)))])
    for _ in range(data.draw(st.integers(0, 8))):
        if raw:
            raw[data.draw(st.integers(0, min(len(raw), 4000) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert sfnt.read(bytes(raw)).glyphs
    except ValueError as error:
        assert str(error)


@pytest.mark.parametrize("data", [b"", b"no font", BOLD[:5000]])
def test_what_is_no_font_is_said(data: bytes) -> None:
    with pytest.raises(InputError, match="the font cannot be read"):
        fonts.check(data)


def test_only_text_that_needs_it_is_shaped() -> None:
    assert fonts.joined("שלום")
    assert fonts.joined("नमस्ते")
    assert not fonts.joined("Привет 漢字 Ελλάδα é")
