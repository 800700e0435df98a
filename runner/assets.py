"""The files that overlays name: found when a job is checked, read again when it is drawn, and the same both times."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

from engine.errors import InputError
from engine.overlay.values import COVER, Asset
from runner import coverart, filehashes
from runner.diagnostics import did_you_mean, printable

MAX_BYTES = 64 << 20
"""More than any font, picture or lyrics may have; each kind has a limit of its own."""


def find(path: Path, what: str) -> Asset:
    """The asset that is a whole file. what: "picture", "font" ..., for messages. Raises InputError."""
    shown = printable(path.name)
    try:
        state = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        beside = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
        hint = did_you_mean(path.name, beside) or "paths are relative to the file that names them"
        raise InputError(f"no such {what} file: {shown}", hint) from None
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read {shown}: {error}", "check its permissions") from error
    if not stat.S_ISREG(state.st_mode):
        raise InputError(f"{shown} is not a regular file", f"name a {what} file")
    if not state.st_size:
        raise InputError(f"{shown} is empty (0 bytes)", "fetch it again")
    if state.st_size > MAX_BYTES:
        raise InputError(
            f"{shown} has {state.st_size >> 20} MB: that is no {what} to lay over a video", "save it smaller"
        )
    try:
        return Asset(str(path), filehashes.sha256(path))
    except OSError as error:
        raise InputError(f"cannot read {shown}: {error.strerror}", "check its permissions") from error


def read(asset: Asset) -> bytes:
    """The bytes of an asset. Raises InputError where the file is not the one that the job was checked with."""
    path = Path(asset.path)
    try:
        if asset.part == COVER:
            found = coverart.read(path)
            if found is None or filehashes.sha256(path) != asset.sha256:
                raise InputError(*_changed(path))
            return found
        data = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"cannot read {printable(path.name)}: {error.strerror}", "it was there a moment ago"
        ) from error
    if hashlib.sha256(data).hexdigest() != asset.sha256:
        raise InputError(*_changed(path))
    return data


def _changed(path: Path) -> tuple[str, str]:
    return f"'{printable(path.name)}' changed while the run was under way", "run again"
