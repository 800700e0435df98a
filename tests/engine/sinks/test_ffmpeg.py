from __future__ import annotations

import hashlib
import subprocess
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from engine.ffmpeg import find
from engine.scene import Canvas
from engine.sinks.codecs import CONTAINERS, VIDEO
from engine.sinks.ffmpeg import EncodeSettings, FfmpegSink, count_frames
from tests.engine.sinks.video import CANVAS, RATE, encode, frames, look, pictures, samples, write_sound

PAIRS = [
    (codec, container.audio[index % len(container.audio)], suffix)
    for suffix, container in CONTAINERS.items()
    for index, codec in enumerate(container.video)
]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sound(tmp_path_factory.mktemp("sound") / "tone.wav", 1.0)


@pytest.mark.parametrize(("codec", "audio_codec", "suffix"), PAIRS)
def test_every_codec_in_every_container_that_carries_it(
    tmp_path: Path, sound: Path, codec: str, audio_codec: str, suffix: str
) -> None:
    out = tmp_path / f"video{suffix}"
    result = encode(out, frames(8), sound, codec=codec, audio_codec=audio_codec)
    seen = look(out)
    assert (seen.video, seen.audio, seen.frames, result.frames) == (1, 1, 8, 8)
    assert seen.tags == (1, 1, 1, 1)  # BT.709 primaries, transfer and matrix; limited range
    assert seen.pixel_format == VIDEO[codec].pixel_format
    assert seen.rate == 30
    assert abs(seen.audio_end - seen.video_start - 8 / 30) <= 1 / 30
    assert result.bytes == out.stat().st_size
    assert [one.name for one in tmp_path.iterdir()] == [out.name]
    if codec == "hevc" and suffix in {".mp4", ".mov"}:
        assert seen.codec_tag == "hvc1"


@pytest.mark.parametrize(
    ("audio_codec", "suffix"),
    [("aac", ".mp4"), ("opus", ".mp4"), ("pcm", ".mov"), ("opus", ".mkv"), ("aac", ".mkv")],
)
@pytest.mark.parametrize("source", ["click.wav", "click.flac", "click.mp3"])
def test_the_click_stays_on_its_frame(tmp_path: Path, audio_codec: str, suffix: str, source: str) -> None:
    first, flash = 17, 9
    canvas = Canvas(64, 36, Fraction(30000, 1001))
    sound = write_sound(tmp_path / source, 2.0, clicks=(float((first + flash) / canvas.fps) + 0.002,))
    shown = [np.full((36, 64, 4), 255 if index == flash else 16, np.uint8) for index in range(16)]
    out = tmp_path / f"click{suffix}"
    encode(out, shown, sound, first=first, canvas=canvas, audio_codec=audio_codec)
    times, seen = pictures(out)
    bright = int(np.argmax([one.mean() for one in seen]))
    start, wave = samples(out)
    click = start + int(np.argmax(np.abs(wave) > 0.4)) / RATE
    assert bright == flash
    assert times[bright] - 0.001 <= click <= times[bright] + float(1 / canvas.fps)


def test_the_excerpt_is_exact_to_the_sample(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    noise = rng.integers(-20000, 20000, (RATE, 2), dtype=np.int16)
    soundfile.write(tmp_path / "noise.wav", noise, RATE)
    canvas = Canvas(64, 36, Fraction(24000, 1001))
    out = tmp_path / "noise.mov"
    encode(out, frames(10, canvas), tmp_path / "noise.wav", first=5, canvas=canvas, audio_codec="pcm")
    begin, end = (round(float(index / canvas.fps) * RATE) for index in (5, 15))
    start, wave = samples(out)
    assert start == 0
    assert len(wave) == end - begin
    assert np.array_equal(np.round(wave * 32768).astype(np.int64), noise[begin:end, 0])


@pytest.mark.parametrize("first", [0, 20, 60])
def test_short_audio_is_padded_and_cuts_no_frame(tmp_path: Path, sound: Path, first: int) -> None:
    out = tmp_path / "short.mp4"
    encode(out, frames(24), sound, first=first)
    seen = look(out)
    assert seen.frames == 24
    assert abs(seen.audio_end - 24 / 30) <= 1 / 30


@pytest.mark.parametrize("source", ["tone.mp3", "tone.flac", "tone.wav"])
@pytest.mark.parametrize("junk", [b"\0" * 5000, b"TAG" + b"\0" * 125, b"LYRICSBEGIN not sound LYRICS200" * 9])
def test_junk_behind_the_music_fails_no_export(tmp_path: Path, source: str, junk: bytes) -> None:
    sound = write_sound(tmp_path / source, 1.0)
    sound.write_bytes(sound.read_bytes() + junk)
    encode(tmp_path / "v.mp4", frames(30), sound)
    seen = look(tmp_path / "v.mp4")
    assert (seen.frames, seen.audio) == (30, 1)
    assert abs(seen.audio_end - 1.0) <= 1 / 30


def test_a_wav_from_a_pipe_has_no_size_and_is_fine(tmp_path: Path) -> None:
    sound = write_sound(tmp_path / "piped.wav", 1.0)
    data = bytearray(sound.read_bytes())
    place = data.index(b"data") + 4
    data[4:8] = data[place : place + 4] = b"\xff\xff\xff\xff"
    sound.write_bytes(data)
    encode(tmp_path / "v.mov", frames(30), sound, audio_codec="pcm")
    _, wave = samples(tmp_path / "v.mov")
    assert len(wave) == RATE
    assert np.abs(wave[-400:]).max() > 0.04  # to its end, not padded


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5, 6, 7, 8])
@pytest.mark.parametrize("audio_codec", ["aac", "opus"])
def test_audio_of_any_channel_count(tmp_path: Path, channels: int, audio_codec: str) -> None:
    sound = write_sound(tmp_path / "many.wav", 0.3, channels=channels)
    encode(tmp_path / "many.mp4", frames(6), sound, audio_codec=audio_codec)
    assert look(tmp_path / "many.mp4").audio == 1


@pytest.mark.parametrize(("source", "suffix"), [("tone.mp3", ".mp4"), ("tone.flac", ".mkv")])
@pytest.mark.parametrize("first", [0, 16])
def test_copy_keeps_the_source_codec_and_the_length_within_a_packet(
    tmp_path: Path, source: str, suffix: str, first: int
) -> None:
    sound = write_sound(tmp_path / source, 2.0)
    out = tmp_path / f"copy{suffix}"
    encode(out, frames(30), sound, first=first, audio_codec="copy")
    seen = look(out)
    assert (seen.frames, seen.video_start) == (30, 0)
    assert abs(seen.audio_end - 1.0) <= 4608 / RATE  # the largest packets of these two codecs
    with av.open(str(out)) as file:
        assert file.streams.audio[0].codec_context.name.startswith(sound.suffix[1:])


COPIES = sorted({(codec, suffix) for suffix, one in CONTAINERS.items() for codec in one.copies if suffix != ".m4v"})


@pytest.mark.parametrize(("codec", "suffix"), COPIES)
def test_every_source_codec_that_the_table_lets_copy(tmp_path: Path, sound: Path, codec: str, suffix: str) -> None:
    encoder = {"mp3": "libmp3lame", "opus": "libopus", "vorbis": "libvorbis", "dts": "dca"}.get(codec, codec)
    source = tmp_path / ("source.aiff" if codec.endswith("be") else "source.mkv")
    convert = [str(find()), "-v", "error", "-i", str(sound), "-c:a", encoder, "-strict", "-2", "-y", str(source)]
    subprocess.run(convert, check=True)
    out = tmp_path / f"copy{suffix}"
    encode(out, frames(6), source, audio_codec="copy", codec=CONTAINERS[suffix].video[0])
    with av.open(str(out)) as file:
        assert file.streams.audio[0].codec.canonical_name == codec
        assert sum(packet.size for packet in file.demux(file.streams.audio[0])) > 0


def test_no_audio_stream_without_audio(tmp_path: Path, sound: Path) -> None:
    encode(tmp_path / "a.mp4", frames(4), None)
    encode(tmp_path / "b.mp4", frames(4), sound, audio_codec="none")
    assert [look(tmp_path / name).audio for name in ("a.mp4", "b.mp4")] == [0, 0]


@pytest.mark.parametrize("codec", ["h264", "hevc", "prores"])
def test_decoded_colours_are_those_of_the_test_card(tmp_path: Path, codec: str) -> None:
    canvas = Canvas(128, 96, Fraction(30))
    codes = "ffffff 000000 808080 ff0000 00ff00 0000ff ffc800 0c2238 c81eb4 3cdcc8 fa8072 5a3c14"
    colours = np.array([list(bytes.fromhex(one)) for one in codes.split()], np.uint8)
    card = np.full((96, 128, 4), 255, np.uint8)
    for index, colour in enumerate(colours):
        y, x = divmod(index, 4)
        card[y * 32 : y * 32 + 32, x * 32 : x * 32 + 32, :3] = colour
    card[..., 3] = 128  # alpha means nothing here
    out = tmp_path / ("card.mov" if codec == "prores" else "card.mp4")
    encode(out, [card] * 3, None, canvas=canvas, codec=codec, crf=1, speed="medium")
    # Decoded with swscale's accurate paths: its quick ones are off by up to 2 by themselves.
    raw = subprocess.run(
        [str(find()), "-v", "error", "-i", str(out), "-vf", "scale=flags=accurate_rnd+full_chroma_int+full_chroma_inp",
         "-pix_fmt", "rgb24", "-f", "rawvideo", "-"], capture_output=True, check=True,
    ).stdout  # fmt: skip
    seen = np.frombuffer(raw, np.uint8).reshape(-1, 96, 128, 3)
    worst = 0
    for index, colour in enumerate(colours):
        y, x = divmod(index, 4)
        patch = seen[:, y * 32 + 8 : y * 32 + 24, x * 32 + 8 : x * 32 + 24]
        worst = max(worst, int(np.abs(patch.astype(int) - colour.astype(int)).max()))
    assert worst <= 2


@pytest.mark.parametrize("codec", list(VIDEO))
def test_the_same_frames_make_the_same_bytes(tmp_path: Path, sound: Path, codec: str) -> None:
    # Matroska too: its segment has a random name unless told otherwise.
    suffix, audio = {"prores": (".mov", "pcm"), "vp9": (".mkv", "opus")}.get(codec, (".mp4", "aac"))
    seen = set()
    for run in range(2):
        out = tmp_path / f"run{run}{suffix}"
        encode(out, frames(10), sound, codec=codec, audio_codec=audio, threads=3, speed="veryfast")
        seen.add(hashlib.sha256(out.read_bytes()).hexdigest())
    assert len(seen) == 1


def test_frames_are_counted_as_packets(tmp_path: Path) -> None:
    for suffix in (".mp4", ".mkv"):
        encode(tmp_path / f"c{suffix}", frames(11), None)
        assert count_frames(find(), tmp_path / f"c{suffix}") == 11


NAMES = [
    "-dash.mp4",
    "per%cent %03d.mp4",
    "new\nline.mp4",
    "Überraschung 音楽.mp4",
    "co:lon.mp4",
    'quo\'te "x".mp4',
    "a|b$(x).mp4",
    "x" * 251 + ".mp4",
    "concat:a.mp4",
]


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_any_name_is_just_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    sound = write_sound(tmp_path / "tone.wav", 0.2).rename(Path(name).with_suffix(".wav"))
    assert encode(Path(name), frames(3), sound).frames == 3
    assert {one.name for one in tmp_path.iterdir()} == {name, sound.name}
    assert look(tmp_path / name).frames == 3


def test_a_ring_of_four_buffers_is_enough(tmp_path: Path) -> None:
    canvas = Canvas(320, 180, Fraction(30))
    wanted = frames(24, canvas)
    ring = np.zeros((4, 180, 320, 4), np.uint8)
    out, reference = tmp_path / "ring.mp4", tmp_path / "plain.mp4"
    settings = EncodeSettings(threads=1, speed="ultrafast")
    sink = FfmpegSink(find(), settings, canvas, None, 0, 24, out)
    for index, frame in enumerate(wanted):
        ring[index % 4] = frame
        sink.write(ring[index % 4])
    sink.finish()
    encode(reference, wanted, None, canvas=canvas)
    assert out.read_bytes() == reference.read_bytes()


def test_a_wrong_frame_is_the_callers_mistake(tmp_path: Path) -> None:
    sink = FfmpegSink(find(), EncodeSettings(threads=1), CANVAS, None, 0, 1, tmp_path / "w.mp4")
    with pytest.raises(ValueError, match="contiguous uint8"):
        sink.write(np.zeros((36, 64, 3), np.uint8))
    sink.write(frames(1)[0])
    with pytest.raises(ValueError, match="more than the 1 frames"):
        sink.write(frames(1)[0])
    sink.abort()
    assert not list(tmp_path.iterdir())
