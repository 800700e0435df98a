"""What we ask of a TrueType or OpenType file ourselves: which characters it has, and its kerning.

Pillow knows neither: it draws a box for a character that is missing, and without a shaping engine it divides kerning by
64 (Pillow 13). Formats: https://learn.microsoft.com/typography/opentype/spec/cmap and .../kern. Files come from
strangers: every offset is checked by slices and struct, and the number of characters is bounded.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

MOST = 200_000
"""Characters, and pairs, that are looked at: no font has as many."""


@dataclass(frozen=True, slots=True)
class Sfnt:
    """glyphs: code point -> number of its glyph. kerning: (left << 16 | right) glyph -> em."""

    glyphs: dict[int, int]
    kerning: dict[int, float]


def read(data: bytes) -> Sfnt:
    """Read a font, of a collection the first one. Raises ValueError for what is no font, or has no Unicode."""
    try:
        tables = _tables(data)
        units = _numbers(">H", tables["head"], 18)[0]
        glyphs = _cmap(tables["cmap"])
        kerning = _kern(tables["kern"], max(units, 1)) if "kern" in tables else {}
    except (struct.error, KeyError, IndexError) as error:
        raise ValueError("it is damaged, or no TrueType or OpenType font") from error
    if not glyphs:
        raise ValueError("it has no characters of Unicode")
    return Sfnt(glyphs, kerning)


def _numbers(form: str, data: bytes, at: int) -> tuple[int, ...]:
    return struct.unpack_from(form, data, at)


def _tables(data: bytes) -> dict[str, bytes]:
    start = _numbers(">I", data, 12)[0] if data[:4] == b"ttcf" else 0
    count = _numbers(">H", data, start + 4)[0]
    found: dict[str, bytes] = {}
    for index in range(count):
        tag, _, offset, length = struct.unpack_from(">4sIII", data, start + 12 + 16 * index)
        found[tag.decode("latin-1")] = data[offset : offset + length]
    return found


def _cmap(table: bytes) -> dict[int, int]:
    """The glyphs of the best Unicode subtable: one with all planes goes before one with the first."""
    subtables = [_numbers(">HHI", table, 4 + 8 * index) for index in range(_numbers(">H", table, 2)[0])]
    unicode_ones = [
        offset for platform, kind, offset in subtables if platform == 0 or (platform == 3 and kind in {1, 10})
    ]
    parts = [(table[offset:], _numbers(">H", table, offset)[0]) for offset in unicode_ones]
    for part, form in parts:
        if form == 12:
            return _segments(part)
    for part, form in parts:
        if form == 4:
            return _planes(part)
    return {}


def _segments(part: bytes) -> dict[int, int]:
    """Format 12: runs of characters with runs of glyphs."""
    found: dict[int, int] = {}
    for index in range(min(_numbers(">I", part, 12)[0], MOST)):
        first, last, glyph = _numbers(">III", part, 16 + 12 * index)
        if last < first or last > 0x10FFFF or len(found) + last - first > MOST:
            raise struct.error
        found.update((first + step, glyph + step) for step in range(last - first + 1) if glyph + step)
    return found


def _planes(part: bytes) -> dict[int, int]:
    """Format 4: the first 65536 characters."""
    count = _numbers(">H", part, 6)[0] // 2
    ends, starts, deltas, offsets = (
        _numbers(f">{count}H", part, 14 + 2 * count * k + (2 if k else 0)) for k in range(4)
    )
    found: dict[int, int] = {}
    for k in range(count):
        for code in range(starts[k], min(ends[k], 0xFFFE) + 1):
            glyph = code
            if offsets[k]:
                place = 16 + 6 * count + 2 * k + offsets[k] + 2 * (code - starts[k])
                glyph = _numbers(">H", part, place)[0]
            if glyph or not offsets[k]:
                glyph = (glyph + deltas[k]) & 0xFFFF
            if glyph:
                found[code] = glyph
    return found


def _kern(table: bytes, units: int) -> dict[int, float]:
    """Horizontal pairs of format 0; several subtables add up."""
    found: dict[int, float] = {}
    if _numbers(">H", table, 0)[0] != 0:
        return found  # Apple's own form
    at = 4
    for _ in range(_numbers(">H", table, 2)[0]):
        _, length, coverage = _numbers(">HHH", table, at)
        if coverage & 0xFF07 == 1:
            for index in range(min(_numbers(">H", table, at + 6)[0], MOST)):
                left, right, value = _numbers(">HHh", table, at + 14 + 6 * index)
                found[left << 16 | right] = found.get(left << 16 | right, 0.0) + value / units
        at += max(length, 14)
    return found
