"""Draws every preset at odd and extreme sizes and looks for faults of a size: errors, blackness, seams.

    python ci/bench/sizes.py [--only GLOB] [--size WIDTHxHEIGHT]... [--json FILE]

light   mean level of a frame of the demo track, of 255 of luma; at least 4
detail  standard deviation of its pixels' levels; at least 2: a frame of one colour is no picture
seam    how much stronger edges are where strips and blocks of the drawing passes meet (every 8, 16, 32 pixels to the
        right, every 4, 8, 32 downwards) than half-way between: the ratio of the medians, over such places, of how far a
        step between two neighbouring columns (rows) departs from the steps beside it. Where such borders show in two
        sizes or more, of the same period, with a ratio above 2, that is a fault: one alone may be a picture's pattern

Exit status: 0 where all is well, 4 where not.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import drawing
import measures
import numpy as np

SIZES = ("640x360", "360x640", "360x360", "840x360", "64x64", "322x181", "97x203", "3840x2160")
FPS, AT = 30, 7.5
LIGHT, DETAIL, SEAM = 4.0, 2.0, 2.0
PERIODS = {"columns": (8, 16, 32), "rows": (4, 8, 32)}
LEAST_BORDERS, LEAST_STEP = 4, 0.05
"""Fewer borders say nothing; steps below this many levels nobody sees."""


def steps(image: measures.Image) -> measures.Array:
    """Of each border between two columns: the mean over rows of how far its step departs from those beside it."""
    step = np.diff(image.astype(float), axis=1)
    apart = np.abs(step[:, 1:-1] - 0.5 * (step[:, :-2] + step[:, 2:])).mean(axis=0)
    return np.concatenate(([0.0], apart, [0.0]))


def seam(image: measures.Image, period: int) -> float:
    """The ratio of the medians of `steps` over the borders at multiples of `period` and half-way between them.

    Not over all others: what is drawn at half size has steps at every second border by nature.
    """
    found = steps(image)
    place = np.arange(1, len(found) + 1)  # the border before column `place`
    inside = (place > 1) & (place < len(found))
    border, between = (found[inside & (place % period == one)] for one in (0, period // 2))
    if min(len(border), len(between)) < LEAST_BORDERS:
        return 1.0
    return float((np.median(border) + LEAST_STEP) / (np.median(between) + LEAST_STEP))


def examine(frame: Any) -> dict[str, Any]:
    """The figures of a frame."""
    image = measures.luma(frame)
    ways = {"columns": image, "rows": image.T}
    seams = {f"{way} {one}": seam(ways[way], one) for way, periods in PERIODS.items() for one in periods}
    return {"light": float(image.mean()), "detail": float(image.std()), "seams": seams}


def faults(found: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What is wrong with a preset, from the figures of each size."""
    said = []
    borders: Counter[str] = Counter()
    for size, one in found.items():
        if one["light"] < LIGHT or one["detail"] < DETAIL:
            said.append(f"{size}: light {one['light']:.1f}, detail {one['detail']:.1f}")
        borders.update(name for name, ratio in one["seams"].items() if ratio > SEAM)
    for name, count in borders.items():
        if count > 1:
            worst = max(found, key=lambda size: found[size]["seams"][name])
            said.append(f"seams every {name}, in {count} sizes: {found[worst]['seams'][name]:.1f} at {worst}")
    return said


def main() -> int:
    """Draw, print a line a preset, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    drawing.add_choice(parser)
    parser.add_argument("--size", action="append", metavar="WIDTHxHEIGHT", help="this size (again for more)")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    timeline = drawing.analyse(drawing.DEMO, FPS)
    frame = int(AT * FPS)
    record, wrong = {}, 0
    for name in drawing.chosen(given.only):
        scene = drawing.still(drawing.preset.load(name, {}))
        found = {}
        for size in given.size or SIZES:
            drawn = drawing.renderer(scene, timeline, *drawing.size_of(size)).frame(frame, frame)
            found[size] = examine(drawn)
        record[name] = found
        said = faults(found)
        wrong += bool(said)
        light = min(one["light"] for one in found.values())
        worst = max(max(one["seams"].values()) for one in found.values())
        print(f"{name:<16} light {light:5.1f}  seam {worst:4.2f}  {'; '.join(said) or 'good'}", flush=True)
    if given.json:
        given.json.write_text(json.dumps(record, indent=1) + "\n")
    return 4 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
