"""The only place that starts Taichi: backend, threads, kernel cache, and quiet."""

from __future__ import annotations

import ctypes.util
import hashlib
import os
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import cachefolder
from engine.errors import InputError, MissingError
from engine.loops import LOOPS
from engine.scene import BACKENDS

STALE_LOCK_S = 60.0
KEPT_VARIABLES = ("TI_SKIP_VERSION_CHECK", "TI_LIB_DIR", "TI_VISIBLE_DEVICE")
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
    for name in [one for one in os.environ if one.startswith("TI_") and one not in KEPT_VARIABLES]:
        del os.environ[name]  # TI_ARCH, TI_FAST_MATH, TI_OPT_LEVEL ...: each overrides what we ask for


def cache_folder() -> Path:
    """Our own kernel cache."""
    return cachefolder.root() / f"taichi-1.7-{_processor()}"


def _processor() -> str:
    """Eight hex digits of the processor's abilities: kernels are optimised for them before they are cached.

    A cache on a shared disk would otherwise hand one machine's vector widths to all the others.
    """
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        lines = [platform.processor()]  # no Linux: the processor's name must do
    abilities = next((one for one in lines if one.startswith(("flags", "Features"))), lines[0] if lines else "")
    return hashlib.sha256(f"{platform.machine()} {abilities}".encode()).hexdigest()[:8]


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


def _spare_positions() -> None:
    """Keep Taichi from typesetting the source lines of every expression for errors that do not happen.

    It took half of the time to load a scene from a warm cache. File, line and function are still told.
    """
    from taichi.lang.ast.ast_transformer_utils import ASTTransformerContext

    def position(self: Any, node: Any) -> str:
        return f'File "{self.file}", line {node.lineno + self.lineno_offset}, in {self.func.func.__name__}:\n'

    ASTTransformerContext.get_pos_info = position


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
        options: dict[str, Any] = {"offline_cache": False}
        if cache is not None:
            options = {"offline_cache": True, "offline_cache_file_path": str(cache)}
        ti.set_logging_level(ti.ERROR)
        _spare_positions()
        ti.init(
            arch=arch,
            fast_math=False,
            cpu_max_num_threads=threads,
            unrolling_limit=0,
            log_level=ti.ERROR,
            **options,
        )
        got = ti.lang.impl.current_cfg().arch
        LOOPS.serial, LOOPS.partial = backend == "cpu" and threads == 1, backend == "cpu"
    wanted = arch if isinstance(arch, list | tuple) else [arch]
    if got not in wanted:
        message = f"the {backend} backend does not work on this machine"
        raise MissingError(message, "use --engine cpu; see `trackreel doctor`")
    return Device(backend, threads)
