"""Starting Taichi: what is missing is said, stdout stays ours, the cache is kept in order."""

from __future__ import annotations

import ctypes
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine import device as devices
from engine.errors import InputError, MissingError

ROOT = Path(__file__).resolve().parents[2]
START = """
import sys
from engine import device
from engine.errors import RenderError
try:
    print("started", device.start(*sys.argv[1:2], threads=2))
except RenderError as error:
    print("refused", error.exit_status, error.message, "|", error.hint)
    sys.exit(0)
import taichi as ti, numpy as np
config = ti.lang.impl.current_cfg()
print(config.arch.name, config.fast_math, config.cpu_max_num_threads, config.offline_cache, config.default_fp == ti.f32)
@ti.kernel
def double(x: ti.types.ndarray(dtype=ti.f32, ndim=1)):
    for i in x:
        x[i] = 2.0 * x[i]
array = np.ones(3, np.float32)
double(array)
print(array.tolist())
"""


def start(backend: str, tmp_path: Path, **environment: str) -> list[str]:
    """The lines that a process of its own prints; kernels need a file."""
    script = tmp_path / "start.py"
    script.write_text(START)
    given = {**os.environ, "PYTHONPATH": str(ROOT), "TRACKREEL_CACHE": str(tmp_path / "cache"), **environment}
    done = subprocess.run(
        [sys.executable, str(script), backend], cwd=tmp_path, env=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


ARCH = "arm64" if platform.machine() in {"arm64", "aarch64"} else "x64"
DEVICE = "started Device(backend='cpu', threads=2)"


def test_stdout_is_ours_the_environment_does_not_choose_and_stale_locks_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKREEL_CACHE", str(tmp_path / "cache"))
    folder = devices.cache_folder()
    (folder / "deep").mkdir(parents=True)
    stale, fresh = folder / "ticache.lock", folder / "deep" / "ticache.lock"
    for lock in (stale, fresh):
        lock.touch()
    os.utime(stale, (time.time() - 3600,) * 2)
    wrong = {"TI_ARCH": "vulkan", "TI_FAST_MATH": "1", "TI_CPU_MAX_NUM_THREADS": "1", "TI_OFFLINE_CACHE": "0"}
    lines = start("cpu", tmp_path, **wrong, TI_DEFAULT_FP="f64", ENABLE_TAICHI_HEADER_PRINT="1")
    assert lines == [DEVICE, f"{ARCH} False 2 True True", "[2.0, 2.0, 2.0]"]
    assert not stale.exists()
    assert fresh.exists(), "another process may hold it"
    assert list(folder.glob("*.tic")), "the kernel was stored"


def test_no_cache_costs_a_compilation_not_the_run(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    lines = start("cpu", tmp_path, TRACKREEL_CACHE=str(tmp_path / "file"))
    assert lines == [DEVICE, f"{ARCH} False 2 False True", "[2.0, 2.0, 2.0]"]


def test_a_read_only_cache_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKREEL_CACHE", str(tmp_path))
    assert devices._own_cache() == devices.cache_folder()
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)  # root may write anywhere
    assert devices._own_cache() is None


def test_the_cache_is_one_processor_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKREEL_CACHE", str(tmp_path))
    folders = set()
    for flags in ("flags : sse2", "flags : sse2 avx2", "flags : sse2 avx2", "Features : neon"):
        text = f"processor : 0\ncpu MHz : {len(folders)}\n{flags}\n"
        monkeypatch.setattr(Path, "read_text", lambda self, text=text, **_: text)
        folders.add(devices.cache_folder())
    assert len(folders) == 3
    assert all(one.parent == tmp_path for one in folders)


def test_an_unknown_backend_is_the_user_s_mistake() -> None:
    with pytest.raises(InputError, match="unknown engine 'opengl'") as caught:
        devices.start("opengl")
    assert caught.value.exit_status == 2
    assert "cpu, metal, cuda, vulkan" in caught.value.hint


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS has Metal")
def test_metal_is_refused_where_there_is_none() -> None:
    with pytest.raises(MissingError, match="macOS alone") as caught:
        devices.start("metal")
    assert caught.value.exit_status == 3
    assert "--engine cpu" in caught.value.hint


def test_a_backend_that_does_not_work_is_refused_never_replaced(tmp_path: Path) -> None:
    first, *rest = start("cuda", tmp_path)
    expected = "refused 3 the cuda backend does not work on this machine | use --engine cpu; see `trackreel doctor`"
    assert first == expected or rest[0].startswith("cuda "), "refused, or it is there"


@pytest.mark.skipif(sys.platform != "linux", reason="only Taichi's Linux wheel links libX11")
def test_a_missing_libx11_names_its_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(ctypes, "CDLL", missing)
    with pytest.raises(MissingError, match=r"libX11\.so\.6 is missing") as caught:
        devices.start("cpu")
    assert all(name in caught.value.hint for name in ("libx11-6", "libX11", "libx11", "Debian", "Fedora", "Arch"))
