"""Choosing tasks: totals before anything runs, parts that are the whole, collisions of jobs, and bounded memory."""

import json
import shlex
import tracemalloc
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from engine.errors import InputError
from runner import choose, plan, planlist
from runner.choose import Chosen
from runner.dotted import Memo
from tests.runner.made import make

MATRIX = """\
version: 1
audio: {{source: "?.wav"}}
video: {{width: 64, height: 48, fps: 10}}
scene: {{preset: ./plain.yaml}}
matrix:
  seed: {seeds}
  engine.quality: [fast, ultra]
  video.fps: [10, 30000/1001]
output: {{path: "{{name}}/{{audio.stem}}-{{engine.quality}}-{{video.fps}}-{{seed}}.mp4"}}
"""


def pick(*paths: Path, **options: Any) -> Chosen:
    usual: Mapping[str, Any] = {"jobs": paths, "sets": (), "only": (), "only_failed": None, "shard": None}
    return choose.choose({**usual, "out_root": paths[0].parent / "out", **options})


@pytest.fixture
def path(folder: Path) -> Path:
    for name in ("text.wav", "empty.wav"):
        (folder / name).unlink()
    (folder / "m.yaml").write_text(MATRIX.format(seeds=list(range(5))))
    return folder / "m.yaml"


@pytest.mark.parametrize(
    "options", [{}, {"only": ["m/a-*", "m/b-*-1"]}, {"shard": "2/3"}, {"only": ["*ultra*"], "shard": "1/2"}]
)
def test_totals_are_known_before_the_tasks_are_walked(path: Path, options: dict[str, str]) -> None:
    chosen = pick(path, **options)
    found = list(chosen.tasks())
    assert (chosen.totals.tasks, chosen.totals.frames) == (len(found), sum(one.frame_count for one in found))
    assert chosen.totals.video_seconds == pytest.approx(float(sum(one.duration for one in found)))
    assert found


def test_the_shards_of_what_matches_are_all_of_it_once(path: Path) -> None:
    whole = [one.id for one in pick(path, only=["*ultra*"]).tasks()]
    parts = [[one.id for one in pick(path, only=["*ultra*"], shard=f"{index}/3").tasks()] for index in (1, 2, 3)]
    assert sorted(name for part in parts for name in part) == sorted(whole)
    assert len(whole) == 20
    assert all(5 <= len(part) <= 8 for part in parts)
    make(next(pick(path).tasks()))  # what is done already moves nothing
    assert [one.id for one in pick(path, only=["*ultra*"], shard="1/3").tasks()] == parts[0]
    assert pick(path, shard="900/1000").totals.tasks == 0


def test_jobs_that_write_the_same_file(path: Path) -> None:
    other = path.with_name("n.yaml")
    other.write_text(
        path.read_text().replace("version: 1\n", "version: 1\nname: m\nseed: 9\n").replace("[0, 1, 2, 3, 4]", "[4]")
    )
    with pytest.raises(InputError, match=r"the output a-fast-10-4\.mp4 is written by 'm' and 'm'"):
        pick(path, other)
    assert pick(path, other, only=["*-3"]).totals.tasks == 8  # those that are meant do not collide


def test_what_matches_nothing_is_an_error(path: Path) -> None:
    with pytest.raises(InputError, match=r"no task matches --only 'x' --only 'y.'"):
        pick(path, only=["x", "y*"])


def test_a_line_of_json_for_each_task(path: Path) -> None:
    chosen = pick(path)
    first = next(chosen.tasks())
    make(first)
    rows = [json.loads(line) for line in planlist.json_lines(chosen)]
    for task, row in zip(chosen.tasks(), rows, strict=True):
        assert row["ffmpeg"] == plan.ffmpeg_command(task)
        assert (row["id"], row["frames"], row["fps"]) == (task.id, task.frame_count, float(task.canvas.fps))
    assert rows[0].keys() == {
        "id", "job", "status", "reason", "detail", "output", "frames", "fps", "width", "height", "audio",
        "ffmpeg", "cost",
    }  # fmt: skip
    assert [row["status"] for row in rows[:2]] == ["current", "new"]
    assert rows[0]["cost"] == pytest.approx(10 * 64 * 48 * 0.75 / 1e6)
    assert [shlex.split(one) for one in planlist.commands(chosen)] == [row["ffmpeg"] for row in rows]


def test_the_listing_ends_with_what_is_to_do(path: Path) -> None:
    assert list(planlist.listing(pick(path), short=False))[-2:] == [
        "40 tasks: 40 new",
        "to do: no earlier manifests to estimate from",
    ]
    make(next(pick(path).tasks()))
    lines = list(planlist.listing(pick(path), short=False))
    assert lines[0] == "m/a-fast-10-0: up to date"
    assert lines[-2] == "40 tasks: 39 new, 1 up to date"
    assert lines[-1].startswith("to do: about ")
    assert next(planlist.listing(pick(path, only=["*-0"]), short=True)) == "m/a-fast-10-0"


def peak(path: Path, seeds: int) -> int:
    """Bytes of memory at the most for planning eight tasks a seed."""
    path.write_text(MATRIX.format(seeds=f"[{', '.join(str(one) for one in range(seeds))}]"))
    tracemalloc.start()
    try:
        assert sum(1 for _ in planlist.json_lines(pick(path))) == 8 * seeds
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_tasks(path: Path) -> None:
    peak(path, 1)  # what is loaded and remembered once
    # A list of the tasks would take some 7 MB; garbage that waits for its collection up to 2.
    assert peak(path, 600) - peak(path, 20) < 3_000_000


def test_a_memo_holds_so_many_results() -> None:
    memo, asked = Memo(limit=3), []
    for number in (1, 2, 1, 3, 4, 4):
        memo(number, asked.append, number)
    assert asked == [1, 2, 3, 4]
    assert len(memo._kept) == 1
