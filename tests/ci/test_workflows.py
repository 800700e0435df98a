"""Workflows run on GitHub alone: what can be known here is that they are well-formed and name what exists."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runner import yamlfile
from tests.ci.scripts import ROOT, load

FILES = sorted((ROOT / ".github" / "workflows").iterdir())
MAKE_TARGETS = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
NAMED = re.compile(r"(?<![\w./-])((?:\.ci|ci|jobs|tests|docs)/[\w./-]+|[\w-]+\.(?:txt|toml|md))")
KNOWN = re.compile(r"\$\{\{ (.+?) \}\}")


def parse(path: Path) -> dict[str, Any]:
    document = yamlfile.read(path)
    document.check()
    assert isinstance(document.data, dict)
    return document.data


def steps(workflow: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for job in workflow["jobs"].values():
        yield from job["steps"]


def texts(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        for value in data.values():
            yield from texts(value)
    elif isinstance(data, list):
        for value in data:
            yield from texts(value)
    else:
        yield str(data)


def commands(workflow: dict[str, Any]) -> list[str]:
    return [step["run"] for step in steps(workflow) if "run" in step]


def test_there_are_two() -> None:
    assert [path.name for path in FILES] == ["ci.yml", "nightly.yml"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_workflow_may_only_read_and_ends_in_time(path) -> None:
    workflow = parse(path)
    assert workflow["permissions"] == {"contents": "read"}
    assert all("permissions" not in job for job in workflow["jobs"].values())
    assert all(job["timeout-minutes"] <= 120 for job in workflow["jobs"].values())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_actions_are_githubs_own_and_pinned_by_major_version(path) -> None:
    used = [step["uses"] for step in steps(parse(path)) if "uses" in step]
    assert used
    assert [one for one in used if not re.fullmatch(r"actions/[a-z-]+@v[0-9]+", one)] == []
    assert all(step.keys() & {"uses", "run"} and not {"uses", "run"} <= step.keys() for step in steps(parse(path)))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_commands_name_files_and_targets_that_exist(path) -> None:
    found = commands(parse(path))
    files = {name for command in found for name in NAMED.findall(command)}
    assert files
    assert [name for name in sorted(files) if not (ROOT / name).exists()] == []
    started = {match for command in found for match in re.findall(r"^(\.?ci/\S+)", command, re.MULTILINE)}
    assert [name for name in sorted(started) if not os.access(ROOT / name, os.X_OK)] == []
    targets = {match for command in found for match in re.findall(r"\bmake ([a-z-]+)", command)}
    assert targets <= MAKE_TARGETS
    caches = [step["with"].get("cache-dependency-path") for step in steps(parse(path)) if "setup-python" in str(step)]
    assert all((ROOT / name).is_file() for name in caches)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_commands_hold_no_text_that_a_stranger_writes(path) -> None:
    inside = [match for command in commands(parse(path)) for match in KNOWN.findall(command)]
    assert [one for one in inside if not one.startswith("matrix.")] == []


def test_jobs_need_jobs_and_outputs_that_exist() -> None:
    workflow = parse(ROOT / ".github" / "workflows" / "nightly.yml")
    for job in workflow["jobs"].values():
        needed = job.get("needs", [])
        assert set([needed] if isinstance(needed, str) else needed) <= set(workflow["jobs"])
    outputs = [match for text in texts(workflow) for match in re.findall(r"needs\.(\w+)\.outputs\.(\w+)", text)]
    assert outputs == [("matrix", "cells")]
    assert "steps.cells.outputs.cells" in workflow["jobs"]["matrix"]["outputs"]["cells"]
    assert [step.get("id") for step in workflow["jobs"]["matrix"]["steps"]].count("cells") == 1


def test_every_key_of_the_matrix_that_the_workflow_reads_is_in_every_cell() -> None:
    workflow = parse(ROOT / ".github" / "workflows" / "nightly.yml")
    read = {
        match for text in texts(workflow["jobs"]["verify"]) for match in re.findall(r"(?<!\.)\bmatrix\.(\w+)", text)
    }
    cells = load("matrix").cells()
    assert read > {"backend", "python", "ffmpeg", "threads", "simd", "shard"}
    assert [cell["name"] for cell in cells if not read <= cell.keys()] == []


def test_a_night_opens_with_a_table_and_keeps_what_differs() -> None:
    workflow = parse(ROOT / ".github" / "workflows" / "nightly.yml")
    last = workflow["jobs"]["summary"]["steps"][-1]["run"]
    assert "ci/matrix.py table" in last
    assert last.rstrip().endswith('>>"$GITHUB_STEP_SUMMARY"')
    kept = [step for step in workflow["jobs"]["verify"]["steps"] if step.get("if") == "failure()"]
    assert len(kept) == 1
    assert "out/nightly/${{ matrix.name }}" in kept[0]["with"]["path"]
    assert workflow["jobs"]["verify"]["strategy"]["fail-fast"] is False
