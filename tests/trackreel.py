"""Runs `trackreel` as a person does: a process of its own, in a folder of its own."""

from __future__ import annotations

import contextlib
import ctypes
import io
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from unittest import mock

from runner import cli

ROOT = Path(__file__).resolve().parents[1]
SMALL = ("--width", "64", "--height", "36", "--fps", "30", "--speed", "ultrafast")
"""Options of an export that costs next to nothing."""

PR_SET_SECUREBITS, SECBIT_NOROOT = 28, 1


def arguments(*words: str | Path) -> list[str]:
    """The command line."""
    return [sys.executable, "-m", "runner", *map(str, words)]


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a user who has nothing set up."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("TRACKREEL_FFMPEG", "NO_COLOR"))}
    return {**kept, "PYTHONPATH": str(ROOT), **(extra or {})}


def run(
    *words: str | Path,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    mortal: bool = False,
) -> subprocess.CompletedProcess[str]:
    """Run to the end. `mortal`: root's privilege to pass by permissions is dropped, where the tests run as root."""
    return subprocess.run(
        arguments(*words),
        cwd=cwd,
        env=environment(env),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        preexec_fn=_drop_privileges if mortal else None,
    )


def call(*words: str | Path, cwd: Path, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """The same within this process: for what ends before anything heavy starts, or where a test makes many calls."""
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.chdir(cwd),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        mock.patch.dict(os.environ, environment(env), clear=True),
    ):
        status = cli.main([str(one) for one in words])
    return subprocess.CompletedProcess(words, status, out.getvalue(), err.getvalue())


def start(*words: str | Path, cwd: Path, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """Start as a shell's foreground job: a process group of its own, with Ctrl-C enabled."""
    return subprocess.Popen(
        arguments(*words),
        cwd=cwd,
        env=environment(env),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )


def leftovers(folder: Path, wanted: Sequence[str] = ()) -> list[str]:
    """Every file below `folder` but those wanted."""
    found = (str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file())
    return sorted(one for one in found if one not in wanted)


def _drop_privileges() -> None:
    if sys.platform == "linux" and os.geteuid() == 0:
        # After exec, uid 0 then has no capabilities: it meets permissions like everybody else.
        ctypes.CDLL(None).prctl(PR_SET_SECUREBITS, SECBIT_NOROOT)
