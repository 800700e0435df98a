"""The live view on recorded terminals: what a person sees, at any width, and that the terminal is given back."""

from __future__ import annotations

import io
import re
import threading

import pytest
from rich.console import Console

from runner.liverows import Look, bar, rows, shorten
from runner.liveview import LiveView
from runner.runstate import RunState
from tests.runner import streams

SHOW_CURSOR, HIDE_CURSOR = "\x1b[?25h", "\x1b[?25l"


def console(width: int = 100, height: int = 24, **more: bool) -> Console:
    return Console(file=io.StringIO(), force_terminal=True, width=width, height=height, color_system="standard", **more)


def text_of(where: Console) -> str:
    assert isinstance(where.file, io.StringIO)
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", where.file.getvalue())


def plain(state: RunState, width: int = 100, height: int = 24) -> list[str]:
    return [line.plain.rstrip() for line in rows(state, Look(width, height))]


def busy(workers: int) -> RunState:
    state = RunState()
    state.update(streams.begun(100, workers))
    for number in range(1, workers + 1):
        state.update(streams.started(f"batch/aurora-song{number}-720p", str(number)))
        state.update(streams.drawn(f"batch/aurora-song{number}-720p", 30, str(number)))
    return state


def test_a_line_a_worker_under_where_the_run_stands() -> None:
    state = busy(2)
    state.update(streams.failed("batch/x", "ffmpeg was killed"))
    shown = plain(state)
    assert shown[0].endswith("  0 of 100 done, 1 failed")
    assert shown[2] == "failed batch/x: ffmpeg was killed"
    assert [line.split()[:2] for line in shown[3:]] == [
        ["1", "batch/aurora-song1-720p"],
        ["2", "batch/aurora-song2-720p"],
    ]
    assert all("render" in line and "50 %" in line for line in shown[3:])


def test_more_workers_than_lines_are_folded() -> None:
    shown = plain(busy(32), height=12)
    assert len(shown) == 11
    assert shown[-1].startswith("and 24 more at ")


@pytest.mark.parametrize("width", [20, 40, 60, 80, 200])
def test_any_width_shows_the_name_and_how_far_it_is(width: int) -> None:
    lines = rows(busy(3), Look(width, 24))
    assert all(line.cell_len <= width for line in lines)
    if width >= 40:
        assert all("720p" in line.plain and "50 %" in line.plain for line in lines[2:])


def test_an_export_is_one_line() -> None:
    state = RunState()
    assert plain(state) == ["starting"]
    state.update(streams.started("song"))
    state.update(streams.drawn("song", 30))
    (line,) = plain(state)
    assert line.startswith("song")
    assert "50 %" in line


def test_names_are_shortened_in_their_middle() -> None:
    assert shorten("batch/aurora-mysong-720p", 12) == "bat…ong-720p"
    assert shorten("short", 8) == "short   "
    assert shorten("曲曲曲曲曲曲", 7) == "曲…曲曲"


def test_bars_need_no_colours() -> None:
    assert bar(0.5, 4, Look(80, 24, colour=False)).plain == "━━  "
    assert bar(0.5, 4, Look(80, 24, ascii_only=True)).plain == "##--"


def test_a_run_leaves_its_lines_and_the_cursor() -> None:
    where = console()
    view = LiveView(where)
    for event in streams.overnight(30, 4):
        view(event)
    view.close()
    view.close()
    shown = text_of(where)
    assert "out/batch/aurora-song0001-720p.mp4 in 4.0 s" in shown
    assert "aurora-song0009" not in shown  # up to date: only counted
    assert "22 made, 4 up to date, 4 failed" in shown
    assert isinstance(where.file, io.StringIO)
    assert where.file.getvalue().rfind(SHOW_CURSOR) > where.file.getvalue().rfind(HIDE_CURSOR)


def test_no_color_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    where = console()
    view = LiveView(where)
    view(streams.begun(3))
    view({"event": "warning", "message": "m"})
    view.close()
    assert isinstance(where.file, io.StringIO)
    assert re.search(r"\x1b\[[0-9;]*m", where.file.getvalue()) is None


def test_events_of_several_threads_do_not_lock_up() -> None:
    where = console()
    view = LiveView(where)

    def work() -> None:
        for event in streams.overnight(100, 4):
            view(event)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    assert not any(one.is_alive() for one in threads)
    view.close()
