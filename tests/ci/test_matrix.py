from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from engine.errors import InputError
from tests.ci.scripts import ROOT, load

matrix = load("matrix")
AXES = """\
backend: [cpu]
python: ["3.11"]
ffmpeg: [bundled]
threads: ["1"]
simd: [native]
order: [plan]
shard: [1/2, 2/2]
"""
PLACE = "include:\n  - {backend: cpu, runner: here}\n"


def cells(tmp_path: Path, text: str) -> list[dict[str, str]]:
    path = tmp_path / "nightly.yaml"
    path.write_text(text, encoding="utf-8")
    found: list[dict[str, str]] = matrix.cells(path)
    return found


def run(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "ci" / "matrix.py"), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_every_value_of_the_brief_has_a_cell_and_there_are_not_too_many() -> None:
    found = matrix.cells()
    seen = {axis: {cell[axis] for cell in found} for axis in matrix.AXES}
    assert seen["backend"] == {"cpu", "vulkan", "metal", "cuda"}
    assert seen["python"] == {"3.11", "3.12", "3.13"}
    assert seen["ffmpeg"] == {"bundled", "system"}
    assert seen["threads"] == {"1", "2", "all"}
    assert seen["simd"] == {"native", "restricted", "Nehalem", "Haswell"}
    assert seen["order"] == {"plan", "shuffled"}
    assert len(found) == 36  # as ci/nightly.yaml and CONTRIBUTING.md say


def test_the_shards_of_each_cell_are_all_there() -> None:
    shards = Counter((*(cell[axis] for axis in matrix.AXES[:-1]), cell["shard"][-1]) for cell in matrix.cells())
    assert all(int(key[-1]) == count for key, count in shards.items())


def test_github_gets_a_line_of_json_with_a_place_for_each_cell() -> None:
    done = run("github", "--cuda-runner", "gpu-box")
    assert done.stdout.count("\n") == 1
    included = json.loads(done.stdout)["include"]
    assert len(included) == 36
    assert {cell["runner"] for cell in included if cell["backend"] == "cuda"} == {"gpu-box"}
    assert {cell["runner"] for cell in included if cell["backend"] == "metal"} == {"macos-15"}
    assert all("/" not in cell["name"] for cell in included)
    assert all("ffmpeg" in cell["packages"] for cell in included if cell["ffmpeg"] == "system")
    assert all("mesa-vulkan-drivers" in cell["packages"] for cell in included if cell["backend"] == "vulkan")


def test_without_a_runner_for_cuda_nothing_waits_for_one() -> None:
    included = json.loads(run("github").stdout)["include"]
    assert {cell["backend"] for cell in included} == {"cpu", "vulkan", "metal"}


def test_a_list_has_what_the_cell_script_is_given() -> None:
    lines = run("list").stdout.splitlines()
    assert lines[0] == "cpu 3.11 bundled 1 native plan 1/2"
    assert len(lines) == 36
    assert all(len(line.split()) == 7 for line in lines)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (AXES + "exclude:\n  - {threads: '9'}\n" + PLACE, "nightly.yaml:9:5: this exclusion matches no combination"),
        (AXES + "exclude:\n  - {thread: '1'}\n" + PLACE, "'thread' is not an axis"),
        (AXES, "missing: ['runner']"),
        (AXES + PLACE + "os: [mac]\n", "unknown: ['os']"),
        (AXES.replace("1/2, 2/2", "1/2, 1/2") + PLACE, "two cells of the matrix are the same"),
        (AXES.replace("1/2, 2/2", ", ".join(f"{n}/300" for n in range(1, 301))) + PLACE, "has 300 cells"),
        ("- cpu\n", "not a mapping"),
        ("backend: [cpu\n", "nightly.yaml:"),
    ],
)
def test_a_matrix_that_is_wrong_is_told_before_anything_runs(tmp_path, text, message) -> None:
    with pytest.raises(InputError) as caught:
        cells(tmp_path, text)
    assert message in f"{caught.value.message} {caught.value.hint}"


def test_the_table_tells_how_each_cell_ended_and_which_never_ran(tmp_path) -> None:
    two = cells(tmp_path, AXES + PLACE)
    (tmp_path / f"{two[0]['name']}.result").write_text("4\n12 goldens: 11 equal, 1 mismatch | x\n", encoding="utf-8")
    lines = list(matrix.table(two, tmp_path))
    assert lines[0] == "**2 cells: 1 FRAMES DIFFER, 1 did not run**"
    row = "| cpu | 3.11 | bundled | 1 | native | plan | 1/2 | FRAMES DIFFER | 12 goldens: 11 equal, 1 mismatch \\| x |"
    assert lines[4:] == [row, "| cpu | 3.11 | bundled | 1 | native | plan | 2/2 | did not run |  |"]
    assert lines[2].count("|") == lines[3].count("|") == 10


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("0\n", "equal"),
        ("3\n", "cannot run here"),
        ("139\n", "status 139"),
        ("", "broken result"),
        ("x\n", "broken result"),
    ],
)
def test_any_result_file_gives_a_word(tmp_path, text, word) -> None:
    (tmp_path / "one.result").write_text(text, encoding="utf-8")
    assert matrix.result(tmp_path / "one.result") == (word, "")
