"""YAML text -> nodes -> plain data, within limits; what a scalar means is decided here and nowhere else."""

from __future__ import annotations

import re
from typing import Any

import yaml

from runner.diagnostics import Position, Source, show
from runner.document import Document, Where, fatal

MAX_DEPTH = 32
MAX_ALIASES = 100
MAX_NODES = 200_000  # after aliases are expanded: nested aliases grow exponentially within MAX_ALIASES

BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # YAML's line breaks, as PyYAML counts them
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


def compose(text: str, source: Source) -> yaml.Node | None:
    """The root node, or None for an empty file. Raises JobError for what is not YAML, and beyond the limits."""
    try:
        loader = _Loader(text)
        return loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        position = Position(source, mark.line + 1, mark.column + 1) if mark else Position(source, 1, 1)
        raise fatal(position, *_explain(error)) from None
    except yaml.reader.ReaderError as error:
        lines = BREAK.split(text[: error.position])
        code = error.character if isinstance(error.character, int) else ord(error.character)
        message = f"the character U+{code:04X} is not allowed in YAML"
        raise fatal(Position(source, len(lines), len(lines[-1]) + 1), message, "remove it") from None


def _explain(error: yaml.MarkedYAMLError) -> tuple[str, str]:
    problem, context = error.problem or "", error.context or ""
    if "expected a single document" in context:
        return "the file has more than one YAML document", "split it at the '---'"
    hint = next((hint for sign, hint in _HINTS if sign in problem or sign in context), "")
    if error.note:
        hint = error.note
    return f"not valid YAML: {problem or context}", hint


class _Loader(yaml.SafeLoader):
    """Composes nodes only. No implicit tags: `scalar` decides, so that YAML 1.1's surprises never happen."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own class attribute

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = self._aliases = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Compose one node within the limits on depth and aliases: here, before Python's own recursion limit."""
        event = self.peek_event()  # type: ignore[no-untyped-call]  # the stubs leave it out
        self._aliases += isinstance(event, yaml.AliasEvent)
        if self._aliases > MAX_ALIASES:
            raise _Limit(event, f"more than {MAX_ALIASES} aliases")
        if self._depth >= MAX_DEPTH:
            raise _Limit(event, f"nested deeper than {MAX_DEPTH} levels")
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


class _Limit(yaml.MarkedYAMLError):
    """A document beyond the limits; what it asks for is never built."""

    def __init__(self, event: Any, problem: str) -> None:
        super().__init__(None, None, problem, event.start_mark, note="a job needs far less: write it out plainly")


class Builder:
    """Turns nodes into plain data, noting positions and problems in the document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.count = 0

    def build(self, node: yaml.Node, where: Where) -> Any:
        """The plain data of a node and all below it."""
        self.count += 1
        position = self._position(node)
        if self.count > MAX_NODES:
            raise fatal(position, f"more than {MAX_NODES} values, aliases expanded", "write fewer aliases")
        if len(where) > MAX_DEPTH:
            raise fatal(position, f"nested deeper than {MAX_DEPTH} levels", "an alias must not hold itself")
        self.document.values[where] = position
        if node.tag not in _CORE:
            self.document.report(
                position, f"the tag {show(node.tag)} is not supported", "quote text, and use no '!' tags"
            )
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, where)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, (*where, index)) for index, item in enumerate(node.value)]
        assert isinstance(node, yaml.ScalarNode)  # noqa: S101 - YAML has no fourth kind
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

    def _scalar(self, node: yaml.ScalarNode, position: Position) -> Any:
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
        plain = str(int(text, 10))
        raise ValueError(f"the number {text} starts with a zero", f'write {plain} for a number, "{text}" for text')
    if _INT.fullmatch(text) or _BASED.fullmatch(text):
        if len(text) > 20 or not -(2**63) <= (number := int(text, 0)) < 2**63:
            raise ValueError(f"the number {show(text)} is too large", "integers have 64 bits")
        return number
    if _NONFINITE.fullmatch(text) or (_FLOAT.fullmatch(text) and abs(float(text)) == float("inf")):
        raise ValueError(f"{text} is not a finite number", "quote it if you mean text")
    return float(text) if _FLOAT.fullmatch(text) else text
