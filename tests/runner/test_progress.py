"""What is shown while tasks run."""

from __future__ import annotations

import io
import json

import pytest

from runner import progress

STARTED = {"event": "task_started", "task": "a", "frames": 60, "fps": 30.0, "reason": "new", "output": "a.mp4"}
DONE = {"event": "task_done", "task": "a", "frames": 60, "fps": 30.0, "seconds": 0.5, "output": "a.mp4"}


def render(done: int) -> dict[str, object]:
    return {"event": "progress", "task": "a", "stage": "render", "done": done, "total": 60, "fps": 30.0}


def test_lines_name_the_task_and_its_speed() -> None:
    out = io.StringIO()
    reporter = progress.Lines(out)
    for event in (STARTED, render(1), render(60), DONE):
        reporter(event)
    assert out.getvalue().splitlines() == [
        "a: 60 frames (new)",
        "a: a.mp4 in 0.5 s (120 fps, 4.00x realtime)",
    ]


def test_lines_show_progress_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(float(second) for second in range(0, 1000, 6))
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    out = io.StringIO()
    reporter = progress.Lines(out)
    for event in (STARTED, render(1), render(13), render(25), render(37)):
        reporter(event)
    shown = out.getvalue().splitlines()[1:]
    assert shown
    assert all(line.startswith("  render ") and "fps" in line for line in shown)


def test_rates_count_from_the_first_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([10.0, 12.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    rate = progress.Rate()
    rate.update(render(1))
    assert rate.text() == ""
    rate.update(render(31))
    assert (rate.fps, rate.realtime) == (15.0, 0.5)
    assert rate.text() == "15 fps 0.5x"


def test_json_events_are_objects_a_line() -> None:
    out = io.StringIO()
    reporter = progress.JsonLines(out)
    reporter({"event": "x", "name": "two\nlines"})
    reporter({"event": "y"})
    assert [json.loads(line) for line in out.getvalue().splitlines()] == [
        {"event": "x", "name": "two\nlines"},
        {"event": "y"},
    ]


def test_the_bar_survives_a_run(capsys: pytest.CaptureFixture[str]) -> None:
    bar = progress.Bar()
    failed = {"event": "task_failed", "task": "b", "message": "no"}
    for event in (STARTED, render(1), render(60), DONE, {**STARTED, "task": "b"}, failed):
        bar(event)
    bar.close()
    assert "a: a.mp4 in 0.5 s" in capsys.readouterr().err


def test_without_a_terminal_there_are_lines_and_quiet_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    assert isinstance(progress.choose(quiet=False, json_events=True), progress.JsonLines)
    assert isinstance(progress.choose(quiet=False, json_events=False), progress.Lines)
    silent = progress.choose(quiet=True, json_events=False)
    silent(STARTED)
    silent.close()
    assert capsys.readouterr() == ("", "")
