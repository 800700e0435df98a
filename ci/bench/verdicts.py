"""What ci/bench/looks.py asks of a preset: figures of an excerpt and their limits, which its docstring explains."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import measures
import numpy as np

STILL, PLAYING_LUFS = 0.02, -50.0
DARK, WHITE = 4.0, 225.0
LEAST_FLICKER, LEAST_VARIED = 0.25, 0.02
LIMITS = {
    "frozen": (0.0, 1.0), "dark": (0.0, 0.0), "white": (0.0, 0.0), "flicker": (0.0, 0.25), "motion": (0.0, 24.0),
    "follows": (0.2, 1.0), "hush light": (DARK, WHITE), "hush drift": (0.05, 255.0), "hush motion": (0.0, 0.9),
    "flash": (0.0, 3.0), "red": (0.0, 3.0),
}  # fmt: skip
SSIM = {False: 0.97, True: 0.9}
"""The least, without and with memory."""


@dataclass
class Look:
    """The figures of a preset on a track, and what falls short."""

    preset: str
    track: str
    figures: dict[str, float] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    def judge(self, *, memory: bool, flashes: bool) -> None:
        """Fill `failed`; flashes: the description says that it does."""
        limits = {**LIMITS, "ssim": (SSIM[memory], 1.0)}
        if flashes:
            del limits["flash"], limits["red"]
        for name, (low, high) in limits.items():
            value = self.figures[name]
            if not (math.isnan(value) or low <= value <= high):
                self.failed.append(f"{name} {value:.3g}, not {low:g} to {high:g}")


@dataclass
class Part:
    """What was drawn of an excerpt, and the music's level (rms) and LUFS at its frames."""

    moving: measures.Moving
    level: measures.Array
    lufs: measures.Array

    def follows(self, fps: int) -> tuple[measures.Array, measures.Array]:
        """Motion and level, smoothed over a second."""
        return measures.smooth(np.array(self.moving.motion), fps), measures.smooth(self.level[1:], fps)


def figures(parts: Sequence[Part], fps: int) -> dict[str, float]:
    """What excerpts with music show: the worst of any of them, correlation and means of all."""
    each = [_figures(one, fps) for one in parts]
    motion, level = (np.concatenate(one) for one in zip(*(one.follows(fps) for one in parts), strict=True))
    return {
        **{name: max(one[name] for one in each) for name in each[0]},
        "follows": measures.correlation(motion, level, LEAST_VARIED),
        "moves": float(np.mean([one.moving.motion for one in parts])),
        "light": float(np.mean([one.moving.light for one in parts])),
    }


def _figures(part: Part, fps: int) -> dict[str, float]:
    moving = part.moving
    light, motion, alternation = (np.array(one) for one in (moving.light, moving.motion, moving.alternation))
    assert moving.flashes is not None  # noqa: S101 - there is a first frame
    return {
        "frozen": measures.longest((motion < STILL) & (part.lufs[1:] > PLAYING_LUFS)) / fps,
        "dark": measures.longest(light < DARK) / fps,
        "white": measures.longest(light > WHITE) / fps,
        "flicker": measures.flicker(motion, alternation, fps, LEAST_FLICKER),
        "motion": float(measures.smooth(motion, fps // 3).max()),
        "flash": moving.flashes.general,
        "red": moving.flashes.red,
    }
