"""report.html of a run directory: one page that stands alone, made of events.jsonl.

No script, no network, nothing beside the file. Names and messages come from strangers: everything is escaped, and a
content security policy forbids whatever might slip through. It holds for a killed run too.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from runner import htmlpage, rundir
from runner.failures import grouped, rerun
from runner.manifest import write_atomic
from runner.plaintext import clock
from runner.runlog import RunLog, Span, gather

GRID = 1000
"""Units of the timeline from left to right; what is narrower than two of them is drawn together."""

LANES, GROUPS, TASKS, LOG_TAIL = 64, 30, 50, 3000


def write(folder: Path) -> Path:
    """(Re)make the page; its path. Raises InputError for a folder without a run, OutputError."""
    log = gather(rundir.events(folder))
    path = folder / rundir.REPORT
    write_atomic(path, render(log, folder))
    return path


def render(log: RunLog, folder: Path) -> str:
    """The page as text."""
    filters = {"clock": clock, "span": _span, "comma": lambda number: f"{number:,}"}
    return htmlpage.render("report.html.j2", _view(log, folder), filters)


def _view(log: RunLog, folder: Path) -> dict[str, Any]:
    summary = log.summary.to_dict()
    wall = max(log.wall, summary["wall_seconds"])
    lanes = [(worker, list(_bars(spans, wall))) for worker, spans in sorted(log.spans.items(), key=_by_worker)]
    busy = sum(one.end - one.begin for spans in log.spans.values() for one in spans)
    jobs = summary.get("jobs", ["a run"])
    more = f" and {len(jobs) - 3} more" if len(jobs) > 3 else ""
    return {
        "summary": summary,
        "jobs": ", ".join(jobs[:3]) + more,
        "state": _state(log, summary),
        "ended": log.summary.ended,
        "wall": wall,
        "busy": min(1.0, busy / (wall * len(lanes))) if wall > 0 and lanes else None,
        "lanes": lanes[:LANES],
        "more_lanes": max(0, len(lanes) - LANES),
        "ticks": [wall * part / 4 for part in range(5)],
        "stages": _shares(summary["stages"]),
        "slowest": log.slowest,
        "failures": [
            (message, hint, [_failure(one, folder) for one in members[:TASKS]], len(members), _tail(members[0], folder))
            for message, hint, members in grouped(summary["failures"])[:GROUPS]
        ],
        "more_failures": max(0, len(grouped(summary["failures"])) - GROUPS),
        "rerun": _rerun(summary, folder),
        "skipped": [(reason, count, log.skipped_names[reason]) for reason, count in log.skipped.most_common(GROUPS)],
        "grid": GRID,
    }


def _span(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else clock(seconds)


def _state(log: RunLog, summary: dict[str, Any]) -> tuple[str, str]:
    """(colour, words)."""
    if not log.summary.ended:
        return "warn", "not finished: killed, or still running"
    if summary["interrupted"]:
        return "warn", "interrupted"
    if summary["failed"] or "error" in summary:
        return "bad", "failed"
    return "good", "done"


def _bars(spans: Sequence[Span], wall: float) -> Iterator[tuple[float, float, str, str]]:
    """(x, width, kind, title) on the grid. Neighbours of a kind too narrow to be told apart become one."""
    scale = GRID / wall if wall > 0 else 0.0
    begin, end, kind, title, count = 0.0, -1.0, "", "", 0
    for one in sorted(spans, key=lambda span: (span.begin, span.end)):
        left, right = one.begin * scale, max(one.end * scale, one.begin * scale + 0.5)
        if count and one.kind == kind and right - begin < 2:
            end, count = max(end, right), count + 1
            title = f"{count} tasks until {clock(one.end)}: {kind}"
            continue
        if count:
            yield round(begin, 2), round(end - begin, 2), kind, title
        begin, end, kind, count = left, right, one.kind, 1
        title = f"{one.task}: {one.end - one.begin:.1f} s from {clock(one.begin)}: {kind}"
    if count:
        yield round(begin, 2), round(end - begin, 2), kind, title


def _shares(stages: dict[str, float]) -> list[tuple[str, float, float]]:
    """(name, seconds, percent), the largest first."""
    total = sum(stages.values())
    ranked = sorted(stages.items(), key=lambda item: -item[1])
    return [(name, seconds, 100 * seconds / total) for name, seconds in ranked if total and seconds / total >= 0.001]


def _failure(one: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    log = one.get("log")
    inside = _inside(log, folder) if log else None
    link = quote(inside.relative_to(folder.resolve()).as_posix()) if inside else None
    return {"task": one["task"], "attempts": one["attempts"], "log": log, "link": link}


def _tail(one: Mapping[str, Any], folder: Path) -> str:
    """The end of a failure's log, if it lies in the run directory: events may name any file."""
    path = _inside(one["log"], folder) if one.get("log") else None
    if path is None:
        return ""
    try:
        with path.open("rb") as stream:
            stream.seek(max(0, stream.seek(0, os.SEEK_END) - LOG_TAIL))
            return stream.read(LOG_TAIL).decode("utf-8", "replace").strip()
    except OSError:
        return ""


def _inside(name: str, folder: Path) -> Path | None:
    """The log of this name, if it lies in the run directory, which may have been moved since."""
    try:
        root = folder.resolve()
        for path in (Path(name).resolve(), (root / "logs" / Path(name).name).resolve()):
            if path.is_relative_to(root) and path.is_file():
                return path
    except (OSError, ValueError, RuntimeError):
        pass
    return None


def _rerun(summary: dict[str, Any], folder: Path) -> str:
    """The command that runs just what failed again, with the folder as it was said."""
    where = Path(summary.get("run_dir", folder))
    return shlex.join(rerun(summary["command"], where)) if "command" in summary else ""


def _by_worker(item: tuple[str, Any]) -> tuple[int, str]:
    return len(item[0]), item[0]
