"""Goldens that somebody edited are put back before an update, not recorded over: git still has what was recorded.

What an earlier update left uncommitted is no obstacle: its provenance vouches for it, and drawing makes it again.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from engine.errors import InputError
from runner import golden as goldens
from runner import goldenfiles
from runner.framehashes import LineEndError
from runner.goldenfiles import HASHES, PROVENANCE

_SECONDS = 20
_QUIET = {"GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
"""A repository may come from a stranger: nothing is fetched. `ls-tree` runs no hook, filter or monitor of its own."""


def check(bases: Iterable[Path]) -> None:
    """Raise InputError where a golden (its path without suffix) was edited since the commit that git is at.

    Without git, or outside a repository, there is nothing to put back, and nothing is refused.
    """
    refused = [found for base in bases if (found := _edited(base)) is not None]
    if refused:
        path, message, hint = refused[0]
        more = f" (and {len(refused) - 1} more goldens)" if len(refused) > 1 else ""
        raise InputError(f"{os.path.relpath(path)} was edited, not recorded: {message}{more}", hint)


def _edited(base: Path) -> tuple[Path, str, str] | None:
    """Of a golden that its own provenance does not vouch for, while git has another one: message and hint."""
    wrong = _wrong(base)
    if wrong is None:
        return None
    changed = [one for one, blob in _committed(base).items() if _blob(one, len(blob)) != blob]
    if not changed:
        return None
    names = shlex.join(os.path.relpath(one) for one in changed)
    hint = f"`git checkout HEAD -- {names}` puts it back; or remove its files, to record it from scratch"
    if isinstance(wrong, LineEndError):
        hint = wrong.hint
    return base, wrong.message, hint


def _wrong(base: Path) -> InputError | None:
    """What is wrong with the files of a golden; None: nothing is, or there are none."""
    try:
        golden = goldens.load(base)
        if golden is None:
            rest = goldenfiles.read(base, PROVENANCE) is not None
            return InputError(f"{goldenfiles.place(base, HASHES).name} is missing") if rest else None
        damage = list(golden.damage())
        if damage:
            _ = golden.hashes  # says better what is wrong with them
        return InputError("; ".join(damage)) if damage else None
    except InputError as error:
        return error


def _committed(base: Path) -> dict[Path, str]:
    """The files of a golden in the commit that git is at, with the id of each; empty where nobody knows."""
    git = shutil.which("git")
    if git is None or not base.parent.is_dir():
        return {}
    command = [git, "-C", str(base.parent), "ls-tree", "-r", "-z", "HEAD"]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            env={**os.environ, **_QUIET},
        )
    except (OSError, subprocess.TimeoutExpired):
        return {}
    found: dict[Path, str] = {}
    for entry in done.stdout.split(b"\0") if done.returncode == 0 else ():
        about, _, name = entry.partition(b"\t")
        path = base.parent / os.fsdecode(name)
        if name and (path.parent == base or path in {goldenfiles.place(base, one) for one in (HASHES, PROVENANCE)}):
            found[path] = about.split()[2].decode("ascii")
    return found


def _blob(path: Path, digits: int) -> str:
    """A file's id, were git to store it as it is."""
    try:
        data = path.read_bytes()
    except OSError:
        return ""
    new = hashlib.sha256 if digits == 64 else hashlib.sha1
    return new(b"blob %d\0" % len(data) + data).hexdigest()
