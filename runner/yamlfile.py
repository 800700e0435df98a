"""Strict YAML with positions: every value knows its file, line and column; every problem is reported at once.

Scalars follow YAML 1.2's core schema, so that a person gets what they wrote: `on`, `yes` and `1:30` are text. What the two
YAML versions read differently and nobody can guess (`012`) is refused. Tags and merge keys are not part of the language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import yaml

from runner.diagnostics import Diagnostic, JobError, Position, Source, show

MAX_BYTES = 1_000_000
MAX_DEPTH = 32
MAX_ALIASES = 100
MAX_NODES = 200_000  # after aliases are expanded: nested aliases grow exponentially within MAX_ALIASES

Where = tuple[str | int, ...]
"""The way to a value from the document's root: keys and list indices."""

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # YAML's line breaks, as PyYAML counts them
_NULL = {"", "~", "null", "Null", "NULL"}
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_OCTAL = re.compile(r"[-+]?0[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NONFINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_CORE = {f"tag:yaml.org,2002:{name}" for name in ("str", "map", "seq")}
_HINTS = (
    ("'\\t'", "indent with spaces, not tabs"),
    ("mapping values are not allowed", "put quotes around a text that contains ': '"),
    ("could not find expected ':'", "each key needs a ':' and a space after it"),
    ("expected <block end>", "check the indentation of this line and the ones above"),
    ("found unknown escape", "in double quotes write '\\\\' for a backslash, or use single quotes"),
    ("cannot start any token", "put quotes around a text that starts with this character"),
    ("while scanning a quoted scalar", "a closing quote is missing"),
    ("undefined alias", "define the anchor with '&name' before its '*name'; quote a text that starts with '*'"),
)


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


def read(path: Path, label: str | None = None) -> Document:
    """Parse the YAML file at `path`; `label` names it in messages (default: the path as given).

    Raises JobError when the file cannot be read or is not YAML; lesser problems (duplicate keys, ambiguous scalars) are
    in `Document.problems`, so that the caller can add its own before it reports.
    """
    source = Source(label or str(path))
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise _fatal(Position(source), "no such file", "check the path") from None
    except IsADirectoryError:
        raise _fatal(Position(source), "this is a directory, not a file", "name the YAML file in it") from None
    except OSError as error:
        raise _fatal(Position(source), f"cannot read the file: {error.strerror}", "check its permissions") from None
    if len(raw) > MAX_BYTES:
        raise _fatal(Position(source), f"the file has more than {MAX_BYTES} bytes", "use a glob or split the file")
    return parse(raw, source.file)


def parse(raw: bytes | str, file: str) -> Document:
    """Parse YAML text (UTF-8). Errors as in `read`."""
    text = raw if isinstance(raw, str) else _decode(raw, file)
    text = text.removeprefix("\ufeff")
    source = Source(file, tuple(_BREAK.split(text)))
    node = _compose(text, source)
    document = Document(source, None)
    if node is None:
        raise _fatal(Position(source, 1, 1), "the file is empty", "start from the output of 'trackreel init'")
    document.data = _Builder(document).build(node, ())
    return document


def parse_value(text: str, label: str) -> Document:
    """Parse one value given on the command line; its positions have the file `label` and no line. Errors as in `read`."""
    document = parse(text or "''", label)
    nowhere = Position(Source(label))
    moved = [Diagnostic(label, 0, 0, one.message, one.hint) for one in document.problems]
    return Document(nowhere.source, document.data, {(): nowhere}, {}, moved)


def from_mapping(data: Mapping[str, Any], labels: Mapping[Where, str]) -> Document:
    """A document of data made in memory; `labels` says what to call each place in messages (`--fps` for video.fps)."""
    document = Document(Source("command line"), dict(data))
    document.values = {where: Position(Source(label)) for where, label in labels.items()}
    return document


def _decode(raw: bytes, file: str) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8", "replace")
        lines = _BREAK.split(before)
        position = Position(Source(file), len(lines), len(lines[-1]) + 1)
        raise _fatal(position, f"byte 0x{raw[error.start]:02x} is not UTF-8", "save the file as UTF-8") from None


def _compose(text: str, source: Source) -> yaml.Node | None:
    try:
        loader = _Loader(text)
        return cast("yaml.Node | None", loader.get_single_node())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        position = Position(source, mark.line + 1, mark.column + 1) if mark else Position(source, 1, 1)
        raise _fatal(position, *_explain(error)) from None
    except yaml.reader.ReaderError as error:
        lines = _BREAK.split(text[: error.position])
        code = error.character if isinstance(error.character, int) else ord(error.character)
        message = f"the character U+{code:04X} is not allowed in YAML"
        raise _fatal(Position(source, len(lines), len(lines[-1]) + 1), message, "remove it") from None


def _explain(error: yaml.MarkedYAMLError) -> tuple[str, str]:
    problem, context = error.problem or "", error.context or ""
    if "expected a single document" in context:
        return "the file has more than one YAML document", "split it at the '---'"
    hint = next((hint for sign, hint in _HINTS if sign in problem or sign in context), "")
    if error.note:
        hint = error.note
    return f"not valid YAML: {problem or context}", hint


def _fatal(position: Position, message: str, hint: str = "") -> JobError:
    return JobError.of([Diagnostic.at(position, message, hint)])


class _Loader(yaml.SafeLoader):
    """Composes nodes only. No implicit tags: `scalar` decides, so that YAML 1.1's surprises never happen."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own class attribute

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = self._aliases = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Compose one node within the limits on depth and aliases: here, before Python's own recursion limit."""
        event = self.peek_event()
        self._aliases += isinstance(event, yaml.AliasEvent)
        if self._aliases > MAX_ALIASES:
            raise _over(event, f"more than {MAX_ALIASES} aliases")
        if self._depth >= MAX_DEPTH:
            raise _over(event, f"nested deeper than {MAX_DEPTH} levels")
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


def _over(event: yaml.Event, problem: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(None, None, problem, event.start_mark, note="a job needs far less: write it out plainly")


class _Builder:
    """Turns nodes into plain data, noting positions and problems in the document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.count = 0

    def build(self, node: yaml.Node, where: Where) -> Any:
        self.count += 1
        position = self._position(node)
        if self.count > MAX_NODES:
            raise _fatal(position, f"more than {MAX_NODES} values, aliases expanded", "write fewer aliases")
        if len(where) > MAX_DEPTH:
            raise _fatal(position, f"nested deeper than {MAX_DEPTH} levels", "an alias must not hold itself")
        self.document.values[where] = position
        if node.tag not in _CORE:
            self.document.report(position, f"the tag {show(node.tag)} is not supported", "quote text, and use no '!' tags")
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, where)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, (*where, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, position)

    def _mapping(self, node: yaml.MappingNode, where: Where) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key, value in node.value:
            position = self._position(key)
            if not isinstance(key, yaml.ScalarNode):
                self.document.report(position, "a key must be plain text, not a list or mapping")
            elif key.value in data:
                first = self.document.keys[(*where, key.value)]
                self.document.report(position, f"duplicate key '{key.value}'", f"first given on line {first.line}")
            else:
                self.document.keys[(*where, key.value)] = position
                data[key.value] = self.build(value, (*where, key.value))
        return data

    def _scalar(self, node: yaml.Node, position: Position) -> Any:
        text: str = node.value
        if node.style is not None:
            return text
        try:
            return scalar(text)
        except ValueError as error:
            self.document.report(position, *error.args)
            return None

    def _position(self, node: yaml.Node) -> Position:
        start, end = node.start_mark, node.end_mark
        width = end.column - start.column if end.line == start.line else 1
        return Position(self.document.source, start.line + 1, start.column + 1, max(1, width))


def scalar(text: str) -> str | float | bool | None:
    """The value of a plain (unquoted) scalar. Raises ValueError(message, hint) for what is ambiguous or not finite."""
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if _OCTAL.fullmatch(text):
        plain = text.lstrip("+-0") or "0"
        raise ValueError(f"the number {text} starts with a zero", f'write {plain} for a number, "{text}" for text')
    if _INT.fullmatch(text) or _BASED.fullmatch(text):
        if len(text) > 20 or not -(2**63) <= (number := int(text, 0)) < 2**63:
            raise ValueError(f"the number {show(text)} is too large", "integers have 64 bits")
        return number
    if _NONFINITE.fullmatch(text) or (_FLOAT.fullmatch(text) and abs(float(text)) == float("inf")):
        raise ValueError(f"{text} is not a finite number", "quote it if you mean text")
    return float(text) if _FLOAT.fullmatch(text) else text
