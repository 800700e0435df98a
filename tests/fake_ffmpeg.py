"""Stand-ins for ffmpeg that fail in one way each. Questions (-version, -encoders, counting) go to the real one."""

from __future__ import annotations

import shlex
from pathlib import Path

BEHAVIOURS = {
    # It never starts encoding.
    "dies-at-start": "echo '[error] Error opening output files: Invalid argument' >&2; exit 234",
    # It takes some frames (BYTES of them) and fails with a reason.
    "dies-in-mid-run": "head -c BYTES >/dev/null; echo '[enc @ 0x1] [error] the encoder broke' >&2; exit 1",
    # The system kills it.
    "is-killed": "head -c BYTES >/dev/null; kill -9 $$",
    # It kills the worker process around it, where the output's name says so.
    "kills-worker-of-poison": 'case "$*" in *poison*aurora*) kill -9 $(cut -d" " -f4 /proc/$PPID/stat); '
    'exec sleep 60 ;; *) exec REAL "$@" ;; esac',
    # The system kills it once; then it works.
    "is-killed-once": 'mkdir "$0.killed" 2>/dev/null && { head -c BYTES >/dev/null; kill -9 $$; }; exec REAL "$@"',
    # It takes every frame, then cannot complete the file.
    "dies-at-trailer": "cat >/dev/null; echo '[error] Error writing trailer: Input/output error' >&2; exit 251",
    # The disk fills up at the end, and yet it claims success (seen with ffmpeg 5.1).
    "full-disk-exit-0": 'REAL "$@"; echo "[out#0 @ 0x1] [error] Error writing trailer: No space left on device" >&2',
    "full-disk-in-mid-run": "head -c BYTES >/dev/null; echo '[error] av_write: No space left on device' >&2; exit 228",
    # The disk fills up under one output alone.
    "full-disk-for-frames": 'case "$*" in */frames/*) head -c BYTES >/dev/null; '
    'echo "[error] av_write: No space left on device" >&2; exit 228 ;; *) exec REAL "$@" ;; esac',
    # It reports an error, although it exits 0 and the file is right.
    "error-exit-0": 'REAL "$@"; echo "[out#0/mp4 @ 0x1] [error] Something is wrong" >&2',
    # It fails without a word, although the file is right.
    "silent-failure": 'REAL "$@"; exit 9',
    # It says something that is no error.
    "chatty-exit-0": 'echo "x265 [info]: build" >&2; echo "Svt[info]: hello" >&2; REAL "$@"',
    # It writes more to stderr than a pipe holds, and only then works.
    "floods-stderr": 'i=0; while [ $i -lt 3000 ]; do echo "line $i of a very long complaint ............" >&2; '
    "i=$((i+1)); done; cat >/dev/null; exit 1",
    # It loses the last frames without a word.
    "loses-frames": 'head -c BYTES | REAL "$@"; cat >/dev/null 2>&1',
    # It does nothing, for ever.
    "hangs": "exec sleep 600",
    "hangs-at-trailer": "cat >/dev/null; exec sleep 600",
    # It notes how it was called, one argument a line, and works.
    "records-arguments": 'printf "%s\\0" "$0" "$@" >"$0.arguments"; REAL "$@"',
}


def make(folder: Path, behaviour: str, real: Path, taken: int = 0) -> Path:
    """An executable in `folder` with that behaviour; `taken`: bytes of frames it takes before it fails."""
    path = folder / f"ffmpeg-{behaviour}"
    script = BEHAVIOURS[behaviour].replace("REAL", shlex.quote(str(real))).replace("BYTES", str(taken))
    encoding = f'case "$*" in *pipe:0*) {script} ;; *) exec {shlex.quote(str(real))} "$@" ;; esac'
    path.write_text(f"#!/bin/sh\n{encoding}\n", encoding="utf-8")
    path.chmod(0o755)
    return path
