"""`--on-finish COMMAND`: tells somebody that a run is over: a mail, a webhook, a bell.

Of the command line alone, never of a job file: job files come from strangers and must not run programs.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.errors import InputError
from runner.plaintext import clean

LIMIT_S = 600.0
"""Seconds after which the command is stopped: a mail server that does not answer must not keep us waiting."""

STDERR = 2
"""The command's output goes where messages go: stdout may carry our events."""


def parse(command: str | None) -> list[str]:
    """The command as words, without a shell; none for None. Raises InputError, so that a typo shows before the run."""
    if command is None:
        return []
    example = "such as --on-finish 'notify-send done', or sh -c '...' for pipes and variables"
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise InputError(f"--on-finish: {str(error).lower()}", example) from error
    if not words:
        raise InputError("--on-finish: no command", example)
    if shutil.which(words[0]) is None:
        raise InputError(f"--on-finish: there is no program '{words[0]}'", f"name one that can be run, {example}")
    return words


def call(words: Sequence[str], folder: Path, summary: Mapping[str, Any], exit_status: int) -> str:
    """Run the command with the summary as JSON on its stdin; what went wrong with it, or "" where all is well."""
    told = {"TRACKREEL_RUN_DIR": str(folder.absolute()), "TRACKREEL_EXIT_STATUS": str(exit_status)}
    try:
        done = subprocess.run(
            words,
            input=json.dumps(summary).encode() + b"\n",
            stdout=STDERR,
            env={**os.environ, **told},
            timeout=LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"the --on-finish command took more than {LIMIT_S:g} s and was stopped: {_shown(words)}"
    except OSError as error:
        return f"the --on-finish command could not be run: {_shown(words)}: {error.strerror}"
    if done.returncode:
        return f"the --on-finish command failed with status {done.returncode}: {_shown(words)}"
    return ""


def _shown(words: Sequence[str]) -> str:
    return clean(shlex.join(words))[:200]
