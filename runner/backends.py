"""Whether a Taichi backend works here: tried for real, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys

_PROBE_SECONDS = 120.0  # the first start of a backend may compile its runtime on a slow machine

# Starts one backend for real and computes with it: a backend that is merely compiled in may have no driver.
_PROBE = """
import sys
import taichi as ti
arch = getattr(ti, sys.argv[1])
ti.init(arch=arch, enable_fallback=False, offline_cache=False, log_level=ti.ERROR)
if ti.lang.impl.current_cfg().arch != arch:
    sys.exit("Taichi fell back to another backend")
cell = ti.field(ti.i32, shape=4)
cell.fill(7)
assert cell[2] == 7
print("TAICHI", ".".join(str(part) for part in ti.__version__))
"""


def probe_backend(backend: str, seconds: float = _PROBE_SECONDS) -> tuple[bool, str]:
    """Start a Taichi backend in a process of its own, which a broken driver may crash or hang: (works, detail)."""
    kept = {key: value for key, value in os.environ.items() if key != "TI_ARCH"}  # it would override the question
    quiet = {"TI_SKIP_VERSION_CHECK": "ON", "ENABLE_TAICHI_HEADER_PRINT": "0", "TI_LOG_LEVEL": "error"}
    try:
        done = subprocess.run(
            [sys.executable, "-c", _PROBE, backend],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
            env=kept | quiet,
        )
    except subprocess.TimeoutExpired:
        return False, f"did not answer within {seconds:g} s"
    except OSError as error:
        return False, f"cannot start Python: {error}"
    said = done.stdout.decode(errors="replace").split()
    if done.returncode == 0 and "TAICHI" in said:
        return True, f"works ({said[said.index('TAICHI') + 1]})"
    if done.returncode < 0:
        return False, f"its driver crashed (signal {-done.returncode})"
    lines = [line for line in done.stderr.decode(errors="replace").splitlines() if line.strip()]
    if lines and lines[-1].endswith("is not supported"):  # Taichi's words for a missing driver or device
        return False, "no driver or device for it here"
    return False, f"not usable: {lines[-1].strip()[:160]}" if lines else "not usable"
