"""What is shown while tasks run."""

from __future__ import annotations

import io
import json
import sys

import pytest

from runner import progress
from runner.lines import Lines
from tests.runner import streams


class Ticking:
    """A clock that goes on by some seconds each time it is read."""

    def __init__(self, step: float) -> None:
        self.time, self.step = 0.0, step

    def __call__(self) -> float:
        self.time += self.step
        return self.time


def lines(*events: streams.Event, step: float = 0.0) -> list[str]:
    out = io.StringIO()
    reporter = Lines(out, Ticking(step))
    for event in events:
        reporter(event)
    reporter.close()
    return out.getvalue().splitlines()


def test_lines_name_the_task_and_its_speed() -> None:
    shown = lines(streams.started("a"), streams.drawn("a", 1), streams.drawn("a", 60), streams.done("a", seconds=0.5))
    assert shown == ["a: 60 frames (new)", "a: out/a.mp4 in 0.5 s (120 fps, 4.00x realtime)"]


def test_lines_of_one_task_show_its_progress_now_and_then() -> None:
    shown = lines(streams.started("a"), *(streams.drawn("a", frame) for frame in range(1, 40, 4)), step=1.5)[1:]
    assert 1 <= len(shown) < 10
    assert all(line.startswith("  render ") for line in shown)
    assert "fps" in shown[-1]


def test_lines_of_many_tell_where_the_run_stands_not_each_worker() -> None:
    begin = [streams.started(str(number), str(number)) for number in range(8)]
    steps = [streams.drawn(str(number), frame) for frame in (1, 20, 40) for number in range(8)]
    shown = lines(streams.begun(20, 8), *begin, *steps, step=0.5)[8:]
    assert 1 <= len(shown) <= 5
    assert all(line.startswith("  0 of 20 done, 8 running") for line in shown)
    assert "realtime, about" in shown[-1]


def test_thousands_that_are_up_to_date_are_one_line() -> None:
    shown = lines(
        streams.begun(1300),
        *(streams.skipped(str(n)) for n in range(1234)),
        streams.started("a"),
        streams.ended(0, 1234),
    )
    assert shown == ["1,234 up to date", "a: 60 frames (new)", "0 made, 1,234 up to date, 0 failed"]


def test_names_of_strangers_do_not_steer_the_terminal() -> None:
    (shown,) = lines(streams.started("a\x1b[2Jb\nc"))
    assert shown == "a�[2Jb c: 60 frames (new)"


def test_json_events_are_objects_a_line() -> None:
    out = io.StringIO()
    reporter = progress.JsonLines(out)
    reporter({"event": "x", "name": "two\nlines"})
    reporter({"event": "y"})
    assert [json.loads(line) for line in out.getvalue().splitlines()] == [
        {"event": "x", "name": "two\nlines"},
        {"event": "y"},
    ]


def test_a_run_survives_that_nobody_reads_any_more() -> None:
    class Gone(io.StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError

    reporter = progress.Guarded(progress.JsonLines(Gone()))
    for event in streams.overnight(5, 1):
        reporter(event)
    reporter.close()
    assert isinstance(reporter.reporter, progress.Nobody)


def test_the_reporter_suits_the_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def kind(*, quiet: bool = False, json_events: bool = False) -> str:
        shown = progress.choose(quiet=quiet, json_events=json_events)
        shown.close()
        assert isinstance(shown, progress.Guarded)
        return type(shown.reporter).__name__

    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert kind(json_events=True) == "JsonLines"
    assert kind(quiet=True) == "Silent"
    assert kind() == "Lines"
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert kind() == "LiveView"
    monkeypatch.setenv("CI", "true")
    assert kind() == "Lines"
    monkeypatch.delenv("CI")
    monkeypatch.setenv("TERM", "dumb")
    assert kind() == "Lines"


def test_quiet_shows_warnings_alone(capsys: pytest.CaptureFixture[str]) -> None:
    silent = progress.Silent()
    for event in streams.overnight(5, 1):
        silent(event)
    silent({"event": "warning", "message": "the disk is full"})
    assert capsys.readouterr() == ("", "warning: the disk is full\n")
