"""Makes contact sheets: every preset at four moments of a track, one row a preset.

    python ci/bench/contact.py --out FOLDER [--only GLOB] [--audio FILE]... [--size 640x360] [--cell 320] [--rows 8]

quiet       where the music that plays is least loud (a second's mean)
build       2 s before its energy rises most (within 4 s)
loud        where it is loudest
percussive  after the first onset of the second with most of them

Writes FOLDER/TRACK-1.png, -2.png ...; each has --rows presets in cells --cell pixels wide. Pictures are drawn at
--size: 360x640 with --cell 160 shows them upright. Look at all of them, and redo what you would not post.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import drawing
import measures
import numpy as np
from PIL import Image, ImageDraw, ImageFont

FPS = 30
PLAYING_LUFS = -50.0
STEP_S, AFTER_S = 2, 0.1
LABEL, HEAD, GAP = 130, 26, 4
FONT = drawing.ROOT / "engine" / "overlay" / "fonts" / "inter-regular.otf"


def moments(timeline: drawing.Timeline) -> dict[str, int]:
    """The frame of each of the four moments."""
    fps = int(timeline.fps)
    level, energy, lufs = (timeline.features[name].astype(float) for name in ("rms", "energy", "lufs"))
    mean = measures.smooth(level, min(fps, len(level)))
    centre = (len(level) - len(mean)) // 2
    plays = lufs[centre : centre + len(mean)] > PLAYING_LUFS
    reach = 2 * STEP_S * fps
    step = energy[reach:] - energy[:-reach] if len(energy) > reach else np.zeros(1)
    onsets = timeline.onsets
    crowd = ((onsets[None, :] >= onsets[:, None]) & (onsets[None, :] < onsets[:, None] + 1.0)).sum(axis=1)
    percussive = onsets[int(np.argmax(crowd))] + AFTER_S if len(onsets) else 0.0
    found = {
        "quiet": int(np.argmin(np.where(plays, mean, np.inf))) + centre,
        "build": int(np.argmax(step)),
        "loud": int(np.argmax(mean)) + centre,
        "percussive": int(percussive * fps),
    }
    return {name: min(frame, timeline.frames - 1) for name, frame in found.items()}


def pictures(name: str, timeline: drawing.Timeline, frames: Sequence[int], size: tuple[int, int]) -> list[Image.Image]:
    """A preset at some frames, each as in an excerpt that begins there."""
    drawn = drawing.renderer(drawing.preset.load(name, {}), timeline, *size)
    return [Image.fromarray(drawn.frame(one, one)[..., :3].copy()) for one in frames]


def sheet(rows: Mapping[str, Sequence[Image.Image]], titles: Sequence[str], cell: tuple[int, int]) -> Image.Image:
    """One page: a line of titles, then a row a preset, its name on the left."""
    width, height = cell
    page = Image.new("RGB", (LABEL + len(titles) * (width + GAP), HEAD + len(rows) * (height + GAP)), "#181818")
    pen, font = ImageDraw.Draw(page), ImageFont.truetype(str(FONT), 17)
    for column, title in enumerate(titles):
        pen.text((LABEL + column * (width + GAP) + 4, 3), title, "#d0d0d0", font)
    for row, (name, images) in enumerate(rows.items()):
        top = HEAD + row * (height + GAP)
        pen.text((6, top + height // 2 - 10), name, "#ffffff", font)
        for column, image in enumerate(images):
            page.paste(image.resize(cell, Image.Resampling.LANCZOS), (LABEL + column * (width + GAP), top))
    return page


def main() -> int:
    """Draw, compose and write the pages, and print their names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    drawing.add_choice(parser)
    drawing.add_size(parser, "640x360")
    parser.add_argument("--audio", type=Path, action="append", help="a track (again for more); default: the demo's")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--cell", type=int, default=320)
    parser.add_argument("--rows", type=int, default=8)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    names = drawing.chosen(given.only)
    cell = given.cell, max(1, given.cell * given.size[1] // given.size[0])
    tracks = {one.stem: drawing.analyse(one, FPS) for one in given.audio or [drawing.DEMO]}
    for track, timeline in tracks.items():
        at = moments(timeline)
        titles = [f"{track}: {name}, {frame / FPS:.1f} s" for name, frame in at.items()]
        for page, first in enumerate(range(0, len(names), given.rows), start=1):
            here = names[first : first + given.rows]
            rows = {name: pictures(name, timeline, list(at.values()), given.size) for name in here}
            target = given.out / f"{track}-{page}.png"
            sheet(rows, titles, cell).save(target)
            print(target, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
