"""framemd5 files, read strictly: what is wrong with one is said with its line. See engine.sinks.framemd5."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from engine.errors import InputError

_FIRST = "#format: frame checksums"
_HEAD = {
    "#version": "2",
    "#hash": "MD5",
    "#tb 0": r"[1-9][0-9]*/[1-9][0-9]*",
    "#media_type 0": "video",
    "#codec_id 0": "rawvideo",
    "#dimensions 0": r"[1-9][0-9]*x[1-9][0-9]*",
    "#sar 0": r"[0-9]+/[0-9]+",
}
_COLUMNS = "#stream#, dts,        pts, duration,     size, hash"
_ROW = re.compile(r"0, *(-?[0-9]+), *(-?[0-9]+), *([0-9]+), *([0-9]+), *([0-9a-f]{32})", re.ASCII)
AGAIN = "check the golden's files out again (`git checkout HEAD -- FILE`); if git has no others, record it anew"
_CRLF = (
    "git converted them (core.autocrlf): set `golden/** -text` in .gitattributes, then remove the golden's files and "
    "check them out again; git rewrites none that it takes for unchanged"
)


class FrameHashError(InputError):
    """A framemd5 file is not what it should be."""


@dataclass(frozen=True, slots=True)
class FrameHashes:
    """The MD5 of each frame of a video, in order; frame_bytes: the size of each; tick: seconds of its time base."""

    width: int
    height: int
    tick: Fraction
    frame_bytes: int
    hashes: tuple[str, ...]


class LineEndError(FrameHashError):
    """Something converted its line ends."""


def parse(data: bytes) -> FrameHashes:
    """Read a framemd5 file of one video stream, ours or ffmpeg's.

    Raises FrameHashError: truncated, CRLF line ends, a broken header or row, frames out of order or of several sizes.
    """
    if not data:
        raise FrameHashError("it is empty", AGAIN)
    if b"\r" in data:
        raise LineEndError("its lines end in CR LF instead of LF", _CRLF)
    try:
        text = data.decode("ascii")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise FrameHashError(f"line {line} holds bytes that are no ASCII", AGAIN) from None
    lines = text.split("\n")
    if lines.pop():
        raise FrameHashError(f"it is truncated: line {len(lines) + 1} does not end", AGAIN)
    head, start = _header(lines)
    width, height = (int(one) for one in head["#dimensions 0"].split("x"))
    tick = Fraction(head["#tb 0"])
    size, hashes = _rows(lines, start)
    return FrameHashes(width, height, tick, size, hashes)


def _header(lines: list[str]) -> tuple[dict[str, str], int]:
    """The header's values, and the index of the first row."""
    if lines[0] != _FIRST:
        raise FrameHashError(f"line 1 is not '{_FIRST}': it is no framemd5 file", AGAIN)
    head: dict[str, str] = {}
    for index, line in enumerate(lines[1:], start=1):
        if line == _COLUMNS:
            break
        name, _, value = line.partition(": ")
        if name in {"#software", "#extradata 0"}:  # ffmpeg's own notes
            continue
        if name not in _HEAD or name in head:
            raise FrameHashError(f"line {index + 1} is not a line of a framemd5 header: {line[:60]!r}", AGAIN)
        if not re.fullmatch(_HEAD[name], value, re.ASCII):
            raise FrameHashError(f"line {index + 1}: {name[1:]} is {value[:40]!r}: a foreign header", AGAIN)
        head[name] = value
    else:
        raise FrameHashError("it is truncated: its header has no end", AGAIN)
    missing = [name for name in _HEAD if name not in head]
    if missing:
        raise FrameHashError(f"its header has no '{missing[0]}'", AGAIN)
    return head, index + 1


def _rows(lines: list[str], start: int) -> tuple[int, tuple[str, ...]]:
    hashes: list[str] = []
    size = 0
    for number, line in enumerate(lines[start:], start=start + 1):
        match = _ROW.fullmatch(line)
        if match is None:
            fault = "it is truncated: " if number == len(lines) else ""
            raise FrameHashError(f"{fault}line {number} is not a frame's line: {line[:60]!r}", AGAIN)
        time, size = int(match[2]), size or int(match[4])
        if time > len(hashes):
            raise FrameHashError(f"line {number}: a frame is missing: {len(hashes)} should come, not {time}", AGAIN)
        if time < len(hashes):
            raise FrameHashError(f"line {number}: an extra frame: {time} is there already", AGAIN)
        if int(match[4]) != size:
            raise FrameHashError(f"line {number}: a frame of {match[4]} bytes among frames of {size}", AGAIN)
        hashes.append(match[5])
    if not hashes:
        raise FrameHashError("it is truncated: it has no frames", AGAIN)
    return size, tuple(hashes)
