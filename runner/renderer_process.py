"""The render process: reads requests on stdin, draws, feeds the sinks, reports events on a pipe of its own.

Runs as `python -m runner.renderer_process EVENT_FD PARENT_PID`; see runner.worker for the protocol and the reasons.
It loads Taichi, so nothing here may analyse audio. It never outlives its parent: the end of stdin, or another parent,
aborts the sinks, removes what is half-written and ends ffmpeg. (Linux's death signal would not do: it comes when the
thread that started us ends, and on a cluster threads come and go.)
"""

from __future__ import annotations

import json
import os
import queue
import select
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from engine import errors
from engine.sinks.output import output_error
from runner.childprocess import errors_hint

ORPHAN_POLL = 1.0
"""Seconds between two looks for another parent; the end of stdin is noticed at once."""

Request = dict[str, Any]


class Reporter:
    """Writes events; used from the drawing thread alone."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def send(self, event: str, **values: Any) -> None:
        """Send one event, whole."""
        data = json.dumps({"event": event, **values}).encode() + b"\n"
        while data:
            data = data[os.write(self.descriptor, data) :]

    def fail(self, error: BaseException) -> None:
        """Report an error; one that is not meant for users goes with its traceback as `detail`."""
        if isinstance(error, errors.RenderError):
            notes = "\n".join(getattr(error, "__notes__", []))
            self.send("failed", kind=type(error).__name__, message=error.message, hint=error.hint, detail=notes)
            return
        kind, message, hint = (
            "WorkerError",
            f"internal: {type(error).__name__}: {_first_line(error)}",
            errors_hint(error),
        )
        if isinstance(error, OSError):
            kind = type(output_error(Path(), error)).__name__
            message = f"{error.strerror or error}: {error.filename or 'the output'}"
        self.send("failed", kind=kind, message=message, hint=hint, detail="".join(traceback.format_exception(error)))


def _first_line(error: BaseException) -> str:
    """What an error says, in a line: Taichi's errors quote whole kernels (`detail` has everything)."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), "no message")


class Lifeline:
    """Reads requests from stdin in a thread and cleans up when the parent is gone."""

    def __init__(self, parent: int) -> None:
        self.parent = parent
        self.requests: queue.SimpleQueue[Request] = queue.SimpleQueue()
        self.sink: Any = None
        self._leaving = False
        self._lock = threading.RLock()  # two reasons to leave come together: the second waits for the first's cleaning

    def listen(self) -> None:
        """Put each request into the queue; at the end of file, leave."""
        for line in _lines(0, self.parent):
            request = json.loads(line)
            self._leaving = request["command"] == "exit"
            self.requests.put(request)
        if not self._leaving:
            self.leave()

    def leave(self, *_: int | FrameType | None) -> None:
        """Abort the sinks, then end this process group, ffmpeg included."""
        with self._lock:
            sink = self.sink
            try:
                if sink is not None:
                    sink.abort()
            finally:
                os.killpg(0, signal.SIGKILL)


def _lines(descriptor: int, parent: int) -> Iterator[bytes]:
    """The lines that arrive, while `parent` lives.

    Not sys.stdin: Python waits for its lock at exit, and this thread would hold it.
    """
    pending = b""
    while os.getppid() == parent:
        if not select.select([descriptor], [], [], ORPHAN_POLL)[0]:
            continue
        chunk = os.read(descriptor, 1 << 16)
        if not chunk:
            return
        *lines, pending = (pending + chunk).split(b"\n")
        yield from lines


def main() -> int:
    """Serve requests until `exit` or the end of stdin."""
    reporter, lifeline = Reporter(int(sys.argv[1])), Lifeline(int(sys.argv[2]))
    os.set_inheritable(reporter.descriptor, False)  # noqa: FBT003 - ffmpeg must not hold the event pipe open
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lifeline.leave)
    threading.Thread(target=lifeline.listen, daemon=True).start()
    try:
        return _serve(lifeline, reporter)
    except BrokenPipeError:  # nobody reads our events any more: the parent is gone
        lifeline.leave()
        return 1


def _serve(lifeline: Lifeline, reporter: Reporter) -> int:
    device: Any = None
    while (request := lifeline.requests.get())["command"] != "exit":
        try:
            if request["command"] == "prepare":
                device = _prepare(request, reporter)
            else:
                from runner import draw

                draw.serve(request, device, reporter.send, lifeline)
        except BrokenPipeError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever happens becomes an event; the parent decides
            reporter.fail(error)
        if device is None:
            return 1
    return 0


def _prepare(request: Request, reporter: Reporter) -> Any:
    before = time.perf_counter()
    from engine import device as devices

    device = devices.start(request["backend"], request["threads"])
    from runner import draw  # noqa: F401 - the engine's modules load now, while the parent analyses

    reporter.send("done", command="prepare", seconds=time.perf_counter() - before, pid=os.getpid())
    return device


if __name__ == "__main__":
    sys.exit(main())
