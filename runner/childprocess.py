"""A render process from outside: starting it, killing its group, and the errors that it ends with."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from engine import errors

LOG_TAIL = 4000

CRASH_HINT = "this is a bug: please report it with the output of `trackreel -v`; another preset or size may work"


class Log:
    """What a process prints, in a file that nobody else sees."""

    def __init__(self) -> None:
        self.file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the process
        self._mark = 0

    def mark(self) -> None:
        """Leave out what was printed until now."""
        self._mark = self.file.seek(0, os.SEEK_END)

    def tail(self) -> str:
        """The end of what was printed since the mark; nothing of a closed one."""
        if self.file.closed:
            return ""
        size = self.file.seek(0, os.SEEK_END)
        self.file.seek(max(self._mark, size - LOG_TAIL))
        return self.file.read().decode("utf-8", "replace").strip()


def spawn(events: int, log: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start runner.renderer_process; it writes its events to the descriptor `events`, all else to `log`."""
    # -P and PYTHONPATH: the child finds our packages, and never a module that happens to lie in the current folder.
    root = str(Path(__file__).resolve().parents[1])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    return subprocess.Popen(
        [sys.executable, "-P", "-X", "faulthandler", "-m", "runner.renderer_process", str(events), str(os.getpid())],
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=log,
        pass_fds=(events,),
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
    )


def kill_group(group: int) -> None:
    """Kill a process with all that it started; harmless where they are gone."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass
    except PermissionError:  # macOS answers so for a group of zombies alone
        pass


def revive(event: Mapping[str, Any]) -> errors.RenderError:
    """The error that the child met, as an exception of the same class; the traceback, if any, as a note."""
    kind = getattr(errors, str(event["kind"]), errors.WorkerError)
    error = kind(event["message"], event["hint"])
    if not isinstance(error, errors.RenderError):
        error = errors.WorkerError(event["message"], event["hint"])
    if event.get("detail"):
        error.add_note(event["detail"])
    return error


def death(status: int, tail: str) -> errors.CrashError:
    """The error of a process that ended unasked: with an exit status, or -signal; `tail`: the end of its log."""
    if status < 0:
        name = signal.Signals(-status).name
        short = "the system may be short of memory: free some, or choose a smaller size"
        error = errors.CrashError(
            f"the render process was killed by {name}", short if name == "SIGKILL" else CRASH_HINT
        )
    else:
        last = tail.splitlines()[-1][:300] if tail else ""
        error = errors.CrashError(f"the render process ended early (exit status {status})", last)
    if tail:
        error.add_note(f"the render process printed:\n{tail}")
    return error


def errors_hint(error: BaseException) -> str:
    """What a user can do about an error that nobody foresaw."""
    if isinstance(error, MemoryError):
        return "the system is short of memory: choose a smaller size"
    if isinstance(error, OSError):
        return "free some space or choose another folder"
    return "this is a bug: please report it with the output of `trackreel -v` and `trackreel doctor`"
