"""Starting an ffmpeg that reads frames, and reading back what it wrote."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
from pathlib import Path

from engine.errors import EncodeError, EncoderStoppedError, MissingError
from engine.ffmpeg import environment, reason, url
from engine.sinks.failure import error_lines

_PIPE_BYTES = 1 << 20  # what an unprivileged process may ask for


def start(arguments: list[str]) -> subprocess.Popen[bytes]:
    """Start ffmpeg with a pipe as stdin and as stderr. Raises MissingError."""
    try:
        process = subprocess.Popen(
            arguments,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=environment(),
        )
    except OSError as error:
        raise MissingError(f"cannot run {arguments[0]}: {reason(error)}", "see `trackreel doctor`") from error
    if sys.platform == "linux" and process.stdin is not None:
        import fcntl

        with contextlib.suppress(OSError):  # fewer system calls a frame, not a need
            fcntl.fcntl(process.stdin, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return process


def count_frames(ffmpeg: Path, path: Path) -> int:
    """The number of video packets in a file, read by ffmpeg without decoding. Raises EncodeError when it cannot."""
    arguments = [str(ffmpeg), "-hide_banner", "-nostdin", "-loglevel", "error", "-protocol_whitelist", "file"]
    arguments += ["-i", url(path), "-map", "0:v:0", "-c", "copy", "-f", "null", "-progress", "pipe:1", "-"]
    done = subprocess.run(arguments, stdin=subprocess.DEVNULL, capture_output=True, check=False, env=environment())
    counts = re.findall(r"^frame=\s*(\d+)", done.stdout.decode(errors="replace"), re.MULTILINE)
    if done.returncode or not counts:
        said = "; ".join(error_lines(done.stderr.decode(errors="replace").splitlines())[:3])
        kind = EncoderStoppedError if done.returncode < 0 else EncodeError
        raise kind(f"ffmpeg cannot read back what it wrote: {said or 'no reason given'}")
    return int(counts[-1])
