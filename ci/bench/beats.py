"""Prints F-measures of onsets and beats on synthesised drum loops, counted by mir_eval with its default windows.

    python ci/bench/beats.py [--all]

Exit status 1 if any loop is below 0.95. `--all` tries every pattern at every tempo (a few minutes) instead of a
selection.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import mir_eval
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine import audio
from engine.analysis import beats, chunks, onsets
from tests import sounds

GOAL = 0.95
SWINGS = (0.5, 0.58, 0.667)
CHANGES = ((100, 130), (150, 90), (70, 85), (120, 180), (128, 140), (180, 90))


def cases(*, every: bool) -> Iterator[dict[str, object]]:
    """Arguments of `sounds.drum_loop`."""
    patterns = list(sounds.PATTERNS)
    for place, bpm in enumerate(range(70, 181, 5)):
        for number, pattern in enumerate(patterns):
            if every or (place + number) % 3 == 0:
                yield {"bpm": bpm, "pattern": pattern, "swing": SWINGS[(place + number) % 3], "seed": place}
    for place, (before, after) in enumerate(CHANGES):
        for number, pattern in enumerate(patterns):
            if every or (place + number) % 3 == 0:
                yield {"bpm": before, "change": after, "pattern": pattern, "seconds": 40.0}


def score(case: dict[str, object], folder: Path) -> tuple[float, float, float]:
    """(beat F-measure, onset F-measure, found tempo)."""
    loop = sounds.drum_loop(**case)  # type: ignore[arg-type]
    info = audio.probe(sounds.write(folder / "loop.wav", loop.sound))
    detector = onsets.Detector(info.sample_rate, info.samples)
    for chunk in chunks.read(info):
        detector.add(chunk)
    strength = detector.strength()
    times = onsets.refine(onsets.pick(strength.total), detector)
    found = beats.track(strength, times)
    trim = mir_eval.beat.trim_beats
    beat = mir_eval.beat.f_measure(trim(np.array(loop.beats)), trim(found.times))
    onset, _, _ = mir_eval.onset.f_measure(np.array(loop.onsets), times)
    return float(beat), float(onset), found.tempo


def main() -> int:
    """Print a line a loop, then means and what is below the goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="every pattern at every tempo")
    every = parser.parse_args().all
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for case in cases(every=every):
            beat, onset, tempo = score(case, Path(folder))
            results.append((beat, onset))
            mark = "" if min(beat, onset) >= GOAL else "  <-- below the goal"
            print(f"{case!s:80} beats {beat:.3f}  onsets {onset:.3f}  {tempo:6.1f} bpm{mark}", flush=True)
    table = np.array(results)
    below = (table < GOAL).sum(axis=0)
    print(f"{len(table)} loops: mean F beats {table[:, 0].mean():.4f}, onsets {table[:, 1].mean():.4f}")
    print(f"below {GOAL}: beats {below[0]}, onsets {below[1]}")
    return int(below.any())


if __name__ == "__main__":
    sys.exit(main())
