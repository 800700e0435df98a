from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def preflight() -> ModuleType:
    spec = importlib.util.spec_from_file_location("preflight", ROOT / "ci" / "preflight.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("version", "system", "machine", "has_x11", "message", "hint"),
    [
        ((3, 10, 1), "Linux", "x86_64", True, "this is Python 3.10", "PYTHON=python3.13"),
        ((3, 14), "Linux", "x86_64", True, "this is Python 3.14", "PYTHON=python3.13"),
        ((2, 7), "Linux", "x86_64", False, "this is Python 2.7", "PYTHON=python3.13"),
        ((3, 12), "Linux", "aarch64", True, "no Linux build for aarch64", "x86-64"),
        ((3, 12), "Linux", "x86_64", False, "libX11.so.6 cannot be loaded", "libx11-6"),
        ((3, 12), "Linux", "x86_64", False, "libX11.so.6", "dnf install libX11; Arch: pacman -S libx11"),
    ],
)
def test_what_stands_in_the_way_is_said_with_a_way_out(
    preflight, version, system, machine, has_x11, message, hint
) -> None:
    problem = preflight.find_problem(version, system, machine, has_x11=has_x11)
    assert message in problem[0]
    assert hint in problem[1]


@pytest.mark.parametrize("minor", [11, 12, 13])
def test_supported_machines_pass(preflight, minor) -> None:
    assert preflight.find_problem((3, minor), "Linux", "x86_64", has_x11=True) is None
    assert preflight.find_problem((3, minor), "Darwin", "arm64", has_x11=False) is None


def test_the_linker_is_asked(preflight) -> None:
    assert preflight.can_load("libc.so.6") is (sys.platform == "linux")
    assert not preflight.can_load("libno-such-thing.so.6")


def test_make_says_that_there_is_no_python() -> None:
    command = ["make", "--always-make", "venv", "PYTHON=no-such-python"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "error: no Python found (no-such-python)" in done.stderr
    assert "hint: install Python 3.11, 3.12 or 3.13" in done.stderr
