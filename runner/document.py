"""A parsed file: plain data, and where each of its values and keys stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from runner.diagnostics import Diagnostic, JobError, Position, Source

Where = tuple[str | int, ...]
"""The way to a value from the document's root: keys and list indices."""


@dataclass
class Document:
    """A parsed file: plain data, the positions of its values and keys, and the problems found so far."""

    source: Source
    data: Any
    values: dict[Where, Position] = field(default_factory=dict)
    keys: dict[Where, Position] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)

    def at(self, where: Where) -> Position:
        """The position of the value at `where`, or of the nearest thing that holds it."""
        for end in range(len(where), -1, -1):
            if where[:end] in self.values:
                return self.values[where[:end]]
        return Position(self.source)

    def at_key(self, where: Where) -> Position:
        """The position of the key that names the value at `where`; of the value itself in a list."""
        return self.keys.get(where) or self.at(where)

    def report(self, position: Position, message: str, hint: str = "") -> None:
        """Record a problem."""
        self.problems.append(Diagnostic.at(position, message, hint))

    def check(self) -> None:
        """Raise JobError if any problem was recorded."""
        if self.problems:
            raise JobError.of(self.problems)


def fatal(position: Position, message: str, hint: str = "") -> JobError:
    """The error that stops reading a file: nothing after it could be understood."""
    return JobError.of([Diagnostic.at(position, message, hint)])
