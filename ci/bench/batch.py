"""Prints what a batch costs beside its tasks: 6 tracks x 4 presets x 2 formats, 5 seconds each.

    python ci/bench/batch.py [--workers 2] [--music FOLDER] [--keep FOLDER]

The tracks are two excerpts of each of three pieces in FOLDER (by default of Debian's package frozen-bubble-data).
throughput: the tasks' own seconds, added up and divided by the workers, over the seconds of the whole run, in which
workers and render processes also start and the tracks are analysed. gap: seconds of a worker between the end of a task
and the beginning of its next. warm start: seconds of a task in a warm render process that are neither analysis nor
drawing nor encoding: checks, loading the preset, the manifest.
Exit status 1 if the throughput is below 0.9, or a median of gap and warm start together above 60 ms.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

import soundfile

ROOT = Path(__file__).resolve().parents[2]
MUSIC = Path("/usr/share/games/frozen-bubble/snd")
PIECES = ("frozen-mainzik-1p.ogg", "frozen-mainzik-2p.ogg", "introzik.ogg")
STARTS, EXCERPT = (5, 45), 30
JOB = """\
version: 1
name: bench
audio: {source: "*.flac", start: 10, duration: 5}
encode: {speed: veryfast, threads: 1}
output: {path: "{audio.stem}-{scene.preset}-{video.height}.mp4"}
matrix:
  scene.preset: [aurora, tunnel, spectrum, scope]
  video: [{width: 640, height: 360, fps: 30}, {width: 360, height: 640, fps: 30}]
"""


def prepare(folder: Path, music: Path) -> None:
    """Cut the tracks and write the job."""
    for piece in PIECES:
        sound, rate = soundfile.read(music / piece)
        for start in STARTS:
            soundfile.write(folder / f"{Path(piece).stem}-{start}.flac", sound[start * rate :][: EXCERPT * rate], rate)
    (folder / "job.yaml").write_text(JOB)


def seconds_of(event: dict[str, Any]) -> float:
    """When an event happened."""
    return datetime.fromisoformat(event["time"]).timestamp()


def gaps(events: list[dict[str, Any]]) -> list[float]:
    """Of each worker: the seconds between the end of a task and the beginning of its next."""
    workers: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in events:
        if event["event"] in {"task_started", "task_done"}:
            workers[event["worker"]].append(event)
    found = []
    for mine in workers.values():
        ordered = sorted(mine, key=lambda event: (seconds_of(event), event["event"] == "task_started"))
        found += [
            seconds_of(after) - seconds_of(before)
            for before, after in itertools.pairwise(ordered)
            if (before["event"], after["event"]) == ("task_done", "task_started")
        ]
    return found


def warm_starts(folder: Path) -> list[float]:
    """Of each task in a warm render process: its seconds that are neither analysis nor drawing nor encoding."""
    found = []
    for path in folder.rglob("*.manifest.json"):
        record = json.loads(path.read_text())
        if record["measured"]["startup_seconds"] == 0:
            stages = [one["seconds"] for name, one in record["stages"].items() if name != "prepare"]
            found.append(record["measured"]["seconds"] - sum(stages))
    return found


def main() -> int:
    """Run the batch and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--music", type=Path, default=MUSIC)
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        prepare(folder, given.music)
        command = [sys.executable, "-m", "runner", "run", "job.yaml", "--json", "-j", str(given.workers), "--force"]
        done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
        events = [json.loads(line) for line in done.stdout.splitlines()]
        return show(events, folder, given.workers)


def show(events: list[dict[str, Any]], folder: Path, workers: int) -> int:
    """Print the figures; the exit status."""
    made = [event for event in events if event["event"] == "task_done"]
    own = sum(event["seconds"] for event in made)
    first, last = (next(one for one in events if one["event"] == name) for name in ("run_started", "run_finished"))
    wall = seconds_of(last) - seconds_of(first)
    throughput = own / workers / wall
    between, warm = gaps(events), warm_starts(folder)
    start = statistics.median(between) + statistics.median(warm)
    print(f"tasks       {len(made)} with {workers} workers in {wall:.1f} s; their own time {own:.1f} s")
    print(f"throughput  {throughput:.3f} of the ideal")
    for name, values in (("gap", between), ("warm start", warm)):
        ranked = sorted(values)
        p95 = ranked[int(len(ranked) * 0.95)]
        print(f"{name:<11} median {statistics.median(ranked) * 1e3:.1f} ms, p95 {p95 * 1e3:.1f} ms")
    return int(throughput < 0.9 or start > 0.06)


if __name__ == "__main__":
    sys.exit(main())
