"""Makes a video to check the beats by ear and eye: the track with a click mixed in on each detected beat.

    python ci/bench/click_overlay.py TRACK OUT.mp4 [--duration SECONDS]

The picture flashes on each beat, white on the first of a bar, and blinks at the bottom on each onset. The click is
higher on the first of a bar. Where clicks and music drift apart, or fall between the drums, the analysis is wrong.
Prints the tempo, how many beats and onsets there are, and how regular the beats are.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from fractions import Fraction
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine import analysis, audio, ffmpeg
from engine.timeline import Timeline

ROOT = Path(__file__).resolve().parents[2]
FPS = 60
CLICK_S = 0.03
PRESET = """\
version: 1
name: beats
description: Flashes on beats, white on a bar's first; the lower edge on onsets.
palette: ["#000000", "#b03010", "#ffffff"]
layers:
  - effect: solid
    params: {top: "0.5 + 0.5*(bar_phase < 0.249)", bottom: "0.5 + 0.5*(bar_phase < 0.249)", gain: "beat*beat"}
  - {effect: solid, blend: add, params: {top: 0, bottom: 1, gain: "0.5*onset*onset"}}
"""


def click(rate: int, hertz: float) -> NDArray[np.float64]:
    """A short decaying tone, float64 [samples], peak 0.7."""
    time = np.arange(round(CLICK_S * rate)) / rate
    tone: NDArray[np.float64] = 0.7 * np.sin(2 * np.pi * hertz * time) * np.exp(-time * 150)
    return tone


def overlay(track: Path, found: Timeline, out: Path) -> None:
    """Write the track, a little quieter, with a click on each beat."""
    info = audio.probe(track)
    sound = np.concatenate(list(audio.blocks(info))).astype(np.float64) * 0.5
    bar_phase = found.features["bar_phase"]
    for beat in found.beats.tolist():
        frame = min(round(beat * float(found.fps)), found.frames - 1)
        first = float(bar_phase[frame]) < 0.125 or float(bar_phase[frame]) > 0.875
        tone = click(info.sample_rate, 1800.0 if first else 1200.0)
        at = round(beat * info.sample_rate)
        part = sound[at : at + len(tone)]
        part += tone[: len(part), None]
    soundfile.write(str(out), np.clip(sound, -1, 1), info.sample_rate, subtype="PCM_16")


def summary(found: Timeline) -> str:
    """How many beats and onsets there are, how regular the beats are, and how many have an onset beside them."""
    counts = f"{found.samples / found.sample_rate:.1f} s, {len(found.beats)} beats, {len(found.onsets)} onsets"
    if len(found.beats) < 3 or not len(found.onsets):
        return counts
    gaps = np.diff(found.beats)
    steady = 100 * np.mean(np.abs(gaps / np.median(gaps) - 1) < 0.05)
    near = 100 * np.mean([np.abs(found.onsets - beat).min() < 0.04 for beat in found.beats])
    return (
        f"{counts}; median tempo {60 / np.median(gaps):.1f} bpm, {steady:.0f} % of the gaps within 5 % of it,"
        f" {near:.0f} % of the beats within 40 ms of an onset"
    )


def main() -> int:
    """Analyse the track, mix in the clicks, render."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("track", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--duration", help="seconds of the video (the analysis always takes the whole track)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = analysis.analyse(given.track, Fraction(FPS), folder / "timeline")
        (folder / "beats.yaml").write_text(PRESET)
        overlay(given.track, found, folder / "clicks.wav")
        # The picture follows the plain track: the clicks must not help the analysis.
        silent, sound = folder / "silent.mp4", folder / "clicks.wav"
        cut = ["--duration", given.duration] if given.duration else []
        words = [
            "export",
            "--audio",
            given.track,
            "--out",
            silent,
            "--preset",
            folder / "beats.yaml",
            "--quality",
            "fast",
        ]
        words += ["--width", "320", "--height", "180", "--fps", FPS, "--audio-codec", "none", *cut]
        made = subprocess.run([sys.executable, "-m", "runner", *map(str, words)], cwd=ROOT, check=False)
        if made.returncode:
            return made.returncode
        mux(silent, sound, given.out)
    print(f"{given.track.name}: {summary(found)}")
    return 0


def mux(video: Path, sound: Path, out: Path) -> None:
    """Put the sound beside the video, which stays as it is."""
    words = [ffmpeg.find(), "-v", "error", "-y", "-i", video, "-i", sound, "-map", "0:v", "-map", "1:a"]
    words += ["-c:v", "copy", "-c:a", "aac", "-b:a", "192k", "-shortest", out]
    subprocess.run([str(one) for one in words], check=True)


if __name__ == "__main__":
    sys.exit(main())
