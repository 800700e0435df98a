"""What is wrong in the files that overlays name: pictures, fonts, and lyrics with places of their own."""

from __future__ import annotations

from pathlib import Path

from engine.overlay import fonts, lyrics, pictures
from engine.overlay.fonts import Face, readable
from engine.overlay.values import Asset
from runner import assets
from runner.diagnostics import Diagnostic, Position, Source, printable


def look(asset: Asset, what: str) -> None:
    """Raise InputError for a picture or a font that cannot be used."""
    name = Path(asset.path).name
    if what == "picture":
        pictures.check_size(Path(asset.path).stat().st_size, name)
        pictures.read(assets.read(asset), printable(name))
    elif what == "font":
        fonts.check(assets.read(asset))


def face(files: tuple[Asset, ...], weight: str) -> Face:
    """The fonts of an item, the built-in ones last. Raises InputError."""
    return Face((*(assets.read(one) for one in files), *fonts.builtin(weight)))


def check_lyrics(asset: Asset, letters: Face, named: str) -> list[Diagnostic]:
    """What is wrong in a file of lyrics, `named` so in messages, with its own places."""
    data = assets.read(asset)
    cues, faults = lyrics.parse(data, Path(asset.path).suffix)
    lines = tuple(data.decode("utf-8-sig", "replace").splitlines())
    source = Source(named, lines)
    found = [Diagnostic.at(Position(source, one.line, one.column), one.message, one.hint) for one in faults]
    seen = set[str]()
    for cue in cues:
        absent = letters.missing(readable(cue.text))
        if absent and absent not in seen:
            seen.add(absent)
            line = next((k for k in range(cue.line, len(lines) + 1) if absent in lines[k - 1]), cue.line)
            column = lines[line - 1].find(absent) + 1 if line <= len(lines) else 1
            found.append(Diagnostic.at(Position(source, line, max(column, 1)), *missing(absent)))
    return found


def missing(absent: str) -> tuple[str, str]:
    """What is said of a character that no font has: message and hint."""
    hint = "name a font that has it: font: fonts/name.ttf; each character is set in the first of a list that has it"
    return f'missing font glyph: no font has "{printable(absent)}" (U+{ord(absent):04X})', hint
