"""The page of a run: complete, safe, and also there for runs that never ended."""

from __future__ import annotations

import datetime as dt
import html.parser
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from engine.errors import InputError
from runner import report, rundir
from runner.eventlog import EventLog
from tests.runner import streams

NIGHT = dt.datetime(2026, 1, 31, 22, tzinfo=dt.UTC)


class Page(html.parser.HTMLParser):
    """Collects the tags with their attributes, and the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, Any]]] = []
        self.text = ""
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data
        self.words += data.split()


def keep(folder: Path, events: Iterable[dict[str, Any]], step: float = 1.0) -> Path:
    """A run directory with these events, some seconds apart."""
    folder.mkdir(exist_ok=True)
    log = EventLog(folder / "events.jsonl")
    for number, event in enumerate(one for one in events if one["event"] != "progress"):
        log.write({"time": (NIGHT + dt.timedelta(seconds=number * step)).isoformat(), **event})
    log.close()
    return folder


def made(folder: Path) -> Page:
    return Page(report.write(folder).read_text(encoding="utf-8"))


def test_a_run_is_told_in_full(tmp_path: Path) -> None:
    page = made(keep(tmp_path, streams.overnight(60, 4)))
    words = " ".join(page.words)
    for part in ("jobs/a.yaml", "45 made of 60", "8 failed", "7 up to date", "Slowest tasks", "ffmpeg was killed"):
        assert part in words, part
    assert len([1 for tag, _ in page.tags if tag == "svg"]) == 5  # four workers and the stages
    assert "batch/aurora-song0007-720p" in page.text
    assert "render" in page.text


def test_the_page_stands_alone(tmp_path: Path) -> None:
    page = made(keep(tmp_path, streams.overnight(20, 2)))
    assert {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "object"} == set()
    assert not any(
        "src" in attributes or ("style" in attributes and "url" in attributes["style"]) for _, attributes in page.tags
    )
    assert "http" not in re.sub(r"http-equiv", "", (tmp_path / "report.html").read_text())


EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\x00\x1b\udc80{{7*7}}"


def test_what_strangers_wrote_is_text(tmp_path: Path) -> None:
    begin = {**streams.begun(3), "jobs": [EVIL], "run_dir": EVIL, "command": ["trackreel", "run", EVIL]}
    end = {**streams.ended(1, 1, 1), "message": EVIL, "hint": EVIL}
    page = made(
        keep(
            tmp_path,
            [
                begin,
                {**streams.skipped(EVIL), "reason": EVIL},
                streams.started(EVIL, EVIL),
                streams.done(EVIL, EVIL, stages={EVIL: {"seconds": 1.0}}),
                streams.started("b", EVIL),
                streams.failed("b", EVIL, hint=EVIL, log=f"javascript:{EVIL}", worker=EVIL),
                end,
            ],
        )
    )
    assert {tag for tag, _ in page.tags} & {"script", "img"} == set()
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert page.text.count("<script>alert(1)</script>") >= 8
    assert page.text.count("{{7*7}}") == page.text.count("<script>alert(1)</script>")
    assert "\x00" not in page.text


def test_a_killed_run_has_a_page_without_a_summary(tmp_path: Path) -> None:
    events = list(streams.overnight(30, 2))[:40]
    keep(tmp_path, [*events, streams.started("cut", "1")])
    with (tmp_path / "events.jsonl").open("a") as stream:
        stream.write('{"event": "task_do')
    page = made(tmp_path)
    assert "killed, or still running" in page.text
    assert "exit status" not in page.text  # there was none
    assert any(attributes.get("class") == "open" for tag, attributes in page.tags if tag == "rect")
    assert rundir.failed(tmp_path) == {one["task"] for one in events if one["event"] == "task_failed"}


def test_ten_thousand_tasks_fit_a_page(tmp_path: Path) -> None:
    page = made(keep(tmp_path, streams.overnight(10_000, 8), step=0.2))
    assert (tmp_path / "report.html").stat().st_size < 1_000_000
    assert "1,112 up to date" in page.text
    assert "more: see summary.json" in page.text


def test_logs_are_shown_from_the_run_directory_alone(tmp_path: Path) -> None:
    run = tmp_path / "run"
    (run / "logs").mkdir(parents=True)
    (run / "logs" / "a b.log").write_text("x" * 9000 + "last words <b>")
    (tmp_path / "secret").write_text("secret")
    (run / "logs" / "link").symlink_to(tmp_path / "secret")
    logs = {
        "a": run / "logs" / "a b.log",
        "b": tmp_path / "secret",
        "c": run / "logs" / "link",
        "d": run / "logs" / "gone",
    }
    failures = [streams.failed(task, f"reason {task}", log=str(log)) for task, log in logs.items()]
    page = made(keep(run, [streams.begun(4), *failures, streams.ended(0, 0, 4)]))
    assert [attributes["href"] for tag, attributes in page.tags if tag == "a"] == ["logs/a%20b.log"]
    assert "last words <b>" in page.text
    assert "xsecret" not in page.text.replace("\n", "x")


def test_a_moved_run_still_finds_its_logs(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.log").write_text("words")
    failure = streams.failed("a", log="out/.runs/elsewhere/logs/a.log")
    page = made(keep(tmp_path, [streams.begun(1), failure, streams.ended(0, 0, 1)]))
    assert [attributes["href"] for tag, attributes in page.tags if tag == "a"] == ["logs/a.log"]


def test_of_two_runs_in_one_folder_the_last_counts(tmp_path: Path) -> None:
    keep(tmp_path, [streams.begun(1), streams.started("a"), streams.failed("a"), streams.ended(0, 0, 1)])
    keep(tmp_path, [streams.begun(1), streams.started("b"), streams.done("b"), streams.ended(1)])
    page = made(tmp_path)
    assert "Failures" not in page.text
    assert rundir.failed(tmp_path) == frozenset()


def test_a_folder_without_a_run_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no run directory"):
        report.write(tmp_path)
    with pytest.raises(InputError, match="no such run directory"):
        report.write(tmp_path / "gone")


def test_a_damaged_summary_does_not_hide_the_failures(tmp_path: Path) -> None:
    keep(tmp_path, [streams.begun(1), streams.started("a"), streams.failed("a"), streams.ended(0, 0, 1)])
    (tmp_path / "summary.json").write_text(json.dumps({"failures": [3]}))
    assert rundir.failed(tmp_path) == {"a"}
