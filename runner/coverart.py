"""The picture in an audio file's tags: ID3 (MP3, WAV, AIFF), FLAC, MP4 and Ogg. Tags come from strangers."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from runner.tags import limited_memory

FRONT = 3
"""The kind of picture that is the front cover, in ID3 and FLAC."""


def read(path: Path) -> bytes | None:
    """The front cover, or else the first picture, as it is stored; None: there is none, or the tags are broken."""
    import mutagen

    try:
        with limited_memory():
            file: Any = mutagen.File(path)
            found = [] if file is None else sorted(_pictures(file), key=lambda one: one[0] != FRONT)
            return bytes(found[0][1]) if found else None
    except Exception:  # noqa: BLE001 - a broken file makes mutagen raise whatever there is
        return None


def _pictures(file: Any) -> Iterator[tuple[int, bytes]]:
    """(kind, bytes) of each picture."""
    from mutagen.flac import Picture

    unpack: Any = Picture  # mutagen's types do not say what it takes
    for one in getattr(file, "pictures", ()):
        yield one.type, one.data
    tags = file.tags or {}
    for key in dict.fromkeys(tags.keys()):  # Vorbis comments iterate over pairs
        if key.startswith("APIC"):
            yield tags[key].type, tags[key].data
        elif key == "covr":
            yield from ((FRONT, bytes(one)) for one in tags[key])
        elif str(key).lower() == "metadata_block_picture":
            for text in tags[key]:
                picture = unpack(base64.b64decode(text))
                yield picture.type, picture.data
