from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "ci" / "portability.sh"
QEMU = shutil.which("qemu-x86_64") or shutil.which("qemu-x86_64-static")


def run(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(SCRIPT), *words],
        env={**os.environ, "PYTHON": sys.executable, **env},
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_the_emulator_it_says_what_to_install(tmp_path: Path) -> None:
    for name in ("dirname", "sh"):
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    done = run(PATH=str(tmp_path))
    assert done.returncode == 3
    assert "qemu-user" in done.stderr


@pytest.mark.skipif(QEMU is None, reason="qemu-x86_64 is missing (Debian: qemu-user)")
@pytest.mark.skipif("TRACKREEL_SLOW" not in os.environ, reason="minutes of emulation: set TRACKREEL_SLOW=1 to run it")
def test_an_old_processor_draws_the_same_frames() -> None:
    done = run("Nehalem", PRESETS="spectrum", SECONDS_DRAWN="0.1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Nehalem: the same frames" in done.stdout
