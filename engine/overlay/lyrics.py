"""Lyrics with their times, .lrc and .srt -> cues. Small files by hand: every line that is wrong is named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_BYTES = 1_000_000
MAX_CUES = 5_000
MAX_LENGTH = 200
"""Characters of a line of lyrics."""
LINGER = 8.0
"""Seconds that the last line of an .lrc file shows, and any that nothing follows soon."""
SUFFIXES = (".lrc", ".srt")

_STAMP = re.compile(r"\[(\d{1,3}):([0-5]?\d)(?:[.:,](\d{1,3}))?\]", re.ASCII)
_WORD = re.compile(r"<\d{1,3}:[0-5]?\d(?:[.:,]\d{1,3})?>", re.ASCII)
_TAG = re.compile(r"\[([A-Za-z#][A-Za-z0-9_ ]*):(.*)\]\s*")
_OFFSET = re.compile(r"\s*([+-]?\d{1,7})\s*", re.ASCII)
_ARROW = re.compile(r"\s*(\S+)\s*-->\s*(\S+)(?:\s+.*)?")
_CLOCK = re.compile(r"(\d{1,3}):([0-5]\d):([0-5]\d)[,.](\d{1,3})", re.ASCII)
_MARKUP = re.compile(r"</?(?:[ibu]|font[^<>]{0,80})>|\{\\[^{}]{0,80}\}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cue:
    """Words that show from `start` to `end`, seconds of the track; line: where they stand in the file, from 1."""

    start: float
    end: float
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a line, from 1, at a column, from 1; line 0: in the whole file."""

    line: int
    message: str
    hint: str = ""
    column: int = 1


def parse(data: bytes, suffix: str) -> tuple[list[Cue], list[Fault]]:
    """The cues of a file, by time, and what is wrong with it. suffix: one of SUFFIXES. UTF-8, with or without BOM."""
    if len(data) > MAX_BYTES:
        return [], [Fault(0, f"the lyrics have more than {MAX_BYTES} bytes", "they are a text file of one song")]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return [], [Fault(line, f"byte 0x{data[error.start]:02x} is not UTF-8", "save the lyrics as UTF-8")]
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    faults: list[Fault] = []
    found = sorted((_srt if suffix.lower() == ".srt" else _lrc)(lines, faults), key=lambda one: (one.start, one.line))
    if len(found) > MAX_CUES:
        return [], [Fault(0, f"the lyrics have more than {MAX_CUES} lines", "they are a text file of one song")]
    faults += [
        Fault(one.line, f"a line of more than {MAX_LENGTH} characters", "split it")
        for one in found
        if len(one.text) > MAX_LENGTH
    ]
    if not any(one.text for one in found) and not faults:
        faults.append(Fault(0, "there are no lyrics with times in it", "a line is [01:23.45] and the words"))
    cues = found if suffix.lower() == ".srt" else _ended(found)
    return [one for one in cues if one.text and one.end > one.start], faults


def _lrc(lines: list[str], faults: list[Fault]) -> Iterator[Cue]:
    """Cues without their ends. [offset:+500] shows everything half a second sooner, as players do."""
    offset = 0
    stamped: list[tuple[int, int, str]] = []
    for number, line in enumerate(lines, start=1):
        rest, times = line.strip(), list[int]()
        while match := _STAMP.match(rest):
            times.append(1000 * (60 * int(match[1]) + int(match[2])) + _milliseconds(match[3]))
            rest = rest[match.end() :].lstrip()
        tag = None if times else _TAG.fullmatch(rest)
        if times:
            stamped += [(one, number, _tidy(_WORD.sub("", rest))) for one in times]
        elif tag and tag[1].lower() == "offset":
            shift = _OFFSET.fullmatch(tag[2])
            if shift is None:
                faults.append(Fault(number, "the offset is not a number of milliseconds", "write [offset:+250]"))
            offset = int(shift[1]) if shift else 0
        elif rest and not tag:
            faults.append(Fault(number, "there is no time before these words", "write [01:23.45] before them"))
    for time, number, text in stamped:
        yield Cue(max(0, time - offset) / 1000.0, 0.0, text, number)


def _ended(cues: list[Cue]) -> list[Cue]:
    """Each line shows until the next, an empty one too; not much longer than LINGER before a long pause."""
    ends = [*(one.start for one in cues), float("inf")][1:]
    pairs = zip(cues, ends, strict=False)  # no cues have no ends
    return [Cue(one.start, min(end, one.start + LINGER), one.text, one.line) for one, end in pairs]


def _srt(lines: list[str], faults: list[Fault]) -> Iterator[Cue]:
    number = 0
    while number < len(lines):
        number += 1
        line = lines[number - 1].strip()
        if not line or (line.isdecimal() and number < len(lines) and "-->" in lines[number]):
            continue
        match = _ARROW.fullmatch(line)
        times = [_CLOCK.fullmatch(one) for one in match.groups()] if match else [None]
        words: list[str] = []
        begin = number
        while number < len(lines) and lines[number].strip():
            words.append(_MARKUP.sub("", lines[number]))
            number += 1
        if None in times:
            hint = "write 00:01:23,450 --> 00:01:26,000 before the words"
            faults.append(Fault(begin, "there are no times before these words", hint))
            continue
        start, end = (_seconds(one) for one in times if one)
        if end <= start:
            faults.append(Fault(begin, "it ends before it begins", "swap the times"))
            continue
        yield Cue(start, end, _tidy("\n".join(words)), begin)


def _seconds(match: re.Match[str]) -> float:
    return (1000 * (3600 * int(match[1]) + 60 * int(match[2]) + int(match[3])) + _milliseconds(match[4])) / 1000.0


def _milliseconds(digits: str | None) -> int:
    return int((digits or "0").ljust(3, "0"))


def _tidy(text: str) -> str:
    return "\n".join(" ".join(line.split()) for line in text.split("\n")).strip()
