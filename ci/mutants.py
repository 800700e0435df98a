"""One mutation at a time in a copy of the code: applying it, verifying the copy, remembering what came of it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engine import cachefolder, device
from engine.errors import InputError, RenderError

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("engine", "runner", "schemas", "jobs", "golden", "pyproject.toml")
CODE = ("engine", "runner", "schemas", "jobs")
JOBS = ("jobs/goldens.yaml", "jobs/goldens-encoded.yaml")
PATIENCE_S = 3600.0


@dataclass(frozen=True)
class Mutation:
    """`old`, which is in `file` once, becomes `new`. name: AREA/SUBJECT[/DETAIL]; likely: a glob of goldens.

    why: of one that the goldens cannot see, why nobody could; empty for all others.
    """

    name: str
    file: str
    old: str
    new: str
    likely: str
    why: str = ""

    def apply(self, tree: Path) -> None:
        """Change the file in a copy. Raises InputError where the old text is not there exactly once."""
        path = tree / self.file
        if not path.is_file():
            raise InputError(f"{self.name}: there is no {self.file}", "correct ci/mutations.yaml")
        text = path.read_text(encoding="utf-8")
        if (count := text.count(self.old)) != 1:
            raise InputError(f"{self.name}: {self.old!r} is {count} times in {self.file}", "correct ci/mutations.yaml")
        path.write_text(text.replace(self.old, self.new), encoding="utf-8")
        for stale in (path.parent / "__pycache__").glob(f"{path.stem}.*"):
            stale.unlink()


@dataclass(frozen=True)
class Result:
    """What came of one mutation. caught: the first golden that differs, frame: its first such frame; error: broken."""

    name: str
    seconds: float
    caught: str = ""
    frame: int = 0
    error: str = ""


class Bench:
    """A snapshot of the working tree, and the verification of copies of it.

    Kernels are kept by what they compute, so copies share them; analyses by a key that names the files it thinks they
    depend on: a mutation of another one would be shown yesterday's, so each verification makes its own.
    """

    def __init__(self, folder: Path, kernels: Path) -> None:
        self.folder, self.kernels = folder, kernels
        self._controlled, self._lock = False, threading.Lock()
        self.clean = folder / "clean"
        self.clean.mkdir()
        skipped = shutil.ignore_patterns("__pycache__", "out", "*.mp4")
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, self.clean / name, ignore=skipped)
            else:
                shutil.copy(source, self.clean)
        kernels.mkdir(parents=True, exist_ok=True)
        self.code = digest(path for name in CODE for path in (self.clean / name).rglob("*") if path.is_file())

    def verify(
        self, tree: Path, only: Sequence[str], module: str = "runner.verify"
    ) -> tuple[int, list[dict[str, Any]]]:
        """(exit status, events) of `trackreel verify` in a copy. Raises RenderError where it would use other code."""
        with tempfile.TemporaryDirectory(dir=self.folder) as cache:
            (Path(cache) / device.cache_folder().name).symlink_to(self.kernels)
            env = {**os.environ, "PYTHONPATH": str(tree), "TI_SKIP_VERSION_CHECK": "ON", cachefolder.VARIABLE: cache}
            question = "import importlib.util, sys; print(importlib.util.find_spec(sys.argv[1]).origin)"
            words = [sys.executable, "-P", "-c", question, module]
            asked = subprocess.run(words, cwd=tree, env=env, capture_output=True, text=True, check=False)
            origin = asked.stdout.strip()
            if not origin or not Path(origin).resolve().is_relative_to(tree.resolve()):
                raise RenderError(
                    f"{module} of the copy would be loaded from {origin or 'nowhere'}", asked.stderr[-400:]
                )
            words = [sys.executable, "-P", "-m", "runner", "verify", *JOBS, "-j", "1", "--json"]
            words += [word for glob in only for word in ("--only", glob)]
            words += ["--out-root", f"{cache}/out", "--run-dir", f"{cache}/run"]
            done = subprocess.run(
                words, cwd=tree, env=env, capture_output=True, text=True, timeout=PATIENCE_S, check=False
            )
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]

    def control(self, only: Sequence[str] = ("*",)) -> None:
        """Raise RenderError unless the copy without a mutation is equal. Leaves compiled modules and kernels."""
        status, events = self.verify(self.clean, only)
        count = sum(event["event"] == "golden" for event in events)
        if status != 0 or not count:
            wrong = sorted({event["task"] for event in events if event.get("status", "equal") != "equal"})
            raise RenderError(f"without a mutation verification ends with {status}: {', '.join(wrong)}")
        self._controlled = self._controlled or "*" in only

    def _control_all(self) -> None:
        """Before all goldens are asked of a mutation, once: what differs anyway catches nothing."""
        with self._lock:
            if not self._controlled:
                self.control()

    def run(self, mutation: Mutation) -> Result:
        """Apply it to a copy and ask the likely goldens, then all. Raises InputError where it does not apply."""
        begin = time.monotonic()
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            tree = Path(folder) / "tree"
            shutil.copytree(self.clean, tree)
            mutation.apply(tree)
            path = Path(mutation.file)
            module = ".".join(path.with_suffix("").parts) if path.suffix == ".py" else "runner.verify"
            likely = f"goldens/{mutation.likely}"
            for only in (likely, "*"):
                if only == "*":
                    self._control_all()
                status, events = self.verify(tree, [only], module)
                seen = [event for event in events if event["event"] == "golden" and "first" in event]
                seconds = round(time.monotonic() - begin, 1)
                if seen:
                    return Result(mutation.name, seconds, seen[0]["task"], seen[0]["first"])
                if status != 0 and (status, only) != (2, likely):  # 2: no golden is of this name
                    errors = [str(event.get("message", "")) for event in events if event["event"] == "task_failed"]
                    return Result(mutation.name, seconds, error="; ".join(errors[:1]) or f"verify ends with {status}")
        return Result(mutation.name, seconds)

    def key(self, mutation: Mutation, golden: str) -> str:
        """What a result depends on: the code, the mutation, and the golden that caught it or, of an escape, all."""
        notes = [self.clean / "golden" / f"{golden}.json"] if golden else (self.clean / "golden").glob("*/*.json")
        return hashlib.sha256(f"{self.code} {asdict(mutation)} {digest(notes)}".encode()).hexdigest()


def digest(files: Iterable[Path]) -> str:
    """A digest of files, names included."""
    found = hashlib.sha256()
    for path in sorted(path for path in files if "__pycache__" not in path.parts and path.is_file()):
        found.update(f"{path.parent.name}/{path.name}\n".encode() + path.read_bytes())
    return found.hexdigest()


class Memory:
    """Results of earlier calls, a file each, used where nothing that they depend on changed."""

    def __init__(self, folder: Path, *, used: bool) -> None:
        self._folder, self._used = folder, used
        folder.mkdir(parents=True, exist_ok=True)

    def _path(self, mutation: Mutation) -> Path:
        return self._folder / f"{mutation.name.replace('/', '-')}.json"

    def recall(self, bench: Bench, mutation: Mutation) -> Result | None:
        """The result, if it still holds."""
        path = self._path(mutation)
        if not self._used or not path.is_file():
            return None
        data = json.loads(path.read_text(encoding="utf-8"))
        return Result(**data["result"]) if data["key"] == bench.key(mutation, data["result"]["caught"]) else None

    def keep(self, bench: Bench, mutation: Mutation, result: Result) -> None:
        """Remember it; not what broke."""
        if not result.error:
            text = json.dumps({"key": bench.key(mutation, result.caught), "result": asdict(result)})
            self._path(mutation).write_text(text, encoding="utf-8")
