from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ci.scripts import ROOT

HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"
FAKE_PYTHON = """\
#!/bin/sh
case $1 in
-c) echo 3.12 ;;
-m) mkdir -p "$NIGHTLY/kept"
    echo "$*" >"$NIGHTLY/arguments"
    env >"$NIGHTLY/environment"
    for word; do case $before in --run-dir) mkdir -p "$word"; echo page >"$word/page.html" ;; esac; before=$word; done
    echo 'error: goldens/warp: 21 of 24 frames differ' >&2
    echo '2 goldens: 1 equal, 1 mismatch' >&2
    exit 4 ;;
esac
"""
FAKE_CELL = """\
#!/bin/sh
status=$(printf '%s' "$STATUSES" | cut -d' ' -f$((1 + $(ls "$NIGHTLY" | grep -c result))))
printf '%s\\n%s\\n' "$status" said >"$NIGHTLY/$(echo "$1-$2-$3-$4-$5-$6-$7" | sed 's|/|of|').result"
exit "$status"
"""


def run(script: Path, *words: str, results: Path, **env: str) -> subprocess.CompletedProcess[str]:
    given = {**os.environ, "PYTHON": sys.executable, "NIGHTLY": str(results), "PYTHONPATH": str(ROOT), **env}
    return subprocess.run([str(script), *words], env=given, capture_output=True, text=True, check=False)


def cell(words: str, results: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return run(ROOT / "ci" / "cell.sh", *words.split(), results=results, **env)


@pytest.fixture
def fake_python(tmp_path: Path) -> str:
    path = tmp_path / "python"
    path.write_text(FAKE_PYTHON, encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_a_cell_verifies_goldens_here(tmp_path) -> None:
    done = cell(
        f"cpu {HERE} bundled 2 restricted shuffled 1/1", tmp_path, ONLY="goldens/effect-solid-pulse-160x90-30-*"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    name = f"cpu-{HERE}-bundled-2-restricted-shuffled-1of1"
    assert (tmp_path / f"{name}.result").read_text(encoding="utf-8") == "0\n1 golden: 1 equal\n"
    assert not (tmp_path / name).exists()


def test_what_differs_is_kept_and_told(tmp_path, fake_python) -> None:
    done = cell("cpu 3.12 bundled all native plan 1/2", tmp_path, PYTHON=fake_python)
    assert done.returncode == 4
    assert "error: goldens/warp: 21 of 24 frames differ" in done.stdout
    name = "cpu-3.12-bundled-all-native-plan-1of2"
    assert (tmp_path / f"{name}.result").read_text(encoding="utf-8") == "4\n2 goldens: 1 equal, 1 mismatch\n"
    assert (tmp_path / name / "page.html").is_file()
    arguments = (tmp_path / "arguments").read_text(encoding="utf-8")
    assert "verify jobs/goldens.yaml jobs/goldens-encoded.yaml " in arguments
    assert "--shard 1/2 -j 1 --stall-timeout" in arguments
    assert f"engine.threads={os.sysconf('SC_NPROCESSORS_ONLN')} " in arguments


def test_a_cell_has_its_own_cache_and_the_ffmpeg_and_features_it_names(tmp_path, fake_python) -> None:
    (tmp_path / "bin").mkdir()
    ffmpeg = tmp_path / "bin" / "ffmpeg"
    ffmpeg.write_text("#!/bin/sh\n", encoding="utf-8")
    ffmpeg.chmod(0o755)
    path = f"{ffmpeg.parent}:{os.environ['PATH']}"
    cell("cpu 3.12 system 1 restricted plan 1/1", tmp_path, PYTHON=fake_python, PATH=path, TRACKREEL_CACHE="/mine")
    given = dict(line.split("=", 1) for line in (tmp_path / "environment").read_text().splitlines() if "=" in line)
    assert given["TRACKREEL_FFMPEG"] == str(ffmpeg)
    assert given["NPY_DISABLE_CPU_FEATURES"] == "3.12"  # what the fake one answers to any question
    assert given["TRACKREEL_CACHE"] != "/mine"
    assert not Path(given["TRACKREEL_CACHE"]).exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(
            f"metal {HERE} bundled all native plan 1/1",
            "no metal: ",
            marks=pytest.mark.skipif(sys.platform == "darwin", reason="there is Metal here"),
        ),
        ("cpu 3.1 bundled all native plan 1/1", f"Python 3.1 is asked for, and {sys.executable} is {HERE}"),
    ],
)
def test_what_this_machine_lacks_is_said(tmp_path, words, said) -> None:
    done = cell(words, tmp_path)
    assert done.returncode == 3
    assert said in done.stdout
    assert (tmp_path / f"{words.replace(' ', '-').replace('/', 'of')}.result").read_text().startswith(f"3\n{said}")


def test_without_an_ffmpeg_on_the_path_or_a_python_there_is_no_cell(tmp_path, fake_python) -> None:
    (tmp_path / "bin").mkdir()
    for name in ("sh", "dirname", "sed", "mkdir", "mktemp", "rm"):
        (tmp_path / "bin" / name).symlink_to(str(shutil.which(name)))
    path = str(tmp_path / "bin")
    done = cell("cpu 3.12 system all native plan 1/1", tmp_path, PYTHON=fake_python, PATH=path)
    assert (done.returncode, "no ffmpeg on PATH" in done.stdout) == (3, True)
    done = cell("cpu 3.12 bundled all native plan 1/1", tmp_path, PYTHON="no-such-python")
    assert (done.returncode, "no Python 3.12 that has what trackreel needs" in done.stdout) == (3, True)


def test_a_shuffled_cell_has_two_workers_and_a_seed(tmp_path, fake_python) -> None:
    cell("cpu 3.12 bundled 1 native shuffled 1/1", tmp_path, PYTHON=fake_python, SHUFFLE="17")
    assert " -j 2 --shuffle 17 " in (tmp_path / "arguments").read_text(encoding="utf-8")


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="qemu-x86_64 runs a Python for x86_64 alone")
def test_an_emulated_cell_starts_every_python_through_qemu(tmp_path, fake_python) -> None:
    (tmp_path / "bin").mkdir()
    qemu = tmp_path / "bin" / "qemu-x86_64"
    qemu.write_text('#!/bin/sh\necho "$@" >"$NIGHTLY/emulated"\ncp "$4" "$NIGHTLY/main.py"\n', encoding="utf-8")
    qemu.chmod(0o755)
    path = f"{qemu.parent}:{os.environ['PATH']}"
    cell("cpu 3.12 bundled 1 Nehalem plan 1/1", tmp_path, PYTHON=fake_python, PATH=path)
    words = (tmp_path / "emulated").read_text(encoding="utf-8").split()
    assert words[:3] == ["-cpu", "Nehalem", fake_python]
    assert words[4:8] == ["verify", "jobs/goldens.yaml", "--only", "goldens/scope-*-16x16-*"]
    # Render processes are started by what main.py says is Python.
    assert f'sys.executable = "{Path(words[3]).parent}/python"' in (tmp_path / "main.py").read_text(encoding="utf-8")


def test_a_part_without_goldens_is_not_taken_for_equal_ones(tmp_path) -> None:
    done = cell(f"cpu {HERE} bundled 1 native plan 2/2", tmp_path, ONLY="goldens/effect-solid-pulse-160x90-30-*")
    assert done.returncode == 3, done.stdout
    assert "no golden is in this part" in done.stdout


def test_a_cell_wants_seven_words(tmp_path) -> None:
    done = cell("cpu 3.12", tmp_path)
    assert done.returncode == 2
    assert "ci/cell.sh BACKEND PYTHON FFMPEG THREADS SIMD ORDER SHARD" in done.stderr


@pytest.mark.parametrize(
    ("statuses", "exits", "said"),
    [
        ("0 3", 0, "1 equal, 0 differ, 1 cannot run here"),
        ("4 0", 4, "1 equal, 1 differ, 0 cannot run here"),
        ("3 4", 4, "0 equal, 1 differ, 1 cannot run here"),
        ("3 3", 3, "0 equal, 0 differ, 2 cannot run here"),
        ("4 1", 1, "0 equal, 1 differ"),
        ("0 139", 1, "1 equal, 0 differ"),
        ("2 4", 2, "0 equal, 1 differ"),
    ],
)
def test_a_night_ends_as_the_contract_says(tmp_path, statuses, exits, said) -> None:
    (tmp_path / "ci").mkdir()
    for name in ("nightly.sh", "matrix.py", "nightly.yaml"):
        shutil.copy(ROOT / "ci" / name, tmp_path / "ci" / name)
    (tmp_path / "ci" / "cell.sh").write_text(FAKE_CELL, encoding="utf-8")
    (tmp_path / "ci" / "cell.sh").chmod(0o755)
    results = tmp_path / "results"
    done = run(tmp_path / "ci" / "nightly.sh", f"cpu {HERE} b* all native plan ?/2", "nothing *", results=results,
               STATUSES=statuses)  # fmt: skip
    assert (done.returncode, done.stderr) == (exits, "")
    assert said in done.stdout
    assert f"| {HERE} | bundled | all | native | plan | 2/2 |" in (results / "summary.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("status", [0, 4])
def test_a_night_tells_of_mutations(tmp_path, status) -> None:
    (tmp_path / "ci").mkdir()
    for name in ("nightly.sh", "matrix.py", "nightly.yaml"):
        shutil.copy(ROOT / "ci" / name, tmp_path / "ci" / name)
    (tmp_path / "ci" / "mutate.py").write_text(f"print('**9 mutations: 9 caught**')\nraise SystemExit({status})\n")
    done = run(tmp_path / "ci" / "nightly.sh", "mutations", results=tmp_path / "results")
    assert (done.returncode, done.stderr) == (status, "")
    assert done.stdout.startswith("0 cells:")
    assert done.stdout.endswith("\n**9 mutations: 9 caught**\n")


def test_a_night_without_cells_or_python_says_so(tmp_path) -> None:
    done = run(ROOT / "ci" / "nightly.sh", "amiga *", results=tmp_path)
    assert done.returncode == 2
    assert "error: no cell matches amiga *" in done.stderr
    done = run(ROOT / "ci" / "nightly.sh", results=tmp_path, PYTHON="no-such-python")
    assert done.returncode == 3
    assert "hint: run `make venv`" in done.stderr
