"""The only place that starts Taichi: backend, threads, kernel cache, and quiet."""

from __future__ import annotations

import ctypes.util
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from engine.errors import InputError, MissingError
from engine.scene import BACKENDS

STALE_LOCK_S = 60.0
X11_HINT = "install it: Debian/Ubuntu `libx11-6`, Fedora `libX11`, Arch `libx11`"


@dataclass(frozen=True, slots=True)
class Device:
    """A started backend and its render threads."""

    backend: str
    threads: int


@contextmanager
def _quiet() -> Iterator[None]:
    """Send what native code prints to fd 1 to nowhere: Taichi greets on stdout, which belongs to our own output."""
    sys.stdout.flush()
    saved, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(saved, 1)
        os.close(saved)
        os.close(nowhere)


def _prepare_environment() -> None:
    os.environ["TI_SKIP_VERSION_CHECK"] = "ON"
    os.environ["ENABLE_TAICHI_HEADER_PRINT"] = "0"
    for name in ("TI_ARCH", "TI_DEBUG", "TI_FAST_MATH", "TI_CPU_MAX_NUM_THREADS", "TI_ENABLE_FALLBACK"):
        os.environ.pop(name, None)  # each overrides what we ask for


def cache_folder() -> Path:
    """Our own kernel cache: TRACKREEL_CACHE, or the user's cache folder."""
    root = os.environ.get("TRACKREEL_CACHE") or platformdirs.user_cache_dir("trackreel")
    return Path(root) / "taichi-1.7"


def _own_cache() -> Path | None:
    """Make the cache folder and drop a lock that a killed process left: Taichi never does and stops caching."""
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK):
            return None
        for lock in sorted(folder.rglob("ticache.lock")):
            if time.time() - lock.stat().st_mtime > STALE_LOCK_S:
                lock.unlink(missing_ok=True)
    except OSError:
        return None  # no cache costs a compilation, not the run
    return folder


def check_libraries() -> None:
    """Raise MissingError if a shared library that Taichi needs cannot be found."""
    if sys.platform != "linux":
        return
    try:
        ctypes.CDLL("libX11.so.6")
    except OSError:
        raise MissingError("libX11.so.6 is missing; Taichi needs it even without a display", X11_HINT) from None


def start(backend: str = "cpu", threads: int = 1) -> Device:
    """Start Taichi on `backend` (cpu, metal, cuda, vulkan) with `threads` render threads (cpu alone counts them).

    Call once in a process, after any float64 analysis: Taichi switches the process to flush-to-zero.
    Raises InputError for an unknown backend, MissingError if this machine lacks it: never a silent fallback.
    """
    if backend not in BACKENDS:
        raise InputError(f"unknown engine {backend!r}", f"one of: {', '.join(BACKENDS)}")
    if backend == "metal" and sys.platform != "darwin":
        raise MissingError("Metal is not available: it exists on macOS alone", "use --engine cpu, or vulkan")
    check_libraries()
    _prepare_environment()
    with _quiet():
        try:
            import taichi as ti
        except ImportError as error:
            raise MissingError(f"Taichi cannot be loaded: {error}", "run `trackreel doctor`") from error
        arch = {"cpu": ti.cpu, "metal": ti.metal, "cuda": ti.cuda, "vulkan": ti.vulkan}[backend]
        cache = _own_cache()
        options = {"offline_cache": False}
        if cache is not None:
            options = {"offline_cache": True, "offline_cache_file_path": str(cache)}
        ti.set_logging_level(ti.ERROR)
        ti.init(
            arch=arch,
            fast_math=False,
            cpu_max_num_threads=threads,
            unrolling_limit=0,
            log_level=ti.ERROR,
            **options,
        )
        got = ti.lang.impl.current_cfg().arch
    wanted = arch if isinstance(arch, list | tuple) else [arch]
    if got not in wanted:
        raise MissingError(f"the {backend} backend does not work on this machine", "use --engine cpu; see `trackreel doctor`")
    return Device(backend, threads)
