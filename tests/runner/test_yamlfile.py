"""Strict YAML: what scalars mean, where things stand, and what is refused."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner import yamlfile
from runner.diagnostics import Diagnostic, JobError, Position, Source


def refused(text: str | bytes) -> Diagnostic:
    with pytest.raises(JobError) as caught:
        yamlfile.parse(text, "j.yaml").check()
    return caught.value.diagnostics[0]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"), ("yes", "yes"), ("No", "No"), ("1:30", "1:30"), ("1_000", "1_000"), ("2024-01-01", "2024-01-01"),
        ("0.5", 0.5), (".5", 0.5), ("1e3", 1000.0), ("-7", -7), ("+7", 7), ("0", 0), ("0x1F", 31), ("0o17", 15),
        ("true", True), ("FALSE", False), ("~", None), ("", None), ("'012'", "012"), ('"true"', "true"),
        ("30000/1001", "30000/1001"), ("=", "="), ("1.", 1.0), ("9223372036854775807", 2**63 - 1),
    ],
)  # fmt: skip
def test_scalars_mean_what_a_person_meant(text: str, value: Any) -> None:
    data = yamlfile.parse(f"key: {text}\n", "j.yaml").data
    assert repr(data) == repr({"key": value})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("012", "starts with a zero"), ("-007", "write -7 for a number"), (".inf", "not a finite"),
        (".nan", "not a finite"),
        ("1e999", "not a finite"), ("9223372036854775808", "too large"), ("9" * 5000, "too large"),
        ("!!int 5", "tag"), ("!!python/object/apply:os.system [x]", "tag"), ("!x y", "tag"), ("!!binary aGk=", "tag"),
    ],
)  # fmt: skip
def test_ambiguous_and_foreign_scalars_are_refused(text: str, message: str) -> None:
    found = refused(f"key: {text}\n")
    assert message in str(found)
    assert (found.line, found.column) == (1, 6)


def test_positions_of_values_and_keys() -> None:
    document = yamlfile.parse('a:\n  b: [1, "two"]\n', "j.yaml")
    assert document.at(("a", "b", 1)) == Position(document.source, 2, 10, 5)
    assert document.at_key(("a", "b")) == Position(document.source, 2, 3, 1)
    assert document.at(("a", "nothing", "there")) == document.at(("a",))


def test_every_problem_is_kept() -> None:
    document = yamlfile.parse("a: 1\na: 2\nb: 012\n? [x]\n: 1\n", "j.yaml")
    assert [(one.line, one.message.split(" '")[0]) for one in document.problems] == [
        (2, "duplicate key"),
        (3, "the number 012 starts with a zero"),
        (4, "a key must be plain text, not a list or mapping"),
    ]
    assert document.data["a"] == 1


def test_keys_are_text() -> None:
    assert yamlfile.parse("on: 1\n1: 2\nnull: 3\n", "j.yaml").data == {"on": 1, "1": 2, "null": 3}


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("a: [1", "not valid YAML", (1, 6)),
        ("a: b: c", "mapping values are not allowed", (1, 5)),
        ("a: 'x", "closing quote is missing", (1, 6)),
        ("\ta: 1", "not tabs", (1, 1)),
        ("a: *b", "undefined alias", (1, 4)),
        ("", "the file is empty", (1, 1)),
        ("a: 1\n---\nb: 1\n", "more than one YAML document", (2, 1)),
        (b"a: \xff", "not UTF-8", (1, 4)),
        ("a: \x07", "U+0007", (1, 4)),
        ("[" * 33, "nested deeper than 32", (1, 33)),
        ("[" * 100_000, "nested deeper than 32", (1, 33)),
        ("a: &a [*a]", "nested deeper than 32", (1, 4)),
        ("a: &a 1\nb: [" + "*a," * 101 + "]", "more than 100 aliases", (2, 305)),
    ],
)
def test_what_is_no_yaml_or_beyond_the_limits(text: str | bytes, message: str, place: tuple[int, int]) -> None:
    found = refused(text)
    assert message in str(found)
    assert (found.line, found.column) == place


def test_nested_aliases_do_not_explode() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert "more than 200000 values" in str(refused("\n".join(lines)))


def test_a_large_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "j.yaml"
    path.write_text("a: 1\n" + "#" * yamlfile.MAX_BYTES)
    with pytest.raises(JobError, match="more than 1000000 bytes"):
        yamlfile.read(path)


def test_unreadable_paths(tmp_path: Path) -> None:
    with pytest.raises(JobError, match="no such file"):
        yamlfile.read(tmp_path / "none.yaml")
    with pytest.raises(JobError, match="this is a directory"):
        yamlfile.read(tmp_path)


def test_byte_order_mark_and_line_ends() -> None:
    document = yamlfile.parse("\ufeffa: 1\r\nb: 012\r\n".encode(), "j.yaml")
    assert document.data["a"] == 1
    assert (document.problems[0].line, document.problems[0].column) == (2, 4)


def test_snippets_are_safe_to_print() -> None:
    long = Diagnostic.at(Position(Source("j", ("x" * 500 + "bad" + "y" * 500,)), 1, 501, 3), "m")
    text, caret = long.snippet.splitlines()
    assert len(text) == 100
    assert text[caret.index("^") : len(caret)] == "bad"
    wide = Diagnostic.at(Position(Source("j\x1b[31m", ("日本: \u202e1",)), 1, 5, 2), "m")
    assert wide.snippet == "日本: \\u202e1\n      ^~"
    assert wide.file == "j\\x1b[31m"


@given(st.binary(max_size=60) | st.text(alphabet="ab:-[]{}#&*!|>'\"%@`,? \n\t0", max_size=40))
def test_any_bytes_parse_or_are_refused_with_a_place(raw: bytes | str) -> None:
    try:
        document = yamlfile.parse(raw, "j.yaml")
    except JobError as error:
        (found,) = error.diagnostics
        assert found.line >= 1
        assert found.column >= 1
        assert str(found).startswith(f"j.yaml:{found.line}:{found.column}: ")
    else:
        assert document.source.file == "j.yaml"
        assert () in document.values
