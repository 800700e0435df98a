"""The values of a job file that are more than numbers: times, frame rates, audio sources."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

from engine.errors import AudioError
from engine.source import check_source

MAX_SECONDS = 21600
MAX_FPS = 240
_UNITS = {"": Fraction(1), "s": Fraction(1), "ms": Fraction(1, 1000), "m": Fraction(60), "h": Fraction(3600)}
_CLOCK = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):([0-5]?\d(?:\.\d{1,9})?)", re.ASCII)
_AMOUNT = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(ms|s|m|h)?", re.ASCII)
_RATE = re.compile(r"(\d{1,7}(?:\.\d{1,6})?)(?:/(\d{1,7}))?", re.ASCII)


def exact(number: float) -> Fraction:
    """The decimal number that was written: 0.1 is 1/10, not the nearest binary fraction."""
    return Fraction(str(number))


def seconds(value: float | str) -> Fraction:
    """Seconds of a number or of "1:30", "1:02:03.5", "90s" or "1500ms". Raises ValueError(message, hint)."""
    result = exact(value) if isinstance(value, (int, float)) else _seconds(value)
    if not 0 <= result <= MAX_SECONDS:
        raise ValueError(f"{value} is outside 0 to {MAX_SECONDS} seconds", "tracks are limited to six hours")
    return result


def rate(value: float | str) -> Fraction:
    """Frames a second, exact, of a number or a text such as "30000/1001". Raises ValueError(message, hint)."""
    hint = 'write a number such as 30, or a fraction such as "30000/1001"'
    if isinstance(value, (int, float)):
        result = exact(value)
    else:
        match = _RATE.fullmatch(value)
        if not match or int(match[2] or 1) == 0:
            raise ValueError(f'"{value}" is not a frame rate', hint)
        result = Fraction(match[1]) / int(match[2] or 1)
    if not 0 < result <= MAX_FPS:
        raise ValueError(f"fps must be more than 0 and at most {MAX_FPS}, not {value}", hint)
    return result


def round_half_up(value: Fraction) -> int:
    """The nearest integer; floor(x + 1/2), as everywhere that seconds become frames."""
    return (value + Fraction(1, 2)).__floor__()


def start_in(value: float | str, track: Fraction, name: str) -> Fraction:
    """The seconds of a start within a track of so many seconds. Raises ValueError(message, hint)."""
    start = seconds(value)
    if start >= track:
        raise ValueError(f"start {clock(start)} is not before the end of {name} at {clock(track)}", "start earlier")
    return start


def length(value: float | str) -> Fraction:
    """The seconds of a duration, which may exceed the track. Raises ValueError(message, hint)."""
    duration = seconds(value)
    if not duration:
        raise ValueError("the duration must be more than 0", "leave it out for the whole track")
    return duration


def frame_range(track: Fraction, fps: Fraction, start: Fraction, duration: Fraction | None) -> tuple[int, int]:
    """First frame and number of frames of an excerpt of a track of `track` seconds; both on the frame grid.

    A whole track has floor(track * fps + 1/2) frames, at least 1; an excerpt ends where the track ends.
    `start` is before the end (see `start_in`).
    """
    total = max(1, round_half_up(track * fps))
    first = min(round_half_up(start * fps), total - 1)
    count = total - first if duration is None else max(1, round_half_up(duration * fps))
    return first, min(count, total - first)


def clock(value: Fraction) -> str:
    """Seconds for a message: "1:30.5"."""
    minutes, rest = divmod(value, 60)
    text = f"{float(rest):06.3f}".rstrip("0").rstrip(".")
    return f"{int(minutes)}:{text}"


def expand_sources(source: str | Sequence[str], folder: Path) -> Iterator[tuple[int | None, Path | AudioError]]:
    """The files that an audio source names: (index in its list, absolute path), or the error in its place.

    A text is a path below `folder` or, if there is no such file, a glob; what a glob finds is sorted.
    """
    texts = [source] if isinstance(source, str) else source
    for index, text in enumerate(texts):
        place = None if isinstance(source, str) else index
        try:
            for path in _expand(text, folder):
                yield place, path
        except AudioError as error:
            yield place, error


def _expand(text: str, folder: Path) -> list[Path]:
    literal = absolute(folder, text)
    if not literal.exists():
        check_source(text)
        if glob.has_magic(text):
            return _glob(text, folder)
    return [literal]


def absolute(folder: Path, text: str) -> Path:
    """A path of a job file, which is below the file's folder; "~/" is the user's home."""
    path = folder / text
    if text.startswith("~/") and not path.exists():
        path = Path(text).expanduser()
    return Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links, and messages then name other files


def _glob(text: str, folder: Path) -> list[Path]:
    pattern = os.path.join(glob.escape(str(folder)), text)  # noqa: PTH118 - a Path would lose the "**/" and "./" forms
    found = sorted(Path(os.path.abspath(one)) for one in glob.iglob(pattern, recursive=True))  # noqa: PTH100, PTH207
    files = [one for one in found if not one.is_dir()]
    if not files:
        raise AudioError(
            f'no file matches "{text}"', "globs are relative to the job file; quote a name that has * or ?"
        )
    return files


def _seconds(text: str) -> Fraction:
    if match := _CLOCK.fullmatch(text):
        return 3600 * int(match[1] or 0) + 60 * int(match[2]) + Fraction(match[3])
    if match := _AMOUNT.fullmatch(text):
        return Fraction(match[1]) * _UNITS[match[2] or ""]
    raise ValueError(f'"{text}" is not a time', 'write seconds, "1:30", "90s" or "1500ms"')
