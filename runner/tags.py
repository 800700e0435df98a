"""What a track's file says of itself: title, artist ... Text from strangers, for names of files and for pictures."""

from __future__ import annotations

import contextlib
import re
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

NAMES: Mapping[str, str] = {
    "title": "the track's title; without one, its file name without suffix",
    "artist": "who plays",
    "album": "the album",
    "albumartist": "whose album it is",
    "tracknumber": "its number on the album; of 3/12 the 3",
    "discnumber": "the disc of the album; of 1/2 the 1",
    "date": "when it came out, as the file writes it",
    "genre": "the genre",
    "composer": "who wrote it",
}
"""The tags that a track may have, and what they mean."""

MAX_BYTES = 80
"""UTF-8 bytes of a tag that are kept: a path's names have 200, and two tags must fit."""

MEMORY = 256 << 20
"""Bytes that reading tags may take: a compressed frame of a few MB can ask for a thousand times as much."""

_ID3 = {"TIT2": "title", "TPE1": "artist", "TALB": "album", "TPE2": "albumartist", "TRCK": "tracknumber"} | {
    "TPOS": "discnumber", "TDRC": "date", "TCON": "genre", "TCOM": "composer",
}  # fmt: skip
_RESERVED = re.compile(r'[/\\:*?"<>|]')
_SPACE = re.compile(r"\s+")


def read(path: Path) -> dict[str, str]:
    """The tags of an audio file as they are; what it lacks is left out. A file that cannot be understood has none.

    Not fit for a file name before it was `clean`ed, nor for a picture before it was made `shown`.
    """
    pairs = (*_soundfile(path), *_mutagen(path))  # what mutagen finds goes before
    return {name: text[: 8 * MAX_BYTES] for name, text in pairs if clean(name, text)}


def clean(name: str, text: str) -> str:
    """A tag's text as part of a file name: no separators, no control or invisible characters, no dots at its ends."""
    text = unicodedata.normalize("NFC", text[: 8 * MAX_BYTES])
    if name in {"tracknumber", "discnumber"}:
        text = text.partition("/")[0]
    text = _SPACE.sub(" ", text)
    kept = "".join("_" if unicodedata.category(one)[0] == "C" else one for one in text)
    raw = _RESERVED.sub("_", kept).strip(" .").encode()
    return raw[:MAX_BYTES].decode(errors="ignore").rstrip(" .")


def shown(name: str, text: str) -> str:
    """A tag's text as people read it on a picture: one line without control or invisible characters."""
    text = unicodedata.normalize("NFC", text[: 8 * MAX_BYTES])
    if name in {"tracknumber", "discnumber"}:
        text = text.partition("/")[0]
    return "".join(one for one in _SPACE.sub(" ", text) if unicodedata.category(one)[0] != "C").strip()


def _mutagen(path: Path) -> Iterator[tuple[str, str]]:
    import mutagen

    try:
        with limited_memory():
            file: Any = mutagen.File(path, easy=True)
            tags = {} if file is None or file.tags is None else dict(file.tags)
    except Exception:  # noqa: BLE001 - a broken file makes it raise whatever there is; the track is fine without tags
        return
    for key, value in tags.items():
        name = _ID3.get(key, str(key).lower())
        first = value[0] if isinstance(value, list) and value else getattr(value, "text", value)
        first = first[0] if isinstance(first, list) and first else first
        if name in NAMES and first:
            yield name, str(first)


def _soundfile(path: Path) -> Iterator[tuple[str, str]]:
    """The LIST INFO chunk of a WAV file, which mutagen does not read."""
    import soundfile

    with contextlib.suppress(soundfile.LibsndfileError, UnicodeError), soundfile.SoundFile(str(path)) as file:
        for name, text in file.copy_metadata().items():
            if name in NAMES:
                yield name, str(text)


@contextlib.contextmanager
def limited_memory() -> Iterator[None]:
    """MemoryError for what would take MEMORY bytes more than there are in use; Linux alone can do this."""
    if sys.platform != "linux":
        yield
        return
    import resource

    import psutil

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = psutil.Process().memory_info().vms + MEMORY
    limits = [one for one in (soft, hard, wanted) if one != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min(limits), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
