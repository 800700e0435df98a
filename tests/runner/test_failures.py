"""How failures are told at the end of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from runner.failures import grouped, recorded, rerun, table

RUN = Path("out/.runs/x")
COMMAND = ["trackreel", "run", "jobs/my batch.yaml", "-j", "2"]


def failure(task: str, message: str = "ffmpeg was killed", **more: Any) -> dict[str, Any]:
    return {"task": task, "message": message, "hint": "run again", "exit_status": 1, "attempts": 1, **more}


def test_one_failure_has_its_log_and_how_to_run_it_again() -> None:
    assert list(table([failure("a", log="out/.runs/x/logs/a.log")], RUN, COMMAND)) == [
        "log: out/.runs/x/logs/a.log",
        "to run just this one again: trackreel run 'jobs/my batch.yaml' -j 2 --only-failed out/.runs/x",
    ]
    assert list(table([], RUN, COMMAND)) == []


def test_equal_reasons_stand_together_the_most_frequent_first() -> None:
    found = [failure("a", "cannot decode 'a': odd"), *(failure(one, log=f"logs/{one}.log") for one in ("b", "long"))]
    assert list(table(found, RUN, COMMAND))[:-1] == [
        "3 tasks failed:",
        "  2 x ffmpeg was killed",
        "    hint: run again",
        "    b     logs/b.log",
        "    long  logs/long.log",
        "  cannot decode '...': odd",
        "    hint: run again",
        "    a",
    ]


def test_hundreds_stay_readable_and_are_made_safe() -> None:
    same = [failure(f"batch/{number}") for number in range(500)]
    other = [failure(f"x{number}", f"reason {number}\x1b[2J\nand ffmpeg's words") for number in range(40)]
    lines = list(table(same + other, RUN, COMMAND))
    assert len(lines) < 60
    assert "    and 495 more" in lines
    assert any("other reasons" in line and "summary.json" in line for line in lines)
    assert not any("\x1b" in line or "ffmpeg's words" in line for line in lines)


def test_names_within_messages_do_not_split_a_group() -> None:
    assert len(grouped([failure(one, f"cannot write {one}.mp4") for one in ("one", "two")])) == 1


def test_a_rerun_keeps_the_options_but_those_of_its_own() -> None:
    words = ["a.yaml", "--run-dir", "r", "--set", "seed=1", "--only-failed=old", "--on-finish", "curl token", "-j", "2"]
    assert rerun(recorded(words), RUN) == [
        "trackreel", "run", "a.yaml", "--set", "seed=1", "-j", "2", "--only-failed", "out/.runs/x",
    ]  # fmt: skip
