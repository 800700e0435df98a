"""Strict YAML with positions: every value knows its file, line and column; every problem is reported at once.

Scalars follow YAML 1.2's core schema, so that a person gets what they wrote: `on`, `yes` and `1:30` are text. What the
two YAML versions read differently and nobody can guess (`012`) is refused. Tags and merge keys are not supported.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from runner.diagnostics import Diagnostic, Position, Source
from runner.document import Document, Where, fatal
from runner.yamlnodes import BREAK, MAX_ALIASES, MAX_DEPTH, MAX_NODES, Builder, compose, scalar

__all__ = [
    "MAX_ALIASES", "MAX_BYTES", "MAX_DEPTH", "MAX_NODES",
    "Document", "Where", "from_mapping", "parse", "parse_value", "read", "scalar",
]  # fmt: skip

MAX_BYTES = 1_000_000


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
        raise fatal(Position(source), "no such file", "check the path") from None
    except IsADirectoryError:
        raise fatal(Position(source), "this is a directory, not a file", "name the YAML file in it") from None
    except OSError as error:
        raise fatal(Position(source), f"cannot read the file: {error.strerror}", "check its permissions") from None
    if len(raw) > MAX_BYTES:
        raise fatal(Position(source), f"the file has more than {MAX_BYTES} bytes", "use a glob or split the file")
    return parse(raw, source.file)


def parse(raw: bytes | str, file: str) -> Document:
    """Parse YAML text (UTF-8). Errors as in `read`."""
    text = raw if isinstance(raw, str) else _decode(raw, file)
    text = text.removeprefix("\ufeff")
    source = Source(file, tuple(BREAK.split(text)))
    node = compose(text, source)
    document = Document(source, None)
    if node is None:
        raise fatal(Position(source, 1, 1), "the file is empty", "start from the output of 'trackreel init'")
    document.data = Builder(document).build(node, ())
    return document


def parse_value(text: str, label: str) -> Document:
    """Parse one value given on the command line; its places have the file `label` and no line. Errors as `read`."""
    document = parse(text or "''", label)
    nowhere = Position(Source(label))
    moved = [Diagnostic(label, 0, 0, one.message, one.hint) for one in document.problems]
    return Document(nowhere.source, document.data, {(): nowhere}, {}, moved)


def from_mapping(data: Mapping[str, Any], labels: Mapping[Where, str]) -> Document:
    """A document of data made in memory; `labels` says what to call each place in messages (`--fps` for video.fps)."""
    document = Document(Source("command line"), dict(data))
    document.values = {where: Position(Source(label)) for where, label in labels.items() if _has(data, where)}
    return document


def _has(data: Any, where: Where) -> bool:
    for key in where:
        if not isinstance(data, Mapping) or key not in data:
            return False
        data = data[key]
    return True


def _decode(raw: bytes, file: str) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8", "replace")
        lines = BREAK.split(before)
        position = Position(Source(file), len(lines), len(lines[-1]) + 1)
        raise fatal(position, f"byte 0x{raw[error.start]:02x} is not UTF-8", "save the file as UTF-8") from None
