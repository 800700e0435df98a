"""The cache of analyses: used where it is sound, made again where it is not, and never the task's fault."""

from __future__ import annotations

import errno
import os
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
from engine.errors import AudioError, TaskTimeoutError
from runner import analysisversion, cacheentry, cachelimit, filehashes, timelinecache
from runner.entrylock import EntryLock
from runner.timelinecache import Held
from tests import sounds, trackreel
from tests.runner.tracks import FPS, track

TICK = 0.02


@pytest.fixture
def cache(cache: Path) -> Path:
    return cache / "timelines"


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
    (entry / cacheentry.INDEX).write_text("[" * 100_000)


def forget(entry: Path) -> None:
    (entry / cacheentry.INDEX).write_text('{"files": {}}')


@pytest.mark.parametrize("harm", [cut, flip, lose, garble, forget])
def test_a_damaged_entry_is_made_again(
    cache: Path, fetch: Fetch, song: Path, harm: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filehashes, "RACY_NS", -(10**12))  # as if the entry had been there for long
    held = fetch(song)
    held.close()
    assert cacheentry.is_sound(held.folder)
    time.sleep(TICK)
    harm(held.folder)
    again = fetch(song)
    assert (again.folder, again.seconds > 0) == (held.folder, True)
    assert cacheentry.is_sound(again.folder)


def test_a_damaged_entry_in_use_is_not_waited_for(
    cache: Path, fetch: Fetch, song: Path, scratch: Path, events: Events, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timelinecache, "READER_PATIENCE_S", 0.1)
    lose(fetch(song).folder)
    assert fetch(song).folder == scratch
    assert events.kinds() == ["warning"]
    assert timeline.load(scratch).frames == 5


def test_a_task_that_waits_can_be_timed_out(
    cache: Path, song: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(share: float) -> None:
        raise TaskTimeoutError("late")

    monkeypatch.setattr(timelinecache, "POLL_S", 0.001)
    wanted = track(song)
    cache.mkdir(parents=True)
    lock = EntryLock.take(cache / wanted.key, shared=False)
    assert lock is not None
    with lock, pytest.raises(TaskTimeoutError):
        timelinecache.fetch(wanted, scratch, late, lambda _: None)


def test_an_entry_that_another_made_meanwhile_is_used(
    cache: Path, fetch: Fetch, song: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was missing, and is there when the lock is held alone."""
    take, asked = EntryLock.take, [False]

    def between(entry: Path, *, shared: bool) -> EntryLock | None:
        if not shared and not asked[0]:
            asked[0] = True
            fetch(song).close()
        return take(entry, shared=shared)

    monkeypatch.setattr(EntryLock, "take", between)
    assert fetch(song).seconds == 0
    assert asked[0]


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


def test_a_full_disk_costs_the_entry_not_the_task(
    cache: Path,
    fetch: Fetch,
    song: Path,
    scratch: Path,
    events: Events,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(_: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    old, used = (fetch(sounds.write(tmp_path / f"{hertz}.wav", sounds.sine(hertz, 0.5))) for hertz in (200, 300))
    old.close()
    with monkeypatch.context() as patch:
        patch.setattr(cacheentry, "sync", full)
        held = fetch(song)
    assert held.folder == scratch
    assert timeline.load(scratch).frames == 5
    assert events.kinds() == ["warning"]
    assert "No space left" in events[0]["message"]
    assert [one for one in cache.iterdir() if one.is_dir()] == [used.folder]  # the cache gives way
    held.close()
    assert not scratch.exists()
    assert fetch(song).folder.parent == cache


def test_a_cache_that_cannot_be_made_costs_the_entry(
    cache: Path, fetch: Fetch, song: Path, scratch: Path, events: Events
) -> None:
    cache.parent.write_text("a file where the folder should be")
    assert fetch(song).folder == scratch
    assert events.kinds() == ["warning"]


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
