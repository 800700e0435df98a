from __future__ import annotations

import ctypes
import io
import json
import sys
from pathlib import Path

import pytest
from rich.console import Console

from engine.ffmpeg import VARIABLE
from runner import doctor
from runner.doctor import FAIL, NONE, OK, WARN, Report, Row, codec_table, collect, render


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the seconds that starting Taichi takes."""
    monkeypatch.setattr(doctor, "probe_backend", lambda backend: (backend == "cpu", "as told"))


def text(report: Report) -> str:
    console = Console(file=io.StringIO(), width=200, color_system=None)
    render(report, console)
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]


def test_this_machine_is_fit_and_taichi_stays_out_of_this_process() -> None:
    loaded = "taichi" in sys.modules
    report = collect()
    states = {row.name: row.state for row in report.rows}
    assert states["Python"] == states["Taichi cpu"] == states["ffmpeg"] == states["audio"] == OK
    assert report.exit_status == 0
    assert ("taichi" in sys.modules) == loaded
    assert report.codecs["h264"] == {".mp4": True, ".m4v": True, ".mov": True, ".mkv": True, ".webm": False}
    assert report.codecs["opus"][".webm"]
    json.dumps(report.to_dict())
    assert "video h264" in text(report)


@pytest.mark.usefixtures("quick")
def test_no_ffmpeg_is_told_with_a_hint_and_status_3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "/no/such/[bold]ffmpeg")
    report = collect()
    assert report.exit_status == 3
    (row,) = (row for row in report.rows if row.name == "ffmpeg")
    assert row.state == FAIL
    assert "/no/such/[bold]ffmpeg" in text(report)
    assert f"hint: {row.hint}" in text(report)
    assert not any(any(cells.values()) for cells in report.codecs.values())


@pytest.mark.usefixtures("quick")
def test_an_ffmpeg_with_fewer_encoders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    old = tmp_path / "ffmpeg"
    old.write_text("#!/bin/sh\necho 'ffmpeg version 5.1 Copyright'\necho ' V....D libx265  x'\necho ' A....D aac  x'\n")
    old.chmod(0o755)
    monkeypatch.setenv(VARIABLE, str(old))
    report = collect()
    states = {row.name: row.state for row in report.rows}
    assert (states["codec h264"], states["codec vp9"]) == (FAIL, WARN)
    assert "codec hevc" not in states
    assert report.exit_status == 3


@pytest.mark.skipif(sys.platform != "linux", reason="Taichi needs libX11 on Linux only")
@pytest.mark.usefixtures("quick")
def test_a_missing_libx11_names_the_package_of_each_distribution(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(ctypes, "CDLL", missing)
    report = collect()
    shown = text(report)
    assert report.exit_status == 3
    for package in ("libX11.so.6 is missing", "apt install libx11-6", "dnf install libX11", "pacman -S libx11"):
        assert package in shown


@pytest.mark.skipif(sys.platform == "darwin", reason="Metal is real there")
@pytest.mark.usefixtures("quick")
def test_metal_is_for_macos() -> None:
    (row,) = (row for row in collect().rows if row.name == "Taichi metal")
    assert (row.state, row.detail) == (NONE, "exists on macOS alone")


def test_an_old_python_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.sys, "version_info", (3, 14, 0))
    assert doctor._python().state == FAIL
    assert "3.11 to 3.13" in doctor._python().hint


def test_a_row_that_fails_fails_the_report() -> None:
    assert Report((Row("a", OK, ""), Row("b", WARN, "")), {}).exit_status == 0
    assert Report((Row("a", OK, ""), Row("b", FAIL, "")), {}).exit_status == 3


def test_the_table_knows_what_is_missing() -> None:
    table = codec_table(frozenset({"libx264"}))
    assert table["h264"][".mp4"]
    assert not table["aac"][".mp4"]
