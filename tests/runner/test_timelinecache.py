"""The cache of analyses: one for all processes, sound whatever happens to them or to the disk."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from engine import timeline
from engine.analysis import analyse
from engine.errors import AudioError, InputError
from runner import analysisversion, cachelimit, filehashes, manifest, timelinecache
from runner.timelinecache import Held, Track
from tests import sounds, trackreel

FPS = Fraction(10)
TICK = 0.02


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRACKREEL_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("TRACKREEL_CACHE_SIZE", raising=False)
    return tmp_path / "cache" / "timelines"


@pytest.fixture
def song(tmp_path: Path) -> Path:
    return sounds.write(tmp_path / "song.wav", sounds.sine(440, 0.5))


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    return tmp_path / "scratch"


class Events(list[Mapping[str, Any]]):
    def kinds(self) -> list[str]:
        return [str(one["event"]) for one in self]


@pytest.fixture
def events() -> Events:
    return Events()


@pytest.fixture
def fetch(scratch: Path, events: Events) -> Iterator[Callable[[Path], Held]]:
    held: list[Held] = []

    def fetch(path: Path, fps: Fraction = FPS) -> Held:
        held.append(timelinecache.fetch(track(path, fps), scratch, lambda _: None, events.append))
        return held[-1]

    yield fetch
    for one in held:
        one.close()


def track(path: Path, fps: Fraction = FPS) -> Track:
    return Track(path, manifest.sha256(path), fps)


def names(cache: Path) -> list[str]:
    return sorted(one.name for one in cache.iterdir())


Fetch = Callable[..., Held]


def test_a_track_is_analysed_once(cache: Path, fetch: Fetch, song: Path, events: Events, tmp_path: Path) -> None:
    first, second = fetch(song), fetch(song)
    assert (first.seconds > 0, second.seconds) == (True, 0)
    assert first.folder == second.folder
    assert first.folder.parent == cache
    assert events == []
    kept, wanted = timeline.load(second.folder), analyse(song, FPS, tmp_path / "plain")
    assert timeline.pack(kept) == timeline.pack(wanted)


def test_what_decides_the_analysis_decides_the_entry(
    cache: Path, fetch: Fetch, song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "copy.wav"
    copy.write_bytes(song.read_bytes())
    other = sounds.write(tmp_path / "other.wav", sounds.sine(441, 0.5))
    one = fetch(song).folder
    assert fetch(copy).folder == one  # the content counts, not the name
    assert len({one, fetch(song, Fraction(5)).folder, fetch(other).folder}) == 3
    monkeypatch.setattr(analysisversion, "ANALYSIS", analysisversion.ANALYSIS + 1)
    assert fetch(song).folder != one


def test_the_code_that_analyses_is_part_of_the_key() -> None:
    command = "import sys, engine.analysis; print(*(one for one in sys.modules if one.startswith('engine.')))"
    found = subprocess.run(
        [sys.executable, "-c", command], cwd=trackreel.ROOT, capture_output=True, text=True, check=True
    )
    parts = {one.split(".")[1] for one in found.stdout.split()}
    assert parts - {"errors"} == {one.removesuffix(".py") for one in analysisversion.SOURCES}


def cut(entry: Path) -> None:
    os.truncate(entry / timeline.STREAM, 10)


def flip(entry: Path) -> None:
    path = entry / timeline.STREAM
    raw = bytearray(path.read_bytes())
    raw[7] ^= 1
    path.write_bytes(raw)


def lose(entry: Path) -> None:
    (entry / timeline.TABLE).unlink()


def garble(entry: Path) -> None:
    (entry / timelinecache.INDEX).write_text("[" * 100_000)


def forget(entry: Path) -> None:
    (entry / timelinecache.INDEX).write_text('{"files": {}}')


@pytest.mark.parametrize("harm", [cut, flip, lose, garble, forget])
def test_a_damaged_entry_is_made_again(
    cache: Path, fetch: Fetch, song: Path, harm: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filehashes, "RACY_NS", -(10**12))  # as if the entry had been there for long
    held = fetch(song)
    held.close()
    assert timelinecache.is_sound(held.folder)
    time.sleep(TICK)
    harm(held.folder)
    again = fetch(song)
    assert (again.folder, again.seconds > 0) == (held.folder, True)
    assert timelinecache.is_sound(again.folder)


def test_a_damaged_entry_in_use_is_not_waited_for(
    cache: Path, fetch: Fetch, song: Path, scratch: Path, events: Events, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timelinecache, "READER_PATIENCE_S", 0.1)
    lose(fetch(song).folder)
    assert fetch(song).folder == scratch
    assert events.kinds() == ["warning"]
    assert timeline.load(scratch).frames == 5


CHILD = """
import json, sys, time
from pathlib import Path
from runner import timelinecache
from tests.runner.test_timelinecache import track
def tell(event): print(json.dumps(event), flush=True)
def progress(share):
    tell({"event": "analysing"})
    time.sleep(float(sys.argv[3]))
held = timelinecache.fetch(track(Path(sys.argv[1])), Path(sys.argv[2]), progress, tell)
tell({"event": "held", "analysed": held.seconds > 0, "folder": str(held.folder)})
"""


def start(song: Path, scratch: Path, pause: float, code: str = CHILD, **options: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, str(song), str(scratch), str(pause)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=trackreel.ROOT, stdout=pipe, stderr=pipe, text=True, **options)


def told(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    line = process.stdout.readline()
    event: dict[str, Any] = json.loads(line) if line else {"event": "end"}
    return event


def test_one_process_analyses_and_the_others_wait(cache: Path, song: Path, scratch: Path) -> None:
    maker = start(song, scratch, 1.0)
    assert told(maker)["event"] == "analysing"
    others = [start(song, scratch, 0) for _ in range(2)]
    for other in others:
        assert told(other)["event"] == "waiting"
    ends = []
    for process in (maker, *others):
        while (event := told(process))["event"] != "held":
            assert event["event"] == "analysing"
        ends.append(event["analysed"])
        assert process.communicate() == ("", "")
    assert ends == [True, False, False]


def test_who_waits_takes_over_from_a_killed_process(cache: Path, fetch: Fetch, song: Path, scratch: Path) -> None:
    maker = start(song, scratch, 600)
    assert told(maker)["event"] == "analysing"
    waiter = start(song, scratch, 0)
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


def test_what_a_killed_process_left_is_removed(cache: Path, fetch: Fetch, song: Path, tmp_path: Path) -> None:
    maker = start(song, tmp_path / "none", 600)
    assert told(maker)["event"] == "analysing"
    maker.send_signal(signal.SIGKILL)
    maker.communicate()
    assert any(one.endswith(".part") for one in names(cache))
    other = fetch(sounds.write(tmp_path / "other.wav", sounds.sine(220, 0.5)))
    assert names(cache) == [other.folder.name, f"{other.folder.name}.lock"]


def test_the_least_recently_used_goes_first_and_nothing_in_use(
    cache: Path, fetch: Fetch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracks = [sounds.write(tmp_path / f"{hertz}.wav", sounds.sine(hertz, 0.5)) for hertz in (200, 300, 400, 500)]
    held = [fetch(one) for one in tracks[:3]]
    size = sum(one.bytes for one in cachelimit.entries(cache))
    held[0].close()
    held[1].close()
    for place, one in enumerate(held):  # used in this order, whatever the clock's resolution
        os.utime(cache / f"{one.folder.name}.lock", (10**9 + place, 10**9 + place))
    fetch(tracks[0]).close()
    monkeypatch.setenv("TRACKREEL_CACHE_SIZE", str(size + 500))  # room for three of the four
    last = fetch(tracks[3])
    there = [one.folder.exists() for one in held]
    assert there == [True, False, True]
    monkeypatch.setenv("TRACKREEL_CACHE_SIZE", "1")
    last.close()
    last = fetch(sounds.write(tmp_path / "600.wav", sounds.sine(600, 0.5)))
    assert {one.path for one in cachelimit.entries(cache)} == {held[2].folder, last.folder}


GREEDY = """
import random, sys
from pathlib import Path
from engine import timeline
from runner import timelinecache
from tests.runner.test_timelinecache import track
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
    cache: Path, scratch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKREEL_CACHE_SIZE", "1")  # every analysis evicts all others
    folder = tmp_path / "tracks"
    folder.mkdir()
    for frames in (3, 4, 5):
        sounds.write(folder / f"{frames}.wav", sounds.sine(100 * frames, frames / 10))
    for process in [start(folder, scratch, seed, GREEDY) for seed in range(3)]:
        out, err = process.communicate()
        assert (process.returncode, err) == (0, "")
        assert "warning" not in out


def test_a_full_disk_costs_the_entry_not_the_task(
    cache: Path, fetch: Fetch, song: Path, scratch: Path, events: Events, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(cachelimit, "sync", full)
        held = fetch(song)
    assert held.folder == scratch
    assert timeline.load(scratch).frames == 5
    assert events.kinds() == ["warning"]
    assert "No space left" in events[0]["message"]
    assert not any(one.is_dir() for one in cache.iterdir())
    held.close()
    assert not scratch.exists()
    assert fetch(song).folder.parent == cache


def test_a_cache_that_cannot_be_made_costs_the_entry(
    cache: Path, fetch: Fetch, song: Path, scratch: Path, events: Events
) -> None:
    cache.parent.write_text("a file where the folder should be")
    assert fetch(song).folder == scratch
    assert events.kinds() == ["warning"]


def test_a_read_only_cache_is_read(cache: Path, fetch: Fetch, song: Path, scratch: Path, tmp_path: Path) -> None:
    kept = fetch(song).folder
    other = sounds.write(tmp_path / "other.wav", sounds.sine(220, 0.5))
    for one in (cache, cache.parent, *cache.rglob("*")):
        one.chmod(one.stat().st_mode & 0o555)
    try:
        ends = []
        for path in (song, other):
            process = start(path, scratch, 0, preexec_fn=trackreel._drop_privileges)
            out, err = process.communicate()
            assert err == ""
            ends.append([json.loads(line) for line in out.splitlines()])
    finally:
        for one in (cache.parent, cache):
            one.chmod(0o755)
    assert ends[0] == [{"event": "held", "analysed": False, "folder": str(kept)}]
    assert ends[1][0]["event"] == "warning"
    assert ends[1][-1]["folder"] == str(scratch)


def test_no_cache_where_its_size_is_0(
    cache: Path, fetch: Fetch, song: Path, scratch: Path, events: Events, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKREEL_CACHE_SIZE", "0")
    assert fetch(song).folder == scratch
    assert not cache.exists()
    assert events == []


@pytest.mark.parametrize("moment", ["before", "meanwhile"])
def test_a_track_that_changed_since_it_was_planned_is_an_error(
    cache: Path, song: Path, scratch: Path, moment: str
) -> None:
    planned = track(song)
    raw = song.read_bytes()

    def change(_: float) -> None:
        song.write_bytes(raw[:-2] + b"\1\1")

    if moment == "before":
        change(0)
    with pytest.raises(AudioError, match="changed"):
        timelinecache.fetch(planned, scratch, change, lambda _: None)
    assert not cache.exists() or not any(one.is_dir() for one in cache.iterdir())


def test_bad_audio_is_no_fault_of_the_cache(cache: Path, tmp_path: Path, scratch: Path, events: Events) -> None:
    path = tmp_path / "text.wav"
    path.write_text("This is no audio.\n")
    with pytest.raises(AudioError, match="not audio"):
        timelinecache.fetch(track(path), scratch, lambda _: None, events.append)
    with pytest.raises(AudioError, match="cannot read"):
        timelinecache.fetch(replace(track(path), audio=tmp_path / "gone"), scratch, lambda _: None, events.append)
    assert events == []


@pytest.mark.parametrize(
    ("text", "size"), [("0", 0), ("500MB", 500_000_000), ("2 GB", 2_000_000_000), ("1.5g", 1_500_000_000), ("7", 7)]
)
def test_sizes(text: str, size: int) -> None:
    assert cachelimit.parse_size(text, "x") == size


@pytest.mark.parametrize("text", ["", "much", "-1", "1e9", "2 XB", "1.GB", "٣", "nan"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(InputError, match="TRACKREEL_CACHE_SIZE"):
        cachelimit.parse_size(text, "TRACKREEL_CACHE_SIZE")
