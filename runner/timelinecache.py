"""Analyses of tracks, kept between runs and shared by all processes of this machine.

An entry is a folder, `timelines/<key>/`, with what engine.timeline.save writes and an index of sizes and hashes; the
key is made of the audio's hash, the video rate, and everything that decides what an analysis finds. It is written
aside as `<key>.part`, synced and renamed, and never changed.

`<key>.lock` beside it belongs to it (flock: it goes with its holder, however that ends). Who uses an entry holds it
shared; who makes or removes one holds it alone. So one process analyses while the others wait, a killed one leaves no
lock behind, and nothing vanishes under a reader. Whatever goes wrong with the cache costs an analysis, not the task.
"""

from __future__ import annotations

import errno
import hashlib
import json
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from engine import cachefolder
from engine.errors import AudioError, OutputError
from runner import analysisversion, cacheentry, cachelimit, filehashes
from runner.entrylock import EntryLock

POLL_S = 0.05
BEAT = 20
"""Polls between two signs of life."""

PATIENCE_S = 1800.0
"""How long to wait for another process's analysis: six hours of audio take some minutes."""
READER_PATIENCE_S = 3.0
"""How long to wait for those who read a damaged entry: they may render for hours."""

Tell = Callable[[Mapping[str, Any]], None]
Progress = Callable[[float], None]


@dataclass(frozen=True)
class Track:
    """A track to analyse: the file, its sha256 as the task knows it, the video rate."""

    audio: Path
    sha256: str
    fps: Fraction

    @property
    def key(self) -> str:
        """The entry's name: 32 hex digits."""
        text = json.dumps([self.sha256, str(self.fps), analysisversion.collect()])
        return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclass
class Held:
    """A timeline's folder, to be read only, good until `close`. seconds: what it took to analyse, 0 if it was there."""

    folder: Path
    seconds: float
    _lock: EntryLock | None = field(default=None, repr=False)

    def close(self) -> None:
        """Let it go: what is cached may now be evicted, anything else is removed."""
        if self._lock is not None:
            self._lock.close()
        else:
            shutil.rmtree(self.folder, ignore_errors=True)


def folder() -> Path:
    """Where the entries lie."""
    return cachefolder.root() / "timelines"


def fetch(track: Track, scratch: Path, progress: Progress, tell: Tell) -> Held:
    """The track's timeline, from the cache or analysed into it; into the folder `scratch` (new) if that fails.

    tell: takes the events `waiting` (another process is at it) and `warning` (the cache does not work).
    Raises InputError (TRACKREEL_CACHE_SIZE), OutputError, AudioError: also where the file is not what was planned with.
    """
    limit = cachelimit.limit()
    _check_unchanged(track)
    if limit:
        try:
            held = _cached(track, limit, progress, tell)
        except (OSError, OutputError) as error:
            message = f"the analysis of {track.audio.name} is not kept: {_why(error)}"
            tell({"event": "warning", "message": message, "hint": "see `trackreel cache`; TRACKREEL_CACHE moves it"})
        else:
            if held is not None:
                return held
            tell({"event": "warning", "message": f"another process blocks the kept analysis of {track.audio.name}"})
    return Held(scratch, analyse(track, scratch, progress))


def _why(error: OSError | OutputError) -> str:
    """What to say of the cache's failure. On a full disk the cache gives way: a task needs the room more."""
    cause = error if isinstance(error, OSError) else error.__cause__
    if isinstance(cause, OSError) and cause.errno in {errno.ENOSPC, errno.EDQUOT}:
        cachelimit.trim(folder(), 0)
    return (error.strerror or str(error)) if isinstance(error, OSError) else error.message


def analyse(track: Track, target: Path, progress: Progress) -> float:
    """Analyse into `target`; the seconds it took. Raises as `fetch`."""
    from engine import analysis
    from engine import timeline as timelines

    begin = time.perf_counter()
    timelines.save(analysis.analyse(track.audio, track.fps, target, progress), target)
    _check_unchanged(track)
    return time.perf_counter() - begin


def _check_unchanged(track: Track) -> None:
    try:
        now = filehashes.sha256(track.audio)
    except OSError as error:
        raise AudioError(f"cannot read '{track.audio}': {error.strerror}", "check that it is still there") from error
    if now != track.sha256:
        raise AudioError(f"'{track.audio}' changed while the run was under way", "run again to use it as it is now")


class _Wait:
    """Waits for other processes a little at a time, says so once, and knows when to stop."""

    def __init__(self, track: Track, progress: Progress, tell: Tell) -> None:
        self._message = f"another process analyses {track.audio.name}"
        self._progress = progress
        self._tell: Tell | None = tell
        self._polls = 0
        self._left = {"maker": PATIENCE_S, "reader": READER_PATIENCE_S}

    @property
    def over(self) -> bool:
        return min(self._left.values()) <= 0

    def sleep(self, whom: str) -> None:
        if self._tell is not None and whom == "maker":
            self._tell({"event": "waiting", "message": self._message})
            self._tell = None
        self._polls += 1
        if self._polls % BEAT == 0:
            self._progress(0.0)  # whoever limits a task's time looks at the clock when it hears of us
        time.sleep(POLL_S)
        self._left[whom] -= POLL_S


def _cached(track: Track, limit: int, progress: Progress, tell: Tell) -> Held | None:
    """The entry, analysed if missing; None where that takes too long. Raises OSError, OutputError: the cache fails."""
    root = folder()
    root.mkdir(parents=True, exist_ok=True)
    path, seconds, wait = root / track.key, 0.0, _Wait(track, progress, tell)
    while not wait.over:
        lock = EntryLock.take(path, shared=True)
        if lock is None:
            wait.sleep("maker")
            continue
        if cacheentry.is_sound(path):
            lock.touch()
            return Held(path, seconds, lock)
        lock.close()
        lock = EntryLock.take(path, shared=False)
        if lock is None:
            wait.sleep("reader")
            continue
        with lock:  # then round again: another process may remove the entry before it is held shared
            if not cacheentry.is_sound(path):
                seconds = _make(track, path, progress)
        cachelimit.trim(root, limit, keep=path)
    return None


def _make(track: Track, path: Path, progress: Progress) -> float:
    """Analyse into the entry, which is held alone; the seconds it took. Leaves an entry that is whole, or none."""
    aside = cacheentry.aside(path)
    cacheentry.discard(path)
    try:
        seconds = analyse(track, aside, progress)
        cacheentry.publish(path, {"audio": track.audio.name, "sha256": track.sha256, "fps": str(track.fps)})
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    return seconds
