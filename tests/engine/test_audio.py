"""Real files in every format, and every way in which one can be unusable."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Generator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine import audio, ffmpeg
from engine.errors import AudioError
from engine.source import check_source
from tests import sounds


def decode(path: Path) -> np.ndarray:
    return np.concatenate(list(audio.blocks(path, 4096)))


def converted(source: Path, name: str, *options: str) -> Path:
    target = source.parent / name
    command = [str(ffmpeg.find()), "-nostdin", "-v", "error", "-y", "-i", str(source), *options, str(target)]
    subprocess.run(command, check=True, timeout=60)
    return target


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    """Half a second of a 440 Hz sine, mono, 44.1 kHz."""
    return sounds.write(tmp_path / "tone.wav", sounds.sine(440, 0.5))


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "opus", "mp3"])
def test_soundfile_formats_keep_length_and_level(tmp_path: Path, suffix: str) -> None:
    rate = 48000
    sine = sounds.sine(440, 1.0, 0.5, rate)
    if suffix == "opus":
        path = converted(sounds.write(tmp_path / "a.wav", sine, rate), "a.opus", "-c:a", "libopus")
    else:
        path = sounds.write(tmp_path / f"a.{suffix}", sine, rate)
    info = audio.probe(path)
    assert (info.sample_rate, info.channels, info.decoder) == (rate, 1, "soundfile")
    assert info.duration == Fraction(info.samples, rate)
    assert abs(info.samples - rate) <= (3000 if suffix == "mp3" else 0)
    data = decode(path)
    assert data.shape == (info.samples, 1)
    assert data.dtype == np.float32
    middle = data[5000:-5000, 0]
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.07)
    # Blocks join without a gap or a step (soundfile alone drops parts of an MP3 between reads).
    assert np.abs(np.diff(middle)).max() < 0.04


@pytest.mark.parametrize("name", ["a.m4a", "a.aac", "a.mkv", "a.mov", "a.mp4"])
def test_ffmpeg_formats_have_the_length_of_their_source(tone: Path, name: str) -> None:
    options: tuple[str, ...] = {"a.mkv": ("-c:a", "flac"), "a.mov": ("-c:a", "pcm_s16le")}.get(name, ("-c:a", "aac"))
    if name == "a.mp4":
        options = ("-f", "lavfi", "-i", "color=s=16x16:r=5:d=0.5", "-c:a", "aac", "-map", "1:v", "-map", "0:a")
    info = audio.probe(converted(tone, name, *options))
    assert (info.decoder, info.sample_rate, info.channels) == ("ffmpeg", 44100, 1)
    # AAC has frames of 1024 samples and raw ADTS cannot say where its priming ends.
    assert abs(info.samples - 22050) <= (3072 if name == "a.aac" else 1024)
    data = decode(info.path)
    assert data.shape == (info.samples, 1)
    assert np.abs(data[6000:16000]).max() == pytest.approx(0.5, rel=0.1)


@pytest.mark.parametrize("suffix", ["wav", "flac"])
@pytest.mark.parametrize("channels", [1, 2, 6, 8])
@pytest.mark.parametrize("rate", [8000, 192000])
def test_lossless_formats_give_the_very_samples(tmp_path: Path, suffix: str, channels: int, rate: int) -> None:
    levels = np.random.default_rng(channels).integers(-32768, 32768, (1000, channels))
    path = sounds.write(tmp_path / f"a.{suffix}", levels / 32768, rate, "PCM_16")
    assert np.array_equal(decode(path) * 32768, levels)
    assert audio.probe(path).channels == channels


def test_one_sample_is_enough(tmp_path: Path) -> None:
    path = sounds.write(tmp_path / "one.wav", np.array([0.5]))
    assert audio.probe(path).samples == 1
    assert decode(path).tolist() == [[0.5]]


def test_broken_floats_become_finite(tmp_path: Path) -> None:
    path = sounds.write(tmp_path / "nan.wav", np.array([0.0, np.nan, np.inf, -np.inf, 1e30, 0.25]), subtype="FLOAT")
    assert decode(path)[:, 0].tolist() == [0.0, 0.0, 16.0, -16.0, 16.0, 0.25]


def bad_files(folder: Path) -> dict[str, Path]:
    made = {name: folder / name for name in ("empty.wav", "text.mp3", "picture.png", "zero.wav", "missing.wav")}
    made["empty.wav"].write_bytes(b"")
    made["text.mp3"].write_text("these are words, not music\n" * 200)
    made["picture.png"].write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(500))
    sounds.write(made["zero.wav"], np.zeros(0))
    made["directory"] = folder
    return made


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing.wav", "no such audio file"),
        ("directory", "is a directory"),
        ("empty.wav", "is empty"),
        ("text.mp3", "is not audio"),
        ("picture.png", "is not audio|no sound"),
        ("zero.wav", "holds no samples"),
    ],
)
def test_unusable_files_say_why(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(AudioError, match=message) as caught:
        audio.probe(bad_files(tmp_path)[name])
    assert caught.value.hint
    assert caught.value.exit_status == 2


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.wav", ()), ("a.flac", ()), ("a.ogg", ("-c:a", "libvorbis")), ("a.opus", ("-c:a", "libopus")), ("a.mp3", ()),
        ("a.m4a", ("-c:a", "aac")), ("fast.m4a", ("-c:a", "aac", "-movflags", "+faststart")),
    ],
)  # fmt: skip
def test_a_file_cut_in_the_middle_is_truncated(tmp_path: Path, name: str, options: tuple[str, ...]) -> None:
    source = sounds.write(tmp_path / "long.wav", sounds.drum_loop(120, 3.0).sound)
    whole = converted(source, name, *options)
    assert audio.probe(whole).samples > 0
    data = whole.read_bytes()
    whole.write_bytes(data[: len(data) // 2])
    with pytest.raises(AudioError, match="truncated"):
        audio.probe(whole)


def test_a_wav_written_to_a_pipe_has_no_length_and_is_whole(tone: Path) -> None:
    data = bytearray(tone.read_bytes())
    place = data.index(b"data") + 4
    data[place : place + 4] = b"\xff\xff\xff\xff"
    tone.write_bytes(data)
    assert audio.probe(tone).samples == 22050


def test_an_unreadable_file_says_so() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        path = sounds.write(Path(folder) / "tone.wav", sounds.sine(440, 0.1))
        path.chmod(0)
        user = os.geteuid()
        if user == 0:
            os.seteuid(65534)  # root may read every file
        try:
            with pytest.raises(AudioError, match="cannot read") as caught:
                audio.probe(path)
            assert "permission" in caught.value.hint
        finally:
            os.seteuid(user)


@pytest.mark.parametrize(
    ("rate", "channels", "match"), [(4000, 1, "4000 Hz"), (384000, 1, "384000 Hz"), (8000, 33, "33")]
)
def test_limits(tmp_path: Path, rate: int, channels: int, match: str) -> None:
    path = sounds.write(tmp_path / "a.wav", np.zeros((10, channels)), rate)
    with pytest.raises(AudioError, match=match):
        audio.probe(path)


def test_six_hours_are_the_limit(tmp_path: Path) -> None:
    path = sounds.write(tmp_path / "a.wav", np.zeros(8), 8000, "PCM_U8")
    data = bytearray(path.read_bytes())
    place, count = data.index(b"data") + 4, 8000 * 21601
    data[place : place + 4] = count.to_bytes(4, "little")
    path.write_bytes(data)
    os.truncate(path, place + 4 + count)
    with pytest.raises(AudioError, match=r"6\.0 hours"):
        audio.probe(path)


@pytest.mark.parametrize(
    "text", ["", "-", "http://example.org/a.mp3", "concat:a.wav|b.wav", "pipe:0", "file:a.wav", "HTTPS://x", "data:,x"]
)
def test_only_local_files_are_sources(text: str) -> None:
    with pytest.raises(AudioError):
        check_source(text)


@pytest.mark.parametrize(
    "name", ["a:b.wav", "-dash.wav", "per%cent.wav", "new\nline.wav", "ünï 音.wav", "concat:x.m4a"]
)
def test_odd_names_are_files_like_any(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tone: Path, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    if name.endswith("m4a"):
        converted(tone, "plain.m4a", "-c:a", "aac").replace(name)
    else:
        tone.replace(name)
    check_source(name)
    assert len(decode(Path(name))) == audio.probe(Path(name)).samples > 20000


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("list.ffconcat", "ffconcat version 1.0\nfile {}\n"),
        ("list.m3u", "{}\n"),
        ("list.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{}\n#EXT-X-ENDLIST\n"),
        ("list.pls", "[playlist]\nFile1={}\n"),
        ("list.sdp", "v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n"),
    ],
)
def test_a_playlist_may_not_name_other_files(tmp_path: Path, tone: Path, name: str, text: str) -> None:
    playlist = tmp_path / name
    playlist.write_text(text.format(tone.name))
    with pytest.raises(AudioError, match="is not audio"):
        audio.probe(playlist)


def test_stopping_early_ends_ffmpeg(tone: Path) -> None:
    path = converted(tone, "a.m4a", "-c:a", "aac")
    pieces = audio.blocks(path, 100)
    assert isinstance(pieces, Generator)
    assert next(pieces).shape == (100, 1)
    pieces.close()  # would hang, or warn of a lost process, were ffmpeg left behind


def test_sha256_is_that_of_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert audio.sha256(tmp_path / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    with pytest.raises(AudioError, match="cannot read"):
        audio.sha256(tmp_path / "none")
