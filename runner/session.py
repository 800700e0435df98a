"""What a run holds while it lasts: the render process, the last analysis, temporary files. Gone when it ends."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, Self

from runner import interrupt
from runner.worker import Worker

Event = dict[str, Any]
Report = Callable[[Mapping[str, Any]], None]


class Session:
    """The render process and the temporary files of a run; a context manager that leaves neither behind."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self._worker: Worker | None = None
        self._folder = Path(tempfile.mkdtemp(prefix="trackreel-"))
        self._analysed: tuple[tuple[Path, Fraction], Path, Event] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with interrupt.shielded():
            if self._worker is not None:
                if kind is None:
                    self._worker.close()
                else:
                    self._worker.kill()
            shutil.rmtree(self._folder, ignore_errors=True)

    def stop(self) -> None:
        """Kill the render process, whatever it does, and remove what it left half-written."""
        with interrupt.shielded():
            if self._worker is not None:
                self._worker.kill()
                self._worker = None

    def worker(self, backend: str, threads: int) -> Worker:
        """The render process for this backend and thread count, started if need be; it gets ready by itself."""
        if self._worker is not None and (not self._worker.alive or self._worker.key != (backend, threads)):
            self._worker.close()
            self._worker = None
        if self._worker is None:
            self._worker = Worker(backend, threads)
        return self._worker

    def timeline(self, audio: Path, fps: Fraction, task: str) -> tuple[Path, Event]:
        """The folder of the track's saved timeline, and the seconds that it took to make. Raises AudioError."""
        if self._analysed is not None and self._analysed[0] == (audio, fps):
            return self._analysed[1], {"seconds": 0.0}
        from engine import analysis
        from engine import timeline as timelines

        self.forget_timeline()
        begin = time.perf_counter()
        folder = Path(tempfile.mkdtemp(dir=self._folder))

        def progress(share: float) -> None:
            self.report({"event": "progress", "task": task, "stage": "analyse", "done": share, "total": 1})

        timelines.save(analysis.analyse(audio, fps, folder, progress), folder)
        self._analysed = ((audio, fps), folder, {"seconds": time.perf_counter() - begin})
        return folder, self._analysed[2]

    def use_timeline(self, packed: Mapping[str, Any], audio: Path, fps: Fraction) -> None:
        """Take the timeline of a plan file instead of analysing."""
        from engine import timeline as timelines

        self.forget_timeline()
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        timelines.save(timelines.unpack(packed, folder), folder)
        self._analysed = ((audio, fps), folder, {"seconds": 0.0})

    def forget_timeline(self) -> None:
        """Remove the kept timeline: its waveforms take disk space."""
        if self._analysed is not None:
            shutil.rmtree(self._analysed[1], ignore_errors=True)
            self._analysed = None
