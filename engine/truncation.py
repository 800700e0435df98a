"""Finds audio files that were cut off: a decoder plays what is there and does not say that the rest is missing."""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import BinaryIO

from engine.errors import AudioError

UNKNOWN_SIZES = (0, 0x7FFFFFFF, 0xFFFFFFFF)
"""What writers to a pipe put where they cannot know a WAV file's size."""
MAX_OGG_PAGE = 65307
TOP_BOXES = 10_000


def error(path: Path, what: str) -> AudioError:
    """The AudioError of a truncated file; `what` says what is missing."""
    return AudioError(f"'{path}' is truncated: {what}", "the download or copy stopped early: fetch it again")


def check(path: Path) -> None:
    """Raise AudioError if the container of `path` promises more bytes than the file has. Unknown formats pass."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
            _check_wav(path, file, size)
        elif head[:4] == b"OggS":
            _check_ogg(path, file, size)
        elif head[4:8] in (b"ftyp", b"moov", b"mdat", b"free", b"wide"):
            _check_mp4(path, file, size)
        elif head[:3] == b"ID3" or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 in (0xE2, 0xE4, 0xE6)):
            _check_mp3(path, file, size)


def _check_wav(path: Path, file: BinaryIO, size: int) -> None:
    place = 12
    while place + 8 <= size:
        file.seek(place)
        name, length = struct.unpack("<4sI", file.read(8))
        if name == b"data":
            if length not in UNKNOWN_SIZES and place + 8 + length > size:
                raise error(path, f"its header promises {length} bytes of sound, {size - place - 8} are there")
            return
        place += 8 + length + (length & 1)
    raise error(path, "it ends before its sound begins")


def _check_ogg(path: Path, file: BinaryIO, size: int) -> None:
    """The last page must be whole.

    A missing end-of-stream flag alone is legal in recorded streams: it is not asked for unless the file ends within a
    page.
    """
    file.seek(max(0, size - 2 * MAX_OGG_PAGE))
    tail = file.read()
    place = tail.rfind(b"OggS")
    while place >= 0:
        page = tail[place:]
        if len(page) < 27 or len(page) < 27 + page[26]:
            raise error(path, "its last page is cut off")
        length = 27 + page[26] + sum(page[27 : 27 + page[26]])
        if page[4] == 0:  # the version: a chance "OggS" within a packet hardly has it
            if len(page) < length:
                raise error(path, "its last page is cut off")
            if not page[5] & 4 and len(page) == length:
                raise error(path, "its last page does not end the stream")
            return
        place = tail.rfind(b"OggS", 0, place)


def _check_mp4(path: Path, file: BinaryIO, size: int) -> None:
    place, seen = 0, set()
    for _ in range(TOP_BOXES):
        if place + 8 > size:
            break
        file.seek(place)
        length, name = struct.unpack(">I4s", file.read(8))
        if length == 1:
            wide = file.read(8)
            length = struct.unpack(">Q", wide)[0] if len(wide) == 8 else size
        elif length == 0:
            length = size - place
        if length < 8:
            break
        if name in (b"mdat", b"moov") and place + length > size:
            raise error(path, f"its {name.decode()} box promises {length} bytes, {size - place} are there")
        seen.add(name)
        place += length
    if b"mdat" in seen and b"moov" not in seen and b"moof" not in seen:
        raise error(path, "its index (moov) is missing")


def _check_mp3(path: Path, file: BinaryIO, size: int) -> None:
    """An MP3 says how long it is only in the Xing or Info header of its first frame.

    Without one a cut cannot be seen.
    """
    file.seek(0)
    head = file.read(10)
    start = 0
    if head[:3] == b"ID3" and len(head) == 10:
        start = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
    file.seek(start)
    first = file.read(256)
    for mark in (b"Xing", b"Info"):
        place = first.find(mark, 0, 64)
        if place >= 0 and len(first) >= place + 16:
            flags = int.from_bytes(first[place + 4 : place + 8], "big")
            at = place + 8 + (4 if flags & 1 else 0)
            promised = int.from_bytes(first[at : at + 4], "big") if flags & 2 else 0
            # Encoders differ by up to a frame in what they count.
            if promised > size - start + 2048:
                raise error(path, f"its header promises {promised} bytes, {size - start} are there")
    file.seek(0, os.SEEK_SET)
