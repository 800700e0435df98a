"""The parent's side of one persistent render process: start, talk, supervise, kill.

Why a process of its own: Taichi switches its process to flush-to-zero and may crash or hang; the parent must do
neither. One process serves many tasks, so that Taichi starts and compiles once. It leads its own session: a
terminal's Ctrl-C does not reach it, and killing its group takes ffmpeg along.

Protocol: one JSON object a line. Requests go to the child's stdin; its end of file tells the child that the parent is
gone. Events come back on a pipe of their own, since Taichi prints to stdout whenever it likes.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

from engine import errors
from runner.childprocess import Log, death, kill_group, revive, spawn
from runner.supervision import Guard, Limits

GRACE = 5.0
"""Seconds a process gets to clean up after its stdin was closed, before its group is killed."""

Event = dict[str, Any]


class Worker:
    """A render process for one backend and thread count. Not for use by several threads at once."""

    def __init__(self, backend: str, threads: int, limits: Limits | None = None) -> None:
        """Start the process; it loads Taichi while the caller goes on (the first request waits for it)."""
        self.key = (backend, threads)
        self.startup: Event = {}
        self._partials: list[Path] = []
        self._busy = self._ended = False
        self._log = Log()
        reader, writer = os.pipe()
        try:
            self._process = spawn(writer, self._log.file)
        except BaseException:
            os.close(reader)
            raise
        finally:
            os.close(writer)
        self._events = reader
        self._pending = b""
        self.guard = Guard(self._process.pid, limits or Limits())
        self._send({"command": "prepare", "backend": backend, "threads": threads})

    @property
    def pid(self) -> int:
        """The process id, which is also its process group's."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def request(self, command: Mapping[str, Any]) -> Iterator[Event]:
        """Send one request; yield its events, the last one being `done`.

        Raises the error class that the child reports; CrashError when it dies or falls silent, TaskTimeoutError or
        MemoryLimitError when it takes more than `guard` allows: it is then dead. The caller kills or keeps the worker:
        after a reported error it can serve the next task (see `alive`).
        """
        self.guard.heard()
        if not self.startup:
            for event in self._until_done():
                self.startup = event
        self._log.mark()
        self._send(command)
        self._busy = True
        try:
            for event in self._until_done():
                if event["event"] == "partial":
                    self._partials.append(Path(event["path"]))
                else:
                    yield event
        except errors.RenderError as error:
            # It reported, so it has cleaned up; a file of that name may by now be another run's.
            self._partials.clear()
            self._busy = False
            self._add_log(error)
            raise
        except BaseException:  # whoever listens has gone: what it goes on to say would be taken for the next answer
            self.kill()
            raise
        self._partials.clear()
        self._busy = False

    def close(self) -> None:
        """End an idle process politely, so that Taichi saves its kernel cache; kill it where that takes too long."""
        try:
            self._send({"command": "exit"})
            self._process.wait(GRACE)
        except (errors.WorkerError, subprocess.TimeoutExpired):
            pass
        self.kill()

    def kill(self) -> None:
        """End the process and its ffmpeg at once and remove what they left half-written. May be called repeatedly."""
        self._close_stdin()
        if self._busy and self.alive:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(1.0)  # the end of stdin makes it abort its sinks by itself
        if not self._ended:  # once only: the number may since belong to another group
            kill_group(self.pid)
            self._process.wait()
            self._ended = True
        for partial in self._partials:
            partial.unlink(missing_ok=True)
        self._partials.clear()
        if self._events >= 0:
            os.close(self._events)
            self._events = -1
        self._log.file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def _send(self, message: Mapping[str, Any]) -> None:
        stdin = self._process.stdin
        if stdin is None or stdin.closed:
            msg = "the render process was already closed"
            raise errors.WorkerError(msg)
        try:
            stdin.write(json.dumps(message).encode() + b"\n")
            stdin.flush()
        except BrokenPipeError:
            raise self._death() from None

    def _until_done(self) -> Iterator[Event]:
        while True:
            event = self._read()
            if event["event"] == "failed":
                raise revive(event)
            yield event
            if event["event"] == "done":
                return

    def _read(self) -> Event:
        while b"\n" not in self._pending:
            self._await()
            chunk = os.read(self._events, 1 << 16)
            if not chunk:
                raise self._death()
            self._pending += chunk
        self.guard.heard()
        line, self._pending = self._pending.split(b"\n", 1)
        event: Event = json.loads(line)
        return event

    def _await(self) -> None:
        """Wait until there is something to read; kill a process that takes more than it may, and raise why."""
        try:
            self.guard.check()  # however fast events come
            while not select.select([self._events], [], [], self.guard.patience())[0]:
                self.guard.check()
        except errors.RenderError as error:
            self._add_log(error)
            self.kill()
            raise

    def _death(self) -> errors.WorkerError:
        try:
            status = self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            status = 0
        tail = self._log.tail()
        self.kill()
        return death(status, tail)

    def _add_log(self, error: errors.RenderError) -> None:
        """Note what the process printed during this request."""
        tail = self._log.tail()
        if tail:
            error.add_note(f"the render process printed:\n{tail}")

    def _close_stdin(self) -> None:
        stdin = self._process.stdin
        if stdin is not None and not stdin.closed:
            with contextlib.suppress(BrokenPipeError):
                stdin.close()
