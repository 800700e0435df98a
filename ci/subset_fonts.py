"""How engine/overlay/fonts came to be: Latin, Greek and Cyrillic of Inter, its kerning in a table that FreeType reads.

    pip install fonttools; python ci/subset_fonts.py FOLDER_OF_INTER_OTF DejaVuSans.ttf engine/overlay/fonts

Overlays are set without a shaping engine (see engine/overlay/fonts.py), and FreeType alone knows pairs of the `kern`
table only: the pairs of GPOS are written out there. FOLDER: Debian's fonts-inter 4.0~beta7 (Inter 3.019, OFL 1.1).
Notes, stars and arrows, which Inter lacks, are those of DejaVu Sans 2.37 (fonts-dejavu-core).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables._k_e_r_n import KernTable_format_0

FONTS = {"InterDisplay-SemiBold": "bold", "Inter-Medium": "regular"}
KEPT = [
    *range(0x20, 0x7F), *range(0xA0, 0x250), *range(0x300, 0x330), *range(0x370, 0x400), *range(0x400, 0x530),
    *range(0x1E00, 0x1F00), *range(0x2000, 0x2070), *range(0x2070, 0x20C0), *range(0x2100, 0x2150),
    *range(0x2190, 0x219A), 0x2212, 0x221E, 0x2248, 0x2260, 0x2264, 0x2265, 0x25B6, 0x25CF, 0x2605, 0x2606,
    0x2661, 0x2665, 0x266A, 0x266B, 0x266D, 0x266F, 0x2713, 0x2717, 0xFB01, 0xFB02,
]  # fmt: skip
KERNED = [*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x386, 0x3CF), *range(0x400, 0x460), *range(0x2010, 0x2027)]
LEAST = 0.006  # em: kerning that nobody sees
MOST = 10_900  # pairs a subtable: its length has 16 bits


SYMBOLS = [*range(0x2190, 0x2200), *range(0x25A0, 0x2670), *range(0x2713, 0x2719), 0x2764]


def main(source: Path, symbols: Path, out: Path) -> None:
    """Write each font of FONTS, and the symbols."""
    out.mkdir(parents=True, exist_ok=True)
    for name, short in FONTS.items():
        font = TTFont(source / f"{name}.otf")
        chosen = subset.Options(hinting=False, desubroutinize=False, layout_features=["kern"], name_IDs=["*"])
        chosen.drop_tables += ["GSUB", "GDEF"]
        subsetter = subset.Subsetter(chosen)
        subsetter.populate(unicodes=KEPT)
        subsetter.subset(font)
        pairs = list(kerning(font))
        del font["GPOS"]
        font["kern"] = kern(pairs)
        font.recalcTimestamp = False
        font.save(out / f"inter-{short}.otf")
        print(f"{name}: {len(font.getBestCmap())} characters, {len(pairs)} pairs")

    font = TTFont(symbols)
    chosen = subset.Options(hinting=False, layout_features=[], name_IDs=["*"])
    chosen.drop_tables += ["GSUB", "GPOS", "GDEF", "kern", "FFTM"]
    subsetter = subset.Subsetter(chosen)
    subsetter.populate(unicodes=SYMBOLS)
    subsetter.subset(font)
    font.recalcTimestamp = False
    font.save(out / "dejavu-symbols.ttf")


def kerning(font: TTFont) -> Iterator[tuple[tuple[str, str], int]]:
    """Pairs of glyphs and what is between them, as the first lookup that has the pair says."""
    known = [font.getBestCmap().get(one) for one in KERNED]
    glyphs = list(dict.fromkeys(one for one in known if one))
    tables = [one for lookup in font["GPOS"].table.LookupList.Lookup for one in lookup.SubTable]
    tables = [getattr(one, "ExtSubTable", one) for one in tables]
    least = LEAST * font["head"].unitsPerEm
    for left in glyphs:
        mine = [one for one in tables if one.LookupType == 2 and left in one.Coverage.glyphs]
        for right in glyphs:
            value = next((found for one in mine if (found := of_pair(one, left, right)) is not None), 0)
            if abs(value) >= least:
                yield (left, right), value


def of_pair(table: object, left: str, right: str) -> int | None:
    """The kerning of a pair in a subtable; None: it says nothing of it."""
    if table.Format == 1:
        pairs = table.PairSet[table.Coverage.glyphs.index(left)].PairValueRecord
        return next((one.Value1.XAdvance for one in pairs if one.SecondGlyph == right and one.Value1), None)
    first, second = table.ClassDef1.classDefs.get(left, 0), table.ClassDef2.classDefs.get(right, 0)
    value = table.Class1Record[first].Class2Record[second].Value1
    return getattr(value, "XAdvance", 0) if value else 0


def kern(pairs: list[tuple[tuple[str, str], int]]) -> object:
    """A `kern` table, in subtables whose values FreeType adds up."""
    table = newTable("kern")
    table.version, table.kernTables = 0, []
    for start in range(0, len(pairs), MOST):
        part = KernTable_format_0()
        part.version, part.coverage, part.tupleIndex, part.apple = 0, 1, None, False
        part.kernTable = dict(pairs[start : start + MOST])
        table.kernTables.append(part)
    return table


main(*(Path(one) for one in sys.argv[1:4]))
