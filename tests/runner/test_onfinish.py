"""The command at the end of a run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from engine.errors import InputError
from runner import onfinish
from runner.commands import job, root

KEEP = "import os, sys; open(sys.argv[1], 'w').write(os.environ['TRACKREEL_EXIT_STATUS'] + sys.stdin.read())"


def test_it_gets_the_summary_and_the_exit_status(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    words = [sys.executable, "-c", f"{KEEP}; print('told')", str(tmp_path / "kept")]
    assert onfinish.call(words, tmp_path, {"done": 3, "name": "\udc80"}, 1) == ""
    kept = (tmp_path / "kept").read_text()
    assert (kept[0], json.loads(kept[1:])["done"]) == ("1", 3)
    assert capfd.readouterr() == ("", "told\n")  # stdout may carry our events


def test_words_are_split_without_a_shell() -> None:
    assert onfinish.parse(None) == []
    assert onfinish.parse("sh -c 'echo $HOME | wc'") == ["sh", "-c", "echo $HOME | wc"]


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("", "no command"),
        ("echo 'half", "no closing quotation"),
        ("no-such-program-here --x", "there is no program 'no-such-program-here'"),
    ],
)
def test_a_command_that_cannot_run_is_refused(command: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        onfinish.parse(command)


def test_its_failures_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "failed with status 3: sh -c 'exit 3'" in onfinish.call(["sh", "-c", "exit 3"], tmp_path, {}, 0)
    assert "could not be run" in onfinish.call([str(tmp_path)], tmp_path, {}, 0)
    monkeypatch.setattr(onfinish, "LIMIT_S", 0.1)
    assert "more than 0.1 s" in onfinish.call(["sleep", "60"], tmp_path, {}, 0)


def test_only_run_has_the_option() -> None:
    having = [name for name, one in root.commands.items() if any(p.name == "on_finish" for p in one.params)]
    assert having == ["run"]
    assert "on_finish" in {one.name for one in job.run.params}


@pytest.mark.parametrize("key", ["on_finish", "on-finish", "onfinish", "output.on_finish"])
def test_no_job_can_name_it(key: str, folder: Path) -> None:
    from runner import choose

    path = folder / "job.yaml"
    outer, _, inner = key.partition(".")
    value = f"{{{inner}: touch x}}" if inner else "touch x"
    path.write_text(f"version: 1\naudio: {{source: a.wav}}\n{outer}: {value}\n")
    error = choose.check(path)
    assert error is not None
    assert f"unknown key '{inner or outer}'" in str(error)


def test_the_examples_in_the_docs_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("curl", "mail"):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text('#!/bin/sh\necho "$0" "$@" >> "$(dirname "$0")/called"\ncat >> "$(dirname "$0")/called"\n')
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    text = (Path(__file__).parents[2] / "docs" / "runs.md").read_text()
    lines = [line for line in text.splitlines() if line.startswith("trackreel run") and "--on-finish" in line]
    assert len(lines) == 3
    for line in lines:
        shell = f'trackreel() {{ printf %s "$4"; }}; {line}'  # a shell splits what a reader copies
        command = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, check=True).stdout
        assert onfinish.call(onfinish.parse(command), tmp_path, {"done": 7}, 1) == ""
    called = (tmp_path / "bin" / "called").read_text()
    assert called.count('{"done": 7}') == 3
    assert "videos: exit status 1" in called
    assert f"-A {tmp_path}/report.html" in called
