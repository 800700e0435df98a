"""Prints the peak memory of trackreel's own processes, ffmpeg apart, in 720p exports of a short and of a long track.

    python ci/bench/memory.py [--audio TRACK] [--preset NAME] [--seconds 600] [--frames 1800] [--fps 30 60]

Two exports for each rate: of 10 seconds, and of a track that repeats TRACK (by default jobs/assets/demo.wav) for
`--seconds`, killed after `--frames`: the analysis is whole then, and the rest is more of the same. Sampled every 50 ms:
the sum of RSS, which counts libraries that both processes map twice, and of anonymous memory, which counts no files.
(PSS would depend on what else runs on the machine.) Exit status 1 if RSS is above 450 MB, or differs by more than 15 %
between the tracks. Linux alone.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 450e6
SPREAD = 1.15
PERIOD_S = 0.05
JOB = """\
version: 1
name: memory
audio: {{source: {audio}}}
video: {{width: 1280, height: 720, fps: {fps}}}
scene: {{preset: {preset}}}
encode: {{speed: ultrafast, audio_codec: none}}
output: {{path: memory.mp4, overwrite: true}}
"""


@dataclass
class Peaks:
    """The largest sums seen, in bytes, and what each process had at the largest RSS."""

    rss: int = 0
    anonymous: int = 0
    parts: dict[str, int] = field(default_factory=dict)


def family(pid: int) -> list[int]:
    """A process and all its descendants."""
    found = [pid]
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += family(int(child))
    return found


def sample(pid: int, peaks: Peaks) -> None:
    """Add one sample of the family to the peaks."""
    anonymous, parts = 0, {}
    for one in family(pid):
        with contextlib.suppress(OSError, KeyError):
            words = Path(f"/proc/{one}/cmdline").read_bytes().split(b"\0")
            if "ffmpeg" in Path(os.fsdecode(words[0])).name:
                continue
            sizes = dict(line.split()[:2] for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()[1:])
            name = "renderer" if b"runner.renderer_process" in words else "runner"
            parts[name] = parts.get(name, 0) + int(sizes["Rss:"]) * 1024
            anonymous += int(sizes["Anonymous:"]) * 1024
    peaks.anonymous = max(peaks.anonymous, anonymous)
    if sum(parts.values()) > peaks.rss:
        peaks.rss, peaks.parts = sum(parts.values()), parts


def watch(pid: int, peaks: Peaks, done: threading.Event) -> None:
    """Sample until `done`."""
    while not done.wait(PERIOD_S):
        sample(pid, peaks)


def measure(folder: Path, audio: Path, fps: int, preset: str, frames: int) -> Peaks:
    """The peaks of one export, stopped after `frames`."""
    (folder / "job.yaml").write_text(JOB.format(audio=json.dumps(str(audio)), fps=fps, preset=preset))
    words = [sys.executable, "-m", "runner", "run", "job.yaml", "--force", "--json"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    peaks, over = Peaks(), threading.Event()
    with subprocess.Popen(words, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True) as process:
        watcher = threading.Thread(target=watch, args=(process.pid, peaks, over))
        watcher.start()
        for line in process.stdout or ():
            event = json.loads(line)
            if event["event"] == "progress" and event["stage"] == "render" and event["done"] >= frames:
                process.kill()  # the renderer notices, removes what it wrote and ends
                break
        over.set()
        watcher.join()
    return peaks


def repeat(source: Path, out: Path, seconds: float) -> Path:
    """The first `seconds` of the track, again and again, as 16-bit WAV."""
    data, rate = soundfile.read(str(source), dtype="int16", always_2d=True)
    left = round(seconds * rate)
    with soundfile.SoundFile(str(out), "w", rate, data.shape[1], "PCM_16") as file:
        while left > 0:
            part: np.ndarray = data[:left]
            file.write(part)
            left -= len(part)
    return out


def main() -> int:
    """Measure and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--audio", type=Path, default=ROOT / "jobs/assets/demo.wav")
    parser.add_argument("--preset", default="aurora")
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--frames", type=int, default=1800)
    parser.add_argument("--fps", type=int, nargs="+", default=[30, 60])
    given = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for fps in given.fps:
            found = []
            for seconds in (10.0, given.seconds):
                begin = time.monotonic()
                track = repeat(given.audio.resolve(), folder / "track.wav", seconds)
                peaks = measure(folder, track, fps, given.preset, given.frames)
                found.append(peaks.rss)
                parts = ", ".join(f"{one} {size / 1e6:.0f}" for one, size in sorted(peaks.parts.items()))
                label = f"{given.preset} 720p{fps} of {seconds:g} s"
                print(
                    f"{label}: RSS {peaks.rss / 1e6:.0f} MB ({parts}), anonymous {peaks.anonymous / 1e6:.0f} MB;"
                    f" {time.monotonic() - begin:.0f} s",
                    flush=True,
                )
            wrong += max(found) > LIMIT or max(found) > SPREAD * min(found)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
