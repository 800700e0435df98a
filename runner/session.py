"""What a run holds while it lasts: the render process, the last analysis, temporary files. Gone when it ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, Self

from runner import cachelimit, interrupt, timelinecache
from runner.leftovers import OwnedFolder
from runner.supervision import Limits
from runner.task import Task
from runner.timelinecache import Held
from runner.worker import Worker

Event = dict[str, Any]
Report = Callable[[Mapping[str, Any]], None]


class Session:
    """The render process and the temporary files of a run; a context manager that leaves neither behind."""

    def __init__(self, report: Report, *, cached: bool = True) -> None:
        """With `cached` unset every track is analysed anew: what a benchmark measures. Raises InputError, OSError."""
        cachelimit.limit()  # complained of before anything starts
        self.report = report
        self.limits = Limits()
        self.deadline: float | None = None
        self.started: Callable[[int], None] = lambda _pid: None
        self._cached, self._warned = cached, False
        self._worker: Worker | None = None
        self._temporary = OwnedFolder.temporary()
        self._folder = self._temporary.path
        self._analysed: tuple[tuple[Path, Fraction], Held] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with interrupt.shielded():
            if self._worker is not None:
                if kind is None:
                    self._worker.close()
                else:
                    self._worker.kill()
            self.forget_timeline()
            self._temporary.remove()

    def stop(self) -> None:
        """Kill the render process, whatever it does, and remove what it left half-written."""
        with interrupt.shielded():
            if self._worker is not None:
                self._worker.kill()
                self._worker = None

    def forget(self) -> None:
        """Remove the temporary files and leave the render process alone; for a process that ends right now."""
        self._temporary.remove()

    def worker(self, backend: str, threads: int) -> Worker:
        """The render process for this backend and thread count, started if need be; it gets ready by itself."""
        if self._worker is not None and (not self._worker.alive or self._worker.key != (backend, threads)):
            self._worker.close()
            self._worker = None
        if self._worker is None:
            self._worker = Worker(backend, threads)
            self.started(self._worker.pid)
        self._worker.guard.limits, self._worker.guard.deadline = self.limits, self.deadline
        return self._worker

    def timeline(self, task: Task) -> tuple[Path, Event]:
        """The folder of the track's timeline, read only, and the seconds that it took to get: next to none if cached.

        It is good until another track is asked for. Raises AudioError, OutputError.
        """
        key = (task.audio, task.canvas.fps)
        if self._analysed is not None and self._analysed[0] == key:
            return self._analysed[1].folder, {"seconds": 0.0}
        self.forget_timeline()
        begin = time.perf_counter()

        def progress(share: float) -> None:
            self.report({"event": "progress", "task": task.id, "stage": "analyse", "done": share, "total": 1})

        track = timelinecache.Track(task.audio, task.audio_sha256, task.canvas.fps)
        scratch = self._folder / "timeline"
        if self._cached:
            held = timelinecache.fetch(track, scratch, progress, lambda event: self._tell(task, event))
        else:
            held = Held(scratch, timelinecache.analyse(track, scratch, progress))
        self._analysed = (key, held)
        return held.folder, {"seconds": time.perf_counter() - begin}

    def use_timeline(self, packed: Mapping[str, Any], audio: Path, fps: Fraction) -> None:
        """Take the timeline of a plan file instead of analysing."""
        from engine import timeline as timelines

        self.forget_timeline()
        folder = self._folder / "timeline"
        timelines.save(timelines.unpack(packed, folder), folder)
        self._analysed = ((audio, fps), Held(folder, 0.0))

    def forget_timeline(self) -> None:
        """Let go of the kept timeline: one that is not cached takes disk space."""
        if self._analysed is not None:
            self._analysed[1].close()
            self._analysed = None

    def _tell(self, task: Task, event: Mapping[str, Any]) -> None:
        """Pass an event on; a warning once, since the next track would meet the same."""
        if event["event"] != "warning" or not self._warned:
            self.report({**event, "task": task.id})
        self._warned = self._warned or event["event"] == "warning"
