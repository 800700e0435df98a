"""Watching real runs: events, summary, report, the end of a run, and a terminal that is given back."""

from __future__ import annotations

import json
import os
import pty
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

import schemas
from tests import sounds
from tests.trackreel import arguments, environment, run, start

JOB = """\
version: 1
name: two
audio: {source: "*.wav", duration: 1}
video: {width: 64, height: 36, fps: 10}
matrix:
  encode.crf: [20, 30]
encode: {speed: ultrafast}
output: {path: "{name}/{audio.stem}-{encode.crf}.mp4"}
"""
HOOK = (
    "import os, pathlib, sys; pathlib.Path('told').write_text(os.environ['TRACKREEL_EXIT_STATUS'] + sys.stdin.read())"
)


def desk(folder: Path) -> Path:
    """A job of four tasks. One cannot be made: a folder has its output's name."""
    for name in ("a", "b"):
        sounds.write(folder / f"{name}.wav", sounds.click_track([0.2, 0.7], 1.2))
    (folder / "job.yaml").write_text(JOB)
    (folder / "out/two/b-30.mp4").mkdir(parents=True)
    return folder


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    folder = desk(tmp_path_factory.mktemp("night"))
    hook = shlex.join([sys.executable, "-c", HOOK])
    return folder, run("run", "job.yaml", "-j", "2", "--json", "--on-finish", hook, cwd=folder)


def run_dir(folder: Path) -> Path:
    (found,) = (folder / "out/.runs").glob("2*")
    return found


def test_stdout_is_events_alone(night: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, done = night
    events = [json.loads(line) for line in done.stdout.splitlines()]
    for event in events:
        jsonschema.validate(event, schemas.load("event"))
    assert (events[0]["event"], events[-1]["event"]) == ("run_started", "run_finished")
    assert events[-1] | {"time": ""} == events[-1] | {"done": 3, "failed": 1, "time": ""}
    kept = [json.loads(line) for line in (run_dir(folder) / "events.jsonl").read_text().splitlines()]
    assert kept == [one for one in events if one["event"] != "progress"]


def test_the_summary_is_told_to_the_command_at_the_end(night: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, done = night
    summary = json.loads((run_dir(folder) / "summary.json").read_text())
    jsonschema.validate(summary, schemas.load("summary"))
    assert (summary["done"], summary["failed"], summary["video_seconds"]) == (3, 1, 3.0)
    assert sum(one["done"] for one in summary["per_worker"]) == 3
    told = (folder / "told").read_text()
    assert told.startswith(f"{done.returncode}{{")
    assert json.loads(told[1:]) == summary


def test_the_report_is_there_and_can_be_made_again(night: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, _ = night
    page = run_dir(folder) / "report.html"
    first = page.read_text()
    assert "two/b-30" in first
    page.unlink()
    assert run("report", run_dir(folder), cwd=folder).stdout == f"{page}\n"
    assert page.read_text() == first


def test_the_last_line_runs_just_what_failed(night: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, done = night
    lines = done.stderr.splitlines()
    assert lines[0].startswith("error: two/b-30: the output is a folder")
    assert lines[1].startswith("hint: ")
    program, *words = shlex.split(lines[-1].partition("again: ")[2])
    assert program == "trackreel"
    (folder / "out/two/b-30.mp4").rmdir()
    again = run(*words, "--json", "--run-dir", folder / "again", cwd=folder)
    assert again.returncode == 0, again.stderr
    assert {json.loads(line).get("task") for line in again.stdout.splitlines()} == {None, "two/b-30"}
    none = run("run", "job.yaml", "--only-failed", folder / "again", "--run-dir", folder / "none", cwd=folder)
    assert (none.returncode, none.stderr) == (0, "0 made, 0 up to date, 0 failed\n")


def test_only_failed_wants_a_run_and_its_jobs(night: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, _ = night
    gone = run("plan", "job.yaml", "--only-failed", folder / "nothing", cwd=folder)
    assert (gone.returncode, "no such run directory" in gone.stderr) == (2, True)
    (folder / "other.yaml").write_text(JOB.replace("name: two", "name: other"))
    other = run("plan", "other.yaml", "--only-failed", run_dir(folder), cwd=folder)
    assert (other.returncode, "none of the tasks that failed" in other.stderr) == (2, True)


def test_a_command_that_does_not_exist_is_said_before_the_run(tmp_path: Path) -> None:
    folder = desk(tmp_path)
    done = run("run", "job.yaml", "--on-finish", "no-such-program", cwd=folder)
    assert (done.returncode, "there is no program 'no-such-program'" in done.stderr) == (2, True)
    assert not (folder / "out/.runs").exists()


def test_a_full_disk_of_the_record_costs_no_video(tmp_path: Path) -> None:
    folder = desk(tmp_path)
    (folder / "record").mkdir()
    (folder / "record/events.jsonl").symlink_to("/dev/full")
    done = run("run", "job.yaml", "--only", "two/a-*", "--run-dir", "record", "--on-finish", "false", cwd=folder)
    assert done.returncode == 1  # the videos are there, the record is not complete
    assert done.stderr.count("warning: cannot write record/events.jsonl: No space left on device") == 1
    assert "warning: the --on-finish command failed with status 1: false" in done.stderr
    assert json.loads((folder / "record/summary.json").read_text())["done"] == 2
    assert len(list((folder / "out/two").glob("a-*.mp4"))) == 2


def test_a_run_goes_on_when_nobody_reads_its_events(tmp_path: Path) -> None:
    folder = desk(tmp_path)
    process = start("run", "job.yaml", "--json", "--only", "two/a-*", cwd=folder)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert (process.wait(120), process.stderr.read()) == (0, "")
    process.stderr.close()
    assert len(list((folder / "out/two").glob("a-*.mp4"))) == 2


def test_a_terminal_is_given_back_after_ctrl_c(tmp_path: Path) -> None:
    folder = desk(tmp_path)
    ours, theirs = pty.openpty()
    environ = {key: value for key, value in environment({"TERM": "xterm"}).items() if key != "CI"}
    process = subprocess.Popen(
        arguments("run", "job.yaml", "-j", "2", "--set", "video={width: 640, height: 360, fps: 60}"),
        cwd=folder, env=environ, stdin=theirs, stdout=theirs, stderr=theirs, process_group=0,
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    while b"render" not in shown:
        shown += os.read(ours, 1 << 16)
    os.killpg(process.pid, signal.SIGINT)
    while True:
        try:
            shown += os.read(ours, 1 << 16)
        except OSError:  # all who had the other end are gone
            break
    assert process.wait(60) == 130
    os.close(ours)
    assert b"\x1b[?25l" in shown
    assert shown.rfind(b"\x1b[?25h") > shown.rfind(b"\x1b[?25l")
    assert b"press Ctrl-C again" in shown
