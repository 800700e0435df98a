"""Audio sources as people name them: a local file that can be opened, or an error that says why not."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from engine.errors import AudioError

_URL_LIKE = re.compile(r"^[A-Za-z][A-Za-z0-9+.\-]*:")


def check_source(text: str) -> None:
    """Raise AudioError if `text` is a URL or an ffmpeg protocol instead of the name of a local file."""
    if text in ("", "-"):
        raise AudioError(
            "the audio source is standard input" if text else "the audio source is empty",
            "name an audio file: trackreel reads it more than once",
        )
    if _URL_LIKE.match(text) and not os.path.lexists(text):
        scheme = text.split(":", 1)[0]
        raise AudioError(
            f"'{text}' is not a local file ({scheme}: sources are refused)",
            "trackreel fetches nothing from the network: download the file, then name it by its path",
        )


def check_file(path: Path) -> None:
    """Raise AudioError unless `path` is a local, regular, readable file that is not empty."""
    check_source(str(path))
    if "\0" in str(path):
        raise AudioError("the audio file's name holds a zero byte", "rename the file")
    try:
        state = path.stat()
    except FileNotFoundError as error:
        raise AudioError(
            f"no such audio file: '{path}'", "check the path: in a job file it is relative to that file"
        ) from error
    except OSError as error:
        raise AudioError(f"cannot read '{path}': {error.strerror}", "check the path and its permissions") from error
    if stat.S_ISDIR(state.st_mode):
        raise AudioError(
            f"'{path}' is a directory, not an audio file", "name one file, or a glob such as 'music/*.flac'"
        )
    if not stat.S_ISREG(state.st_mode):
        raise AudioError(f"'{path}' is not a regular file", "copy the audio to a regular file first")
    try:
        with path.open("rb"):
            pass
    except OSError as error:
        raise AudioError(f"cannot read '{path}': {error.strerror}", "give yourself permission to read it") from error
    if state.st_size == 0:
        raise AudioError(f"'{path}' is empty (0 bytes)", "the download or copy may have failed: fetch it again")
