"""The files of goldens: read through, and changed by, a journal, so that each golden is the old one or the new one.

A golden NAME is NAME.framemd5, NAME.json and a folder NAME with its companions. An update writes all files of the new
golden into `.NAME.new/`, syncs them, and renames that folder to `.NAME.commit/`: from this moment on the new golden
holds. Then the files are moved to their places. Readers look into `.NAME.commit/` first; whoever writes next finishes
what a killed update left. NAME.json, which names the others, is moved last.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from engine.errors import InputError, OutputError
from engine.sinks.output import output_error, sync_folder

HASHES, PROVENANCE = "framemd5", "json"
_MAIN = (HASHES, PROVENANCE)
_NEW, _COMMIT = ".new", ".commit"
MAX_BYTES = 256 << 20


def place(base: Path, name: str) -> Path:
    """Where the file `name` of the golden `base` (its path without suffix) is."""
    return base.with_name(f"{base.name}.{name}") if name in _MAIN else base / name


def read(base: Path, name: str) -> bytes | None:
    """A file of a golden; None: there is none. Raises InputError for one that cannot be read, or is no plain file."""
    for path in (_commit(base) / name, place(base, name)):
        try:
            if path.is_symlink() or (path.exists() and not path.is_file()):
                raise InputError(f"{path} is not a plain file", "goldens are never links")
            if path.stat().st_size > MAX_BYTES:
                raise InputError(f"{path} is too large for a golden's file")
            return path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise InputError(f"cannot read {path}: {error.strerror}", "check its permissions") from error
    return None


def names(folder: Path) -> Iterator[str]:
    """The goldens below a folder, sorted: their paths relative to it, without suffix."""
    found = set[str]()
    for path in folder.rglob("*") if folder.is_dir() else ():
        relative = path.relative_to(folder)
        hidden = any(one.startswith(".") for one in relative.parts)
        if path.suffix in {f".{one}" for one in _MAIN} and not hidden and not path.is_dir():
            found.add(str(relative.with_suffix("")))
        if path.name.startswith(".") and path.name.endswith(_COMMIT):
            found.add(str(relative.with_name(path.name[1 : -len(_COMMIT)])))
    yield from sorted(found)


def unfinished(folder: Path) -> Iterator[Path]:
    """The goldens below a folder of which a killed update left something, sorted: their paths without suffix."""
    found = set[Path]()
    for suffix in (_NEW, _COMMIT):
        found |= {one.with_name(one.name[1 : -len(suffix)]) for one in folder.rglob(f".?*{suffix}") if one.is_dir()}
    yield from sorted(found)


def write(base: Path, files: Mapping[str, bytes]) -> None:
    """Replace the golden `base` by these files, or write it: all of them or none. Raises OutputError."""
    new, commit = _new(base), _commit(base)
    try:
        settle(base)
        new.mkdir(parents=True)
        for name, data in files.items():
            with (new / name).open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        sync_folder(new)
        new.rename(commit)
        sync_folder(commit.parent)
        settle(base)
    except OSError as error:
        raise output_error(base, error) from error


def settle(base: Path) -> bool:
    """Finish or forget an update of this golden that was killed; whether one was finished.

    Raises OSError; OutputError for one that cannot be finished, as somebody else changed it.
    """
    new, commit = _new(base), _commit(base)
    if new.is_dir():
        shutil.rmtree(new)
    if not commit.is_dir():
        return False
    if (commit / PROVENANCE).exists():  # it is moved last
        _clear(base, _companions(commit))
    for path in sorted(commit.iterdir(), key=lambda one: (one.name == PROVENANCE, one.name)):
        target = place(base, path.name)
        target.parent.mkdir(exist_ok=True)
        path.replace(target)
    sync_folder(base.parent)
    with contextlib.suppress(FileNotFoundError):
        commit.rmdir()
    return True


def remove(base: Path) -> None:
    """Remove a golden. Raises OutputError."""
    try:
        settle(base)
        for name in _MAIN:
            place(base, name).unlink(missing_ok=True)
        _clear(base, set())
    except OSError as error:
        raise output_error(base, error) from error


def check_inside(base: Path, root: Path) -> None:
    """Raise OutputError where a link would lead a golden's files out of `root`."""
    for path in (base.parent, base, _commit(base)):
        if not path.resolve().is_relative_to(root.resolve()):
            raise OutputError(f"{path} leaves {root} through a link", "remove the link")


def _clear(base: Path, kept: set[str]) -> None:
    """Remove the companions of a golden but those `kept`. Another golden may have its place below the same folder."""
    if not base.is_dir() or base.is_symlink():
        return
    for path in sorted(base.iterdir()):
        ours = path.name.endswith((".gz", ".png"))
        if ours and path.is_file() and path.name not in kept:
            path.unlink()
    with contextlib.suppress(OSError):  # not empty
        base.rmdir()


def _companions(commit: Path) -> set[str]:
    try:
        return set(json.loads((commit / PROVENANCE).read_bytes())["files"])
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        message = f"the unfinished update {commit} cannot be finished: its {PROVENANCE} cannot be read"
        raise OutputError(message, "remove that folder, and check the golden out again") from error


def _new(base: Path) -> Path:
    return base.with_name(f".{base.name}{_NEW}")


def _commit(base: Path) -> Path:
    return base.with_name(f".{base.name}{_COMMIT}")
