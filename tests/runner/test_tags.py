"""Tags: read from every kind of file, fit for a file name whatever they hold, and never a reason to fail."""

import sys
import zlib
from pathlib import Path, PurePosixPath
from typing import Any

import mutagen
import mutagen.flac
import mutagen.id3
import mutagen.mp3
import mutagen.wave
import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from runner import tags

SILENCE = np.zeros(8000)


def tone(path: Path) -> Path:
    soundfile.write(path, SILENCE, 8000)
    return path


@pytest.mark.parametrize("suffix", ["flac", "ogg", "mp3", "wav", "aiff"])
def test_every_format_has_its_tags(tmp_path: Path, suffix: str) -> None:
    path = tone(tmp_path / f"a.{suffix}")
    file: Any = mutagen.File(path, easy=True)
    if suffix in {"wav", "aiff"}:
        file.add_tags()
        file.tags.add(mutagen.id3.TIT2(encoding=3, text=["Låw / Tide"]))
        file.tags.add(mutagen.id3.TRCK(encoding=3, text=["3/12"]))
    else:
        file["title"], file["tracknumber"] = ["Låw / Tide"], ["3/12"]
    file.save()
    found = tags.read(path)
    assert set(found) == {"title", "tracknumber"}
    assert tags.clean("title", found["title"]) == "Låw _ Tide"
    assert tags.shown("title", found["title"]) == "Låw / Tide"
    assert tags.clean("tracknumber", found["tracknumber"]) == tags.shown("tracknumber", found["tracknumber"]) == "3"


def test_the_info_chunk_of_a_wav_file(tmp_path: Path) -> None:
    with soundfile.SoundFile(tmp_path / "a.wav", "w", 8000, 1) as file:
        file.title, file.artist = "Low Tide", "Ada"
        file.write(SILENCE)
    assert tags.read(tmp_path / "a.wav") == {"title": "Low Tide", "artist": "Ada"}


def test_a_file_without_tags_or_with_nonsense_has_none(tmp_path: Path) -> None:
    assert tags.read(tone(tmp_path / "a.wav")) == {}
    (tmp_path / "b.mp3").write_bytes(b"ID3\x04\x00\x00\x7f\x7f\x7f\x7fTIT2\xff\xff\xff\xff" + b"\0" * 99)
    (tmp_path / "c.flac").write_bytes(b"fLaC\x04\xff\xff\xff" + b"\xff" * 200)
    assert tags.read(tmp_path / "b.mp3") == {}
    assert tags.read(tmp_path / "c.flac") == {}
    assert tags.read(tmp_path / "none.wav") == {}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits a process's memory")
def test_a_compressed_frame_cannot_fill_the_memory(tmp_path: Path) -> None:
    packer = zlib.compressobj(9)
    packed = packer.compress(b"\x03") + b"".join(packer.compress(b"a" * (1 << 20)) for _ in range(512)) + packer.flush()
    body = (513 << 20).to_bytes(4, "big") + packed  # compressed, with a data length
    size = bytes((len(body) >> shift) & 127 for shift in (21, 14, 7, 0))
    frame = b"TIT2" + size + b"\x00\x09" + body
    total = bytes((len(frame) >> shift) & 127 for shift in (21, 14, 7, 0))
    path = tone(tmp_path / "a.mp3")
    path.write_bytes(b"ID3\x04\x00\x00" + total + frame + path.read_bytes())
    assert tags.read(path) == {}


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("title", "  A   B\n", "A B"), ("title", "..", ""), ("title", "../../etc/passwd", "_.._etc_passwd"),
        ("title", "a\x00b\u202ec", "a_b_c"), ("title", 'q: "x"?', "q_ _x__"), ("tracknumber", "7/9", "7"),
        ("title", "é" * 100, "é" * 40), ("title", "e\u0301", "é"), ("title", "\ud800", "_"), ("genre", " . ", ""),
    ],
)  # fmt: skip
def test_what_a_name_cannot_hold(name: str, text: str, expected: str) -> None:
    assert tags.clean(name, text) == expected


@given(st.sampled_from(sorted(tags.NAMES)), st.text(max_size=200))
def test_a_tag_is_one_name_of_a_path_at_most(name: str, text: str) -> None:
    cleaned = tags.clean(name, text)
    assert len(cleaned.encode()) <= tags.MAX_BYTES
    assert cleaned == "" or PurePosixPath(cleaned).parts == (cleaned,)
    assert cleaned not in {".", ".."}
    assert tags.clean(name, cleaned) == cleaned
