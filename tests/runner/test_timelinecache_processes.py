"""The cache of analyses in the hands of many processes: one works, others wait, any may be killed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from runner import timelinecache
from runner.timelinecache import Held
from tests import sounds, trackreel
from tests.runner.tracks import track


@pytest.fixture
def cache(cache: Path) -> Path:
    return cache / "timelines"


def fetch(path: Path) -> Held:
    """In this process, without waiting for anybody."""
    held = timelinecache.fetch(track(path), path.with_name("own"), lambda _: None, print)
    held.close()
    return held


def names(cache: Path) -> list[str]:
    return sorted(one.name for one in cache.iterdir())


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    return tmp_path / "scratch"


CHILD = """
import json, sys, time
from pathlib import Path
from runner import timelinecache
from tests.runner.tracks import track
def tell(event): print(json.dumps(event), flush=True)
def progress(share):
    tell({"event": "analysing"})
    if sys.argv[3] == "held up": sys.stdin.readline()
held = timelinecache.fetch(track(Path(sys.argv[1])), Path(sys.argv[2]), progress, tell)
tell({"event": "held", "analysed": held.seconds > 0, "folder": str(held.folder)})
"""


Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts processes that end with the test. `mood`: "held up" analyses until a line comes."""
    started: list[subprocess.Popen[str]] = []

    def start(song: Path, scratch: Path, mood: str = "", code: str = CHILD, **options: Any) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", code, str(song), str(scratch), mood]
        pipe = subprocess.PIPE
        started.append(
            subprocess.Popen(command, cwd=trackreel.ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True, **options)
        )
        return started[-1]

    yield start
    for one in started:
        one.kill()
        one.communicate()


def told(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    line = process.stdout.readline()
    event: dict[str, Any] = json.loads(line) if line else {"event": "end"}
    return event


def test_one_process_analyses_and_the_others_wait(cache: Path, song: Path, scratch: Path, start: Start) -> None:
    maker = start(song, scratch, "held up")
    assert told(maker)["event"] == "analysing"
    others = [start(song, scratch) for _ in range(2)]
    for other in others:
        assert told(other)["event"] == "waiting"
    assert maker.stdin is not None
    maker.stdin.write("go on\n")
    maker.stdin.flush()
    ends = []
    for process in (maker, *others):
        while (event := told(process))["event"] != "held":
            assert event["event"] == "analysing"
        ends.append(event["analysed"])
        assert process.communicate() == ("", "")
    assert ends == [True, False, False]


def test_who_waits_takes_over_from_a_killed_process(cache: Path, song: Path, scratch: Path, start: Start) -> None:
    maker = start(song, scratch, "held up")
    assert told(maker)["event"] == "analysing"
    waiter = start(song, scratch)
    assert told(waiter)["event"] == "waiting"
    maker.send_signal(signal.SIGKILL)
    maker.communicate()
    while (event := told(waiter))["event"] == "analysing":
        pass
    assert event["analysed"]
    waiter.communicate()
    held = fetch(song)
    assert held.seconds == 0
    assert names(cache) == [held.folder.name, f"{held.folder.name}.lock"]


def test_what_a_killed_process_left_is_removed(cache: Path, song: Path, tmp_path: Path, start: Start) -> None:
    maker = start(song, tmp_path / "none", "held up")
    assert told(maker)["event"] == "analysing"
    maker.send_signal(signal.SIGKILL)
    maker.communicate()
    assert any(one.endswith(".part") for one in names(cache))
    other = fetch(sounds.write(tmp_path / "other.wav", sounds.sine(220, 0.5)))
    assert names(cache) == [other.folder.name, f"{other.folder.name}.lock"]


GREEDY = """
import random, sys
from pathlib import Path
from engine import timeline
from runner import timelinecache
from tests.runner.tracks import track
chance = random.Random(sys.argv[3])
for _ in range(12):
    path = chance.choice(sorted(Path(sys.argv[1]).iterdir()))
    held = timelinecache.fetch(track(path), Path(sys.argv[2] + sys.argv[3]), lambda share: None, print)
    kept = timeline.load(held.folder)
    assert kept.frames == int(path.stem), (path, kept.frames)
    assert kept.waves.row(kept.frames - 1).any()
    held.close()
"""


def test_nothing_vanishes_under_a_reader(
    cache: Path, scratch: Path, tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKREEL_CACHE_SIZE", "1")  # every analysis evicts all others
    folder = tmp_path / "tracks"
    folder.mkdir()
    for frames in (3, 4, 5):
        sounds.write(folder / f"{frames}.wav", sounds.sine(100 * frames, frames / 10))
    for process in [start(folder, scratch, str(seed), GREEDY) for seed in range(3)]:
        out, err = process.communicate()
        assert (process.returncode, err) == (0, "")
        assert "warning" not in out


def test_a_read_only_cache_is_read(cache: Path, song: Path, scratch: Path, tmp_path: Path, start: Start) -> None:
    kept = fetch(song).folder
    other = sounds.write(tmp_path / "other.wav", sounds.sine(220, 0.5))
    for one in (cache, cache.parent, *cache.rglob("*")):
        one.chmod(one.stat().st_mode & 0o555)
    try:
        ends = []
        for path in (song, other):
            process = start(path, scratch, preexec_fn=trackreel._drop_privileges)
            out, err = process.communicate()
            assert err == ""
            ends.append([json.loads(line) for line in out.splitlines()])
    finally:
        for one in (cache.parent, cache):
            one.chmod(0o755)
    assert ends[0] == [{"event": "held", "analysed": False, "folder": str(kept)}]
    assert ends[1][0]["event"] == "warning"
    assert ends[1][-1]["folder"] == str(scratch)
