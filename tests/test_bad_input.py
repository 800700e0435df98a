"""Every row of "bad input", at the command line: its own message, hint and exit status, and nothing left behind."""

from __future__ import annotations

import os
import struct
import sys
import wave
from pathlib import Path

import pytest

from engine import ffmpeg
from tests import fake_ffmpeg, sounds
from tests.trackreel import SMALL, call, leftovers, run


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sounds.write(tmp_path_factory.mktemp("audio") / "song.wav", sounds.sine(220.0, 1.0))


def expect(done, status: int, *words: str) -> None:
    """The contract of every failure: status, `error:`, the words, and never a traceback."""
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    assert "error: " in done.stderr, done.stderr
    for word in words:
        assert word in done.stderr, done.stderr


AUDIO_CASES = {
    "missing": (lambda path: None, "no such audio file"),
    "a directory": (lambda path: path.mkdir(), "director"),
    "empty": (lambda path: path.write_bytes(b""), "empty"),
    "not audio": (lambda path: path.write_text("These are words.\n" * 50), "audio"),
    "0 samples": (lambda path: _wav(path, 0), "sample"),
    "truncated": (lambda path: (_wav(path, 44100), os.truncate(path, 30000)), "truncated"),
}


@pytest.mark.parametrize("case", AUDIO_CASES)
def test_audio_that_cannot_be(case: str, tmp_path: Path) -> None:
    make, word = AUDIO_CASES[case]
    make(tmp_path / "song.wav")
    done = call("export", "--audio", "song.wav", "--out", "out.mp4", *SMALL, cwd=tmp_path)
    expect(done, 2, word, "hint: ")
    assert leftovers(tmp_path, ["song.wav"]) == []


def test_audio_that_may_not_be_read(tmp_path: Path, song: Path) -> None:
    secret = tmp_path / "song.wav"
    secret.write_bytes(song.read_bytes())
    secret.chmod(0)
    done = run("export", "--audio", "song.wav", "--out", "out.mp4", *SMALL, cwd=tmp_path, mortal=True)
    expect(done, 2, "ermission")


@pytest.mark.parametrize("source", ["http://example.org/a.wav", "concat:a.wav|b.wav", "https://x/y.m3u8", "-"])
def test_sources_that_are_no_files(source: str, tmp_path: Path) -> None:
    done = call("export", f"--audio={source}", "--out", "out.mp4", *SMALL, cwd=tmp_path)
    expect(done, 2, "hint: ")
    assert leftovers(tmp_path) == []


SIZE_CASES = [
    ("--width", "0"), ("--width", "-2"), ("--width", "641"), ("--height", "359"), ("--width", "100000"),
    ("--width", "ten"), ("--fps", "0"), ("--fps", "abc"), ("--fps", "-30"), ("--fps", "30/0"), ("--fps", "1000"),
    ("--fps", "nan"),
    ("--start", "-1"), ("--start", "abc"), ("--start", "5"), ("--duration", "0"), ("--seed", "-1"), ("--seed", "x"),
    ("--crf", "99"), ("--speed", "warp"), ("--preset", "nonesuch"), ("--preset", "99"), ("--param", "nonesuch=1"),
]  # fmt: skip


@pytest.mark.parametrize(("option", "value"), SIZE_CASES, ids=str)
def test_values_that_cannot_be(option: str, value: str, tmp_path: Path, song: Path) -> None:
    done = call("export", "--audio", song, "--out", "out.mp4", f"{option}={value}", cwd=tmp_path)
    expect(done, 2, option.removeprefix("--"), "hint: ")
    assert leftovers(tmp_path) == []


def test_a_fractional_rate_is_fine(tmp_path: Path, song: Path) -> None:
    done = call("export", "--audio", song, "--out", "o.mp4", "--dry-run", "--fps", "24000/1001", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "24000/1001" in done.stdout


EXPRESSIONS = {
    "unknown name": ("0.5 + basss", "bass"),
    "attribute access": ("bass.__class__", ""),
    "a call of something else": ("open('x')", ""),
    "a huge power": ("9**9**9", ""),
    "division by zero": ("1/0", "zero"),
    "nan": ("sqrt(0-1-bass)", ""),
    "nothing": ("", ""),
}


@pytest.mark.parametrize("case", EXPRESSIONS)
def test_expressions_that_cannot_be(case: str, tmp_path: Path, song: Path) -> None:
    text, word = EXPRESSIONS[case]
    shown = call("presets", "show", "aurora", cwd=tmp_path).stdout
    name = shown.split("parameters:")[1].split()[0]
    done = call("export", "--audio", song, "--out", "out.mp4", f"--param={name}={text}", *SMALL, cwd=tmp_path)
    expect(done, 2, word)
    assert leftovers(tmp_path) == []


def test_every_error_of_the_command_line_at_once(tmp_path: Path, song: Path) -> None:
    done = call(
        "export", "--audio", song, "--out", "out.mp4", "--width", "0", "--fps", "abc", "--crf", "99", cwd=tmp_path
    )
    expect(done, 2, "--width", "--fps", "--crf")


def test_no_ffmpeg(tmp_path: Path, song: Path) -> None:
    done = call(
        "export", "--audio", song, "--out", "out.mp4", *SMALL, cwd=tmp_path, env={"TRACKREEL_FFMPEG": "/none/ffmpeg"}
    )
    expect(done, 3, "ffmpeg not found", "hint: ")
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize(
    ("behaviour", "word"),
    [
        ("dies-at-start", "Error opening output"),
        ("dies-in-mid-run", "the encoder broke"),
        ("is-killed", "kill"),
        ("dies-at-trailer", "Error writing trailer"),
        ("full-disk-exit-0", "disk full"),
        ("full-disk-in-mid-run", "disk full"),
        ("loses-frames", "instead of 30"),
    ],
)
def test_an_ffmpeg_that_fails(behaviour: str, word: str, tmp_path: Path, song: Path) -> None:
    fake = fake_ffmpeg.make(tmp_path, behaviour, ffmpeg.find(), taken=64 * 36 * 4 * 10)
    done = call(
        "export", "--audio", song, "--out", "o/out.mp4", *SMALL, cwd=tmp_path, env={"TRACKREEL_FFMPEG": str(fake)}
    )
    expect(done, 1, word)
    assert leftovers(tmp_path, [fake.name]) == []


def test_a_codec_that_this_ffmpeg_lacks(tmp_path: Path, song: Path) -> None:
    real = ffmpeg.find()
    fake = tmp_path / "ffmpeg"
    fake.write_text(f'#!/bin/sh\n"{real}" "$@" | sed s/libsvtav1/libnothing/\n')
    fake.chmod(0o755)
    done = call(
        "export",
        "--audio",
        song,
        "--out",
        "out.mp4",
        "--codec",
        "av1",
        *SMALL,
        cwd=tmp_path,
        env={"TRACKREEL_FFMPEG": str(fake)},
    )
    expect(done, 3, "av1", "hint: ")
    assert leftovers(tmp_path, ["ffmpeg"]) == []


def test_a_codec_that_the_container_cannot_carry(tmp_path: Path, song: Path) -> None:
    done = call("export", "--audio", song, "--out", "out.webm", "--codec", "h264", *SMALL, cwd=tmp_path)
    expect(done, 2, "webm", "h264")


def test_metal_elsewhere_than_on_macos(tmp_path: Path, song: Path) -> None:
    if sys.platform == "darwin":
        pytest.skip("Metal exists here")
    done = call("export", "--audio", song, "--out", "out.mp4", "--engine", "metal", *SMALL, cwd=tmp_path)
    expect(done, 3, "Metal", "hint: ")
    assert leftovers(tmp_path) == []


def test_an_output_that_exists(tmp_path: Path, song: Path) -> None:
    (tmp_path / "out.mp4").write_text("mine")
    done = call("export", "--audio", song, "--out", "out.mp4", *SMALL, cwd=tmp_path)
    expect(done, 2, "out.mp4", "--overwrite")
    assert (tmp_path / "out.mp4").read_text() == "mine"


def test_an_output_in_a_read_only_folder(tmp_path: Path, song: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    done = run("export", "--audio", song, "--out", "locked/out.mp4", *SMALL, cwd=tmp_path, mortal=True)
    expect(done, 1, "ermission")
    assert leftovers(tmp_path) == []


def test_an_output_below_a_file(tmp_path: Path, song: Path) -> None:
    (tmp_path / "file").write_text("")
    done = call("export", "--audio", song, "--out", "file/out.mp4", *SMALL, cwd=tmp_path)
    expect(done, 1, "file/out.mp4")


def test_an_output_that_is_a_folder_or_a_pipe(tmp_path: Path, song: Path) -> None:
    (tmp_path / "dir.mp4").mkdir()
    expect(call("export", "--audio", song, "--out", "dir.mp4", *SMALL, cwd=tmp_path), 2, "folder")
    os.mkfifo(tmp_path / "pipe.mp4")
    expect(call("export", "--audio", song, "--out", "pipe.mp4", *SMALL, cwd=tmp_path), 2, "pipe")


@pytest.mark.parametrize(
    "name", ["-dash.mp4", "100%d.mp4", "two\nlines.mp4", "björk 音.mp4", "a:b|c'\".mp4", "sub/../up.mp4"]
)
def test_odd_names_work(name: str, tmp_path: Path, song: Path) -> None:
    odd = tmp_path / Path(name).with_suffix(".wav").name
    odd.write_bytes(song.read_bytes())
    done = call("export", f"--audio={odd.name}", f"--out={name}", "--duration", "0.2", *SMALL, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / Path(name).name).stat().st_size > 0


def test_usage_errors_are_the_command_lines(tmp_path: Path) -> None:
    expect(call("export", "--wdith", "3", cwd=tmp_path), 2, "--wdith", "--width", "hint: ")
    expect(call("exprot", cwd=tmp_path), 2, "exprot")
    expect(call("export", "--out", "x.mp4", cwd=tmp_path), 2, "--audio")
    expect(call("run", cwd=tmp_path), 2, "JOB")
    expect(call("run", "none.yaml", cwd=tmp_path), 2, "none.yaml")


def _wav(path: Path, samples: int) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(44100)
        file.writeframes(struct.pack(f"<{samples}h", *([1000] * samples)))
