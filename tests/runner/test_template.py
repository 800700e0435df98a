"""Output path templates: placeholders, braces, and paths that stay below the output root."""

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner import template

VALUES = {name: name for name in template.PLACEHOLDERS}


@given(st.text(max_size=30))
def test_escaped_text_expands_to_itself(text: str) -> None:
    escaped = template.escape(text)
    assert list(template.problems(escaped)) == []
    assert template.expand(escaped, {}) == text


@given(st.text(alphabet="{}nameo.d/ ", max_size=20))
def test_a_template_without_problems_expands(text: str) -> None:
    if not list(template.problems(text)):
        assert isinstance(template.expand(text, VALUES), str)


@given(st.text(max_size=20))
def test_a_value_never_adds_a_folder(value: str) -> None:
    path = template.expand("a/{audio.stem}x.mp4", {"audio.stem": value})
    assert path.count("/") == 1
    assert len(PurePosixPath(path).parts) == 2


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("{nmae}.mp4", 1, "unknown placeholder '{nmae}'"),
        ("a{", 2, "a single '{'"),
        ("a}b", 2, "a single '}'"),
        ("{{{x}", 3, "unknown placeholder '{x}'"),
        ("{scene.params.glow}", 1, "unknown placeholder"),
        ("{name!r}", 1, "unknown placeholder"),
        ("{name.__class__}", 1, "unknown placeholder"),
    ],
)
def test_problems_have_their_column(text: str, column: int, message: str) -> None:
    (found,) = template.problems(text)
    assert found.column == column
    assert found.message.startswith(message)


def test_params_that_the_job_sets_are_placeholders() -> None:
    assert list(template.problems("{scene.params.glow}.mp4", ["glow"])) == []
    assert template.fields("{name}/{{x}}/{scene.params.glow}") == {"name", "scene.params.glow"}


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/etc/x.mp4", "not a relative path"), ("../x.mp4", "leaves the output root"), ("a/../../x.mp4", "leaves"),
        ("a\\x.mp4", "not a relative path"), ("x\0.mp4", "not a relative path"), ("x", "no file name with a suffix"),
        ("a/", "no file name"), ("", "no file name"), ("n" * 201 + ".mp4", "longer than 200 bytes"),
        ("é" * 110 + "/x.mp4", "longer than 200 bytes"),
    ],
)  # fmt: skip
def test_paths_that_are_refused(path: str, message: str) -> None:
    fault = template.path_problem(path)
    assert fault is not None
    assert message in fault[0]


@pytest.mark.parametrize("path", ["x.mp4", "a/b/c.d.mkv", "-x.mp4", "100%.mp4", "..x.mp4", "a\nb.mp4"])
def test_paths_that_are_fine(path: str) -> None:
    assert template.path_problem(path) is None
