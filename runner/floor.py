"""The benchmark's floor: ffmpeg alone, with the very arguments of an export, fed the very frames from a file."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.errors import EncodeError
from engine.ffmpeg import environment

_CALL = re.compile(r"bench: +(\d+) user +(\d+) sys +(\d+) real (\w+)")
_TOTAL = re.compile(r"bench: (utime|maxrss)=.*")
_WRAPPED = 1 << 40  # microseconds: twelve days
_FIGURE = re.compile(r"(utime|stime|rtime|maxrss)=([0-9.]+)(s|KiB|kB)?")


@dataclass(frozen=True, slots=True)
class FloorRun:
    """Seconds of one encode: from start to exit, and of CPU; peak memory in bytes."""

    wall: float
    cpu: float
    peak_memory: int


def encode(command: Sequence[str], frames: Path) -> FloorRun:
    """Run the command with the raw frames as its stdin, as a file. Raises EncodeError."""
    with frames.open("rb") as stdin, tempfile.TemporaryFile() as log:
        begin = time.perf_counter()
        process = subprocess.Popen(command, stdin=stdin, stdout=subprocess.DEVNULL, stderr=log, env=environment())
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
        wall = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        log.seek(0)
        said = log.read().decode(errors="replace").strip()
    if process.returncode:
        raise EncodeError(f"ffmpeg alone failed with status {process.returncode}", said[-300:])
    return FloorRun(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def benchmark_all(command: Sequence[str], frames: Path) -> dict[str, dict[str, float]]:
    """What ffmpeg's own -benchmark_all says: per step the calls and seconds, and `total` with CPU, wall and memory."""
    arguments = list(command)
    arguments[arguments.index("-loglevel") + 1] = "info"  # its figures are logged at that level
    arguments[1:1] = ["-benchmark", "-benchmark_all"]
    with frames.open("rb") as stdin:
        done = subprocess.run(arguments, stdin=stdin, capture_output=True, check=False, env=environment())
    text = done.stderr.decode(errors="replace")
    if done.returncode:
        raise EncodeError(f"ffmpeg -benchmark_all failed with status {done.returncode}", text[-300:])
    return parse_benchmark(text)


def parse_benchmark(text: str) -> dict[str, dict[str, float]]:
    """The figures of -benchmark_all in ffmpeg's log: microseconds a call, summed up as seconds.

    ffmpeg's threads share one stop-watch (since 7.0): a step includes what ran beside it, and some differences come out
    negative, printed as huge unsigned numbers. Such calls are counted in `unusable` and left out of the sums.
    """
    steps: dict[str, dict[str, float]] = {}
    for user, system, real, step in _CALL.findall(text):
        entry = steps.setdefault(step, {"calls": 0, "unusable": 0, "user": 0.0, "system": 0.0, "real": 0.0})
        entry["calls"] += 1
        if max(int(user), int(system), int(real)) >= _WRAPPED:
            entry["unusable"] += 1
            continue
        for name, value in (("user", user), ("system", system), ("real", real)):
            entry[name] = round(entry[name] + int(value) / 1e6, 6)
    total: dict[str, float] = {}
    for line in _TOTAL.finditer(text):
        for name, value, _unit in _FIGURE.findall(line[0]):
            total[name] = float(value)
    return {**steps, "total": total}
