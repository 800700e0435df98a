"""What a stranger would check on finished videos: lengths, streams, colours, and that picture and sound agree."""

from __future__ import annotations

import hashlib
import itertools
import math
import subprocess
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine import audio
from engine.ffmpeg import find
from tests import sounds
from tests.engine.sinks.video import RATE, look, pictures, samples
from tests.kinds import KINDS
from tests.trackreel import run

FLASH = """\
version: 1
name: flash
description: White on every onset.
palette: ["#000000", "#ffffff"]
layers:
  - {effect: solid, params: {top: 1, bottom: 1, gain: "onset"}}
"""
LENGTH = 1.37
SECONDS = 3.2
NTSC = "30000/1001"


def render(folder: Path, job: str, *words: str) -> Path:
    """Run a job; the folder with its outputs."""
    (folder / "job.yaml").write_text("version: 1\nname: j\n" + job)
    done = run("run", "job.yaml", "-q", "--force", *words, cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "out"


def convert(source: Path, out: Path, *words: str) -> Path:
    subprocess.run([str(find()), "-v", "error", "-y", "-i", str(source), *words, str(out)], check=True)
    return out


# ------------------------------------------------------------------------------------------------- lengths and streams
@pytest.fixture(scope="module")
def tracks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of short tracks: every kind of file, several rates, mono and stereo."""
    folder = tmp_path_factory.mktemp("tracks")
    for name, rate, channels in (("a.wav", 44100, 2), ("b.flac", 48000, 2), ("c.ogg", 44100, 2), ("d.mp3", 44100, 2),
                                 ("e.wav", 22050, 1), ("f.flac", 48000, 1)):  # fmt: skip
        tone = sounds.sine(330.0, LENGTH, rate=rate)
        sounds.write(folder / name, np.stack([tone] * channels, axis=1), rate)
    convert(folder / "a.wav", folder / "g.m4a")
    (folder / "flash.yaml").write_text(FLASH)
    return folder


@pytest.mark.parametrize(("cut", "rates"), [("", ["30", NTSC]), (", start: 0.5, duration: 0.61", [NTSC])])
def test_any_track_gives_the_exact_frames_and_streams(tracks: Path, cut: str, rates: list[str]) -> None:
    out = render(tracks, f"""
audio: {{source: "?.*"{cut}}}
video: {{width: 64, height: 36}}
scene: {{preset: ./flash.yaml}}
encode: {{speed: ultrafast}}
output: {{path: "{{audio.stem}}-{{video.fps}}.mp4", overwrite: true}}
matrix: {{video.fps: {rates}}}
""")  # fmt: skip
    sources = sorted(tracks.glob("?.*"))
    assert len(sources) == 7
    for source in sources:
        for fps in map(Fraction, rates):
            length = Fraction("0.61") if cut else audio.probe(source).duration
            wanted = math.floor(length * fps + Fraction(1, 2))
            (path,) = (one for one in out.glob(f"{source.stem}-{str(fps).replace('/', '*')}.mp4"))
            seen = look(path)
            assert (seen.video, seen.audio) == (1, 1)
            assert seen.frames == wanted, path
            assert seen.rate == fps
            assert abs(seen.audio_end - wanted / fps) <= 1 / fps
            assert seen.video_start == 0
            assert seen.tags == (1, 1, 1, 1)


# ----------------------------------------------------------------------------------------------------------- A/V sync
@pytest.fixture(scope="module")
def clicks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clicks")
    (folder / "flash.yaml").write_text(FLASH)
    return folder


def click_times(fps: Fraction) -> list[float]:
    """On a frame's very start, within a frame, and just before the next one."""
    frame = float(1 / fps)
    early = [20, 20 + round(0.6 * float(fps)), 20 + round(1.2 * float(fps))]
    return [early[0] * frame, (early[1] + 0.5) * frame, (early[2] + 1) * frame - 0.002]


def click_starts(path: Path) -> list[float]:
    """Seconds at which the audio of a video becomes loud after 50 ms of silence."""
    start, wave = samples(path)
    loud = np.flatnonzero(np.abs(wave) > 0.4)
    first = loud[np.concatenate(([True], np.diff(loud) > 0.05 * RATE))]
    return [start + int(one) / RATE for one in first]


@pytest.mark.parametrize("fps", ["24", "30", "60", NTSC])
def test_the_flash_is_on_the_frame_of_its_click(clicks: Path, fps: str) -> None:
    rate = Fraction(fps)
    times = click_times(rate)
    sounds.write(clicks / "clicks.wav", sounds.click_track(times, SECONDS))
    out = render(clicks, f"""
audio: {{source: clicks.wav}}
video: {{width: 64, height: 36, fps: "{fps}"}}
scene: {{preset: ./flash.yaml}}
encode: {{speed: ultrafast}}
output: {{path: "flash.mp4", overwrite: true}}
""")  # fmt: skip
    shown, images = pictures(out / "flash.mp4")
    light = np.array([one.mean() for one in images])
    flashes = np.flatnonzero(np.diff(light, prepend=0.0) > 60)
    heard = click_starts(out / "flash.mp4")
    assert len(heard) == len(flashes) == 3
    for flash, sound, time in zip(flashes, heard, times, strict=True):
        assert light[flash] > 200
        # What is heard is a sample or two late where the codec smears the click's start.
        assert abs(sound - time) < 0.0005
        assert shown[flash] - 0.0001 <= time < shown[flash] + float(1 / rate) - 0.0001


@pytest.fixture(scope="module")
def beating(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Presets on a kick drum at 120 bpm, an excerpt from 1.7 s: a beat on frames 9, 24 and 39."""
    folder = tmp_path_factory.mktemp("beating")
    time = np.arange(round(0.25 * RATE)) / RATE
    kick = np.sin(2 * np.pi * (55 * time - 3 * np.exp(-time * 40))) * np.exp(-time * 18) * 0.9
    track = sounds.silence(4.0)
    for beat in range(1, 8):
        track[round(beat * 0.5 * RATE) :][: len(kick)] += kick
    sounds.write(folder / "kick.wav", track)
    return render(folder, f"""
audio: {{source: kick.wav, start: 1.7, duration: 1.6}}
video: {{width: 96, height: 54, fps: 30}}
encode: {{speed: ultrafast, crf: 8}}
output: {{path: "{{scene.preset}}.mp4", overwrite: true}}
matrix: {{scene.preset: [{", ".join(KINDS)}]}}
""")  # fmt: skip


@pytest.mark.parametrize("name", KINDS)
def test_presets_with_a_beat_move_on_its_very_frame(beating: Path, name: str) -> None:
    _, images = pictures(beating / f"{name}.mp4")
    assert len(images) == 48
    change = np.abs(np.diff(np.stack(images).astype(np.float64), axis=0, prepend=images[0][None])).mean(axis=(1, 2, 3))
    for frame in (9, 24, 39):
        calm, jump = change[frame - 3 : frame].max(), change[frame]
        assert jump > 1.15 * calm, (frame, np.round(change, 2))
        # Feedback and the kick's own wave go on growing: their largest step may be the one after.
        assert int(np.argmax(change[frame - 5 : frame + 6])) - 5 in ((0, 1) if name in {"warp", "scope"} else (0,))


# ------------------------------------------------------------------------------------------------------------ colours
TONES = 12
CARD = """\
version: 1
name: card
description: Another tone of the palette on each frame.
palette: ["#0c2238", "#c81eb4", "#fa8072", "#5a3c14", "#3cdcc8", "#ffc800", "#1030e0", "#ffffff"]
layers:
  - {effect: solid, params: {top: "t*30/11", bottom: "t*30/11"}}
post: {dither: {strength: 0}}
"""


def decoded(path: Path, width: int, height: int) -> np.ndarray:
    """RGB frames by swscale's accurate paths: its quick ones are off by up to 2 by themselves."""
    exact = "scale=flags=accurate_rnd+full_chroma_int+full_chroma_inp"
    words = [str(find()), "-v", "error", "-i", str(path), "-vf", exact, "-pix_fmt", "rgb24", "-f", "rawvideo", "-"]
    raw = subprocess.run(words, capture_output=True, check=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, height, width, 3)


def test_colours_that_the_engine_drew_come_back(tmp_path: Path) -> None:
    sounds.write(tmp_path / "tone.wav", sounds.sine(220, 1.0))
    (tmp_path / "card.yaml").write_text(CARD)
    out = render(tmp_path, f"""
audio: {{source: tone.wav, duration: {TONES / 30}}}
video: {{width: 64, height: 36, fps: 30}}
scene: {{preset: ./card.yaml}}
output: {{path: card.mp4, framemd5: true}}
""")  # fmt: skip
    drawn = [line.split()[-1] for line in (out / "card.framemd5").read_text().splitlines() if line[0] != "#"]
    images = decoded(out / "card.mp4", 64, 36)
    assert len(drawn) == len(set(drawn)) == len(images) == TONES
    near = list(itertools.product(range(-2, 3), repeat=3))
    for wanted, image in zip(drawn, images, strict=True):
        middle = np.median(image.reshape(-1, 3), axis=0).astype(int)
        assert np.abs(image - middle).max() <= 1
        # The hash tells which of the colours within 2 of the decoded one was drawn.
        assert any(_flat_md5(middle + one) == wanted for one in near), middle


def test_a_picture_survives_the_encoder(tmp_path: Path) -> None:
    loop = sounds.drum_loop(120, 2.0).sound
    sounds.write(tmp_path / "loop.wav", loop)
    size = ("--width", "320", "--height", "180", "--fps", "30")
    for words in (("still", "--at", "0.5", "--out", "s.png"), ("export", "--duration", "0.6", "--out", "v.mp4")):
        done = run(*words, "--audio", "loop.wav", "--preset", "aurora", *size, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    with Image.open(tmp_path / "s.png") as image:
        drawn = np.asarray(image.convert("RGB")).astype(int)
    off = np.abs(decoded(tmp_path / "v.mp4", 320, 180)[15].astype(int) - drawn)
    # Half of the colour's resolution is gone and crf 20 smooths the dither: 2.1 and 10 as measured.
    assert off.mean() < 3
    assert np.percentile(off, 99) <= 14


def _flat_md5(colour: np.ndarray) -> str:
    frame = np.full((36, 64, 4), 255, np.uint8)
    frame[..., :3] = np.clip(colour, 0, 255)
    return hashlib.md5(frame.tobytes()).hexdigest()
