"""Prints what a frame of each preset costs: milliseconds of CPU on one core, 1080p, quality balanced, post included.

    python ci/bench/presets.py [--only GLOB] [--frames 45] [--size 1920x1080] [--warm] [--json FILE]

frame     median of successive frames of the demo track, after some to warm up; at most 40 ms each
compile   seconds of CPU until the first frame, with an empty kernel cache: paid once on a machine. With --warm the
          cache is kept, and this is what loading from it costs

Each preset has a process of its own. Sorted by cost, the median over all presets last: at most 15 ms. CPU time, too,
grows on a busy machine: the last column compares with aurora, where it was measured, in the same run.
Exit status: 0 where both limits hold, 4 where not.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import drawing

FPS, AT, WARM_UP = 30, 5.0, 5
MOST_MS, MEDIAN_MS = 40.0, 15.0
REFERENCE = "aurora"


def measure(name: str, size: tuple[int, int], frames: int) -> dict[str, Any]:
    """Milliseconds a frame and seconds of compiling, of a preset, in this process."""
    timeline = drawing.analyse(drawing.DEMO, FPS)
    drawing.device()
    import engine.render  # noqa: F401 - loading Python modules is no compiling

    begin = time.process_time()
    drawn = drawing.renderer(drawing.preset.load(name, {}), timeline, *size)
    first = min(int(AT * FPS), timeline.frames - WARM_UP - frames)
    spent: list[float] = []
    for _ in drawn.frames(first, WARM_UP + frames):
        now = time.process_time()
        spent.append(now - begin)
        begin = now
    return {"preset": name, "frame": 1e3 * statistics.median(spent[WARM_UP:]), "compile": spent[0]}


def apart(name: str, given: argparse.Namespace) -> dict[str, Any]:
    """`measure` in a process of its own."""
    size = "x".join(str(one) for one in given.size)
    command = [sys.executable, __file__, "--one", name, "--size", size, "--frames", str(given.frames)]
    with tempfile.TemporaryDirectory() as folder:
        env = dict(os.environ) if given.warm else {**os.environ, "TRACKREEL_CACHE": folder}
        done = subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def table(found: Sequence[dict[str, Any]]) -> list[str]:
    """The lines of the table, dearest first."""
    reference = next((one["frame"] for one in found if one["preset"] == REFERENCE), None)
    lines = [f"{'preset':<16}{'frame':>9}{'compile':>10}{'x aurora':>10}"]
    for one in sorted(found, key=lambda one: (-one["frame"], one["preset"])):
        ratio = f"{one['frame'] / reference:.2f}" if reference else "-"
        lines.append(f"{one['preset']:<16}{one['frame']:>6.1f} ms{one['compile']:>8.1f} s{ratio:>10}")
    median = statistics.median(one["frame"] for one in found)
    return [*lines, f"{'median':<16}{median:>6.1f} ms (limit {MEDIAN_MS:g}; {MOST_MS:g} for each)"]


def broken(found: Sequence[dict[str, Any]]) -> list[str]:
    """What is above the limits, in words."""
    median = statistics.median(one["frame"] for one in found)
    over = [f"{one['preset']}: {one['frame']:.1f} ms" for one in found if one["frame"] > MOST_MS]
    return [*over, *([f"the median: {median:.1f} ms"] if median > MEDIAN_MS else [])]


def main() -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    drawing.add_choice(parser)
    drawing.add_size(parser, "1920x1080")
    parser.add_argument("--frames", type=int, default=45)
    parser.add_argument("--warm", action="store_true", help="use the kept kernel cache")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(measure(given.one, given.size, given.frames)))
        return 0
    found = []
    for name in drawing.chosen(given.only):
        found.append(apart(name, given))
        print(f"{name}: {found[-1]['frame']:.1f} ms", file=sys.stderr, flush=True)
    print("\n".join(table(found)))
    if given.json:
        given.json.write_text(json.dumps(found, indent=1) + "\n")
    over = broken(found)
    for one in over:
        print(f"above the limit: {one}")
    return 4 if over else 0


if __name__ == "__main__":
    sys.exit(main())
