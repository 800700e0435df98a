"""Measures what presets look like on music and in silence, and says which of them fall short.

    python ci/bench/looks.py [--only GLOB] [--audio FILE]... [--seconds 20] [--at SECONDS] [--json FILE]

Draws two excerpts of each track, the one whose level varies most and the one with most onsets (or one, from --at),
at --size, without dither and grain, which are noise in every frame, and shrinks the frames to about 320 columns.
Figures and limits, in levels of 255 of luma (ci/bench/measures.py and flashes.py define them):

frozen      longest span in seconds, while music plays (above -50 LUFS), in which successive frames differ by less than
            0.02 levels on average; at most 1
dark, white longest span in seconds with a mean level below 4 or above 225; at most 0
flicker     share of alternation (up, down, up from frame to frame) in all motion, in the worst second; at most 0.25,
            which pictures have that have nothing to do with each other, white noise
motion      greatest mean difference of successive frames, smoothed over 1/3 s; at most 24 levels
follows     correlation of motion and the level of the music, each smoothed over a second; at least 0.2; not asked where
            the music's level hardly varies
hush        in silence: the least mean level (at least 4), the change in 2 s (at least 0.05 levels), and the motion
            relative to that with music (at most 0.9)
ssim        of pictures drawn at 30 and at 60 fps for the same second, mean (lowest in brackets); at least 0.97, of
            presets with memory 0.9
flash, red  general and red flashes a second; at most 3, unless the preset's description says that it flashes

Exit status: 0 where all hold, 4 where not.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import drawing
import measures
import numpy as np
from verdicts import Look, Part, figures

FPS = 30
QUIET_S, QUIET_FROM_S = 7.0, 3.0


class Excerpt:
    """Parts of a track, analysed at 30 and at 60 frames a second. spans: first frame and count of each part."""

    def __init__(self, audio: Path, seconds: float, at: float | None) -> None:
        self.name = audio.stem
        self.timeline, self.double = (drawing.analyse(audio, fps) for fps in (FPS, 2 * FPS))
        frames = min(self.timeline.frames, self.double.frames // 2)
        count = min(int(seconds * FPS / (2 if at is None else 1)), frames)
        starts = [self._liveliest(count), self._busiest(count)] if at is None else [int(at * FPS)]
        self.spans = [(min(max(one, 0), frames - count), count) for one in starts]

    def _liveliest(self, count: int) -> int:
        """Where the music's level, smoothed over a second, varies most."""
        level = self.timeline.features["rms"].astype(float)
        starts = range(0, self.timeline.frames - count + 1, FPS)
        return max(starts, key=lambda first: measures.smooth(level[first : first + count], FPS).std())

    def _busiest(self, count: int) -> int:
        """Where most onsets are."""
        starts = range(0, self.timeline.frames - count + 1, FPS)
        onsets = self.timeline.onsets * FPS
        return max(starts, key=lambda first: ((onsets >= first) & (onsets < first + count)).sum())

    def watch(self, scene: drawing.Scene, size: tuple[int, int]) -> list[Part]:
        """Draw every part."""
        drawn = drawing.renderer(scene, self.timeline, *size)
        level, lufs = (self.timeline.features[name].astype(float) for name in ("rms", "lufs"))
        return [
            Part(
                measures.watch(drawn.frames(first, count), FPS),
                level[first : first + count],
                lufs[first : first + count],
            )
            for first, count in self.spans
        ]


def likeness(scene: drawing.Scene, excerpt: Excerpt, size: tuple[int, int]) -> list[float]:
    """SSIM of the pictures of whole seconds of the excerpt, drawn at 30 and at 60 frames a second.

    A frame at 30 lasts as long as two at 60 and shows from its start what happens in it: the more alike one counts.
    """
    once, twice = (drawing.renderer(scene, one, *size) for one in (excerpt.timeline, excerpt.double))
    found = []
    for first, count in excerpt.spans:
        for frame in range(first, first + count, FPS):
            whole = measures.view(once.frame(frame, first))
            halves = [measures.view(twice.frame(2 * frame + half, 2 * first)) for half in (0, 1)]
            found.append(max(measures.ssim(whole, half) for half in halves))
    return found


def hush(scene: drawing.Scene, quiet: drawing.Timeline, size: tuple[int, int]) -> dict[str, float]:
    """What it shows in silence, after a while."""
    first = int(QUIET_FROM_S * FPS)
    count = quiet.frames - first
    kept = [one.copy() for one in drawing.renderer(scene, quiet, *size).frames(first, count)]
    moving = measures.watch(kept, FPS)
    ends = zip(kept, kept[2 * FPS :], strict=False)
    drift = [
        float(np.abs(measures.view(one) - measures.view(then)).mean())
        for one, then in itertools.islice(ends, 0, None, FPS // 2)
    ]
    return {"hush light": min(moving.light), "hush drift": min(drift), "hush moves": float(np.mean(moving.motion))}


def look(name: str, excerpts: list[Excerpt], quiet: drawing.Timeline, size: tuple[int, int]) -> list[Look]:
    """A preset on every track."""
    info = drawing.preset.describe(name)
    scene = drawing.still(info.scene)
    silent = hush(scene, quiet, size)
    found = []
    for one in excerpts:
        alike = likeness(scene, one, size)
        seen = Look(name, one.name, {**figures(one.watch(scene, size), FPS), **silent})
        seen.figures["hush motion"] = silent["hush moves"] / max(seen.figures["moves"], 1e-9)
        seen.figures |= {"ssim": float(np.mean(alike)), "ssim lowest": min(alike)}
        seen.judge(memory=drawing.remembers(scene), flashes="flash" in info.description.lower())
        found.append(seen)
    return found


HEAD = (
    f"{'preset':<14}{'track':<18}{'frozen':>7}{'dark':>6}{'white':>6}{'flicker':>8}{'motion':>7}{'mean':>6}"
    f"{'follows':>8}{'hush: light':>12}{'drift':>6}{'motion':>7}{'ssim':>7}{'':>8}{'flash':>6}{'red':>5}"
)


def line(seen: Look) -> str:
    """A row of the table."""
    f = seen.figures
    return (
        f"{seen.preset:<14}{seen.track[:17]:<18}{f['frozen']:>7.2f}{f['dark']:>6.1f}{f['white']:>6.1f}{f['flicker']:>8.3f}"
        f"{f['motion']:>7.2f}{f['moves']:>6.2f}{f['follows']:>8.2f}{f['hush light']:>12.1f}{f['hush drift']:>6.2f}"
        f"{f['hush motion']:>7.2f}{f['ssim']:>7.3f} ({f['ssim lowest']:.3f}){f['flash']:>6.1f}{f['red']:>5.1f}"
    )


def main() -> int:
    """Print the table and what falls short; write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    drawing.add_choice(parser)
    parser.add_argument("--audio", type=Path, action="append", help="a track (again for more); default: the demo's")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--at", type=float, help="where the excerpt begins, in seconds")
    drawing.add_size(parser, "640x360")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    excerpts = [Excerpt(one, given.seconds, given.at) for one in given.audio or [drawing.DEMO]]
    quiet = drawing.silence(QUIET_S, FPS)
    for one in excerpts:
        spans = " and ".join(f"{first / FPS:.0f} to {(first + count) / FPS:.0f} s" for first, count in one.spans)
        print(f"{one.name}: {spans}")
    print(HEAD)
    found = []
    for name in drawing.chosen(given.only):
        for seen in look(name, excerpts, quiet, given.size):
            found.append(seen)
            print(line(seen), flush=True)
    failed = [one for one in found if one.failed]
    for one in failed:
        print(f"{one.preset} on {one.track}: {'; '.join(one.failed)}")
    if given.json:
        given.json.write_text(json.dumps([vars(one) for one in found], indent=1) + "\n")
    print(f"{len(found) - len(failed)} of {len(found)} hold")
    return 4 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
