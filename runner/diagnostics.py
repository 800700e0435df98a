"""What is wrong in a file, and where: positions, diagnostics, and the error that carries all of them at once."""

from __future__ import annotations

import difflib
import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.errors import InputError

_WINDOW = 100  # characters of a source line that a snippet shows: a job on one long line must not fill the screen


@dataclass(frozen=True, slots=True)
class Source:
    """Where text came from: a file's name and lines. Without lines it is no file but an option, such as `--fps`."""

    file: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a source: line and column count from 1 (0: the source has no lines), width in characters."""

    source: Source
    line: int = 0
    column: int = 0
    width: int = 1

    def within(self, column: int) -> Position:
        """The place of character `column` (from 1) of the text that stands here; here, if it spans lines."""
        if not 1 <= self.line <= len(self.source.lines):
            return self
        first = self.source.lines[self.line - 1][self.column - 1 : self.column]
        offset = column - 1 + (first in {"'", '"'})
        return (
            self
            if first in set("|>&*!") or offset >= self.width
            else Position(self.source, self.line, self.column + offset)
        )


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem. `snippet` is the source line and, below it, a caret line; empty when there is no source line."""

    file: str
    line: int
    column: int
    message: str
    hint: str = ""
    snippet: str = ""

    @classmethod
    def at(cls, position: Position, message: str, hint: str = "") -> Diagnostic:
        """The problem `message` at `position`."""
        words = (printable(message), printable(hint))  # both may quote names of files and keys
        return cls(printable(position.source.file), position.line, position.column, *words, _snippet(position))

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{where}: {self.message}" + (f" ({self.hint})" if self.hint else "")

    def render(self) -> str:
        """The problem with its source line and caret, indented, as the command line prints it."""
        return "\n".join([str(self), *(f"    {line}" for line in self.snippet.splitlines())])


class JobError(InputError):
    """A job or preset file is wrong; `diagnostics` has every problem found, in the order of the file."""

    def __init__(self, message: str, hint: str = "", diagnostics: tuple[Diagnostic, ...] = ()) -> None:
        super().__init__(message, hint)
        self.args = (message, hint, diagnostics)
        self.diagnostics = diagnostics

    @classmethod
    def of(cls, diagnostics: Iterable[Diagnostic]) -> JobError:
        """The error that reports `diagnostics`: sorted by place, each once; the message has one line a problem."""
        unique = sorted(dict.fromkeys(diagnostics), key=lambda one: (one.file, one.line, one.column))
        return cls("\n".join(str(one) for one in unique), "", tuple(unique))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint that names the known word nearest to `word`, or nothing."""
    candidates = {one.casefold(): one for one in known if one != word}
    close = difflib.get_close_matches(word.casefold(), list(candidates), n=1, cutoff=0.6)
    return f"did you mean '{candidates[close[0]]}'?" if close else ""


def listing(words: Sequence[str], limit: int = 12) -> str:
    """Words in a row for a message; a long list is cut."""
    return ", ".join(words[:limit]) + (", ..." if len(words) > limit else "")


def show(value: object, limit: int = 60) -> str:
    """A value as a message quotes it: text in double quotes, control characters escaped, cut at `limit`."""
    if value is None:
        return "nothing"
    if isinstance(value, (dict, list)):
        return "a mapping" if isinstance(value, dict) else "a list"
    text = printable(json.dumps(value, ensure_ascii=False))
    return text if len(text) <= limit else text[: limit - 4] + '..."'


def printable(text: str) -> str:
    """`text` without characters that could move a terminal's cursor or hide what is written."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text)


def _snippet(position: Position) -> str:
    if not 1 <= position.line <= len(position.source.lines):
        return ""
    line, column = position.source.lines[position.line - 1], position.column - 1
    start = max(0, column - _WINDOW // 2) if len(line) > _WINDOW else 0
    shown = line[start : start + _WINDOW].replace("\t", " ")
    before = printable(shown[: column - start])
    width = max(1, min(position.width, len(shown) - (column - start)))
    return f"{printable(shown)}\n{' ' * _cells(before)}^{'~' * (width - 1)}"


def _cells(text: str) -> int:
    """Terminal cells that `text` covers: wide East Asian characters take two, combining marks none."""
    return sum(0 if unicodedata.combining(one) else 1 + (unicodedata.east_asian_width(one) in "WF") for one in text)
