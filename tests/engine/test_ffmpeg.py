from __future__ import annotations

import sys
from pathlib import Path

import pytest

from engine import ffmpeg
from engine.errors import MissingError


def script(path: Path, body: str) -> Path:
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_the_order_is_explicit_variable_package_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    explicit, variable, path = (script(tmp_path / name, "exit 0") for name in ("explicit", "variable", "ffmpeg"))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv(ffmpeg.VARIABLE, str(variable))
    assert ffmpeg.find(str(explicit)) == explicit
    assert ffmpeg.find() == variable
    monkeypatch.delenv(ffmpeg.VARIABLE)
    assert "imageio_ffmpeg" in str(ffmpeg.find())
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    assert ffmpeg.find() == path
    path.unlink()
    with pytest.raises(MissingError, match="ffmpeg not found") as caught:
        ffmpeg.find()
    assert caught.value.exit_status == 3
    assert "TRACKREEL_FFMPEG" in caught.value.hint


@pytest.mark.parametrize("wanted", ["/no/such/ffmpeg", "no-such-ffmpeg", "/"])
def test_a_named_binary_is_never_replaced(wanted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MissingError, match="--ffmpeg names"):
        ffmpeg.find(wanted)
    monkeypatch.setenv(ffmpeg.VARIABLE, wanted)
    with pytest.raises(MissingError, match="TRACKREEL_FFMPEG names"):
        ffmpeg.find()


def test_what_the_real_one_can_do() -> None:
    path = ffmpeg.find()
    assert ffmpeg.version(path)[0] in "n0123456789N"
    assert {"libx264", "libx265", "libvpx-vp9", "libsvtav1", "prores_ks", "aac", "libopus"} <= ffmpeg.encoders(path)
    assert {"mp4", "mov", "matroska", "webm", "framemd5"} <= ffmpeg.muxers(path)
    assert "=" not in ffmpeg.encoders(path)


@pytest.mark.parametrize(
    ("body", "message"),
    [("exit 3", "failed with status 3"), ("echo hello", "does not answer like ffmpeg"), ("", "does not answer")],
)
def test_a_program_that_is_no_ffmpeg(tmp_path: Path, body: str, message: str) -> None:
    with pytest.raises(MissingError, match=message):
        ffmpeg.version(script(tmp_path / "other", body))


def test_a_file_that_cannot_run(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_bytes(b"\x7fELF")
    broken.chmod(0o755)
    with pytest.raises(MissingError, match="cannot run"):
        ffmpeg.version(broken)


def test_the_environment_cannot_change_the_output(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FFREPORT", "file=report.log")
    assert "FFREPORT" not in ffmpeg.environment()
    assert ffmpeg.environment()["SVT_LOG"] == "1"


def test_nothing_here_loads_taichi() -> None:
    import subprocess

    code = "import sys, engine.ffmpeg, engine.sinks.ffmpeg, engine.sinks.framemd5; sys.exit('taichi' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
