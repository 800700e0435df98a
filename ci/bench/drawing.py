"""What the scripts that measure presets share: analyses, and renderers in this very process.

Analyses come first: once a renderer is made the process has Taichi, which would move them (see engine.device).
"""

from __future__ import annotations

import argparse
import fnmatch
import sys
import tempfile
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import soundfile

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from engine import timeline as timelines  # noqa: E402 - a script finds the packages beside its own folder
from engine.device import Device, start  # noqa: E402
from engine.effects.catalog import EFFECTS  # noqa: E402
from engine.scene import Canvas, Scene, Switch  # noqa: E402
from engine.timeline import Timeline  # noqa: E402
from runner import filehashes, preset, timelinecache  # noqa: E402

DEMO = ROOT / "jobs" / "assets" / "demo.wav"
NOISES = ("dither", "grain")
"""Post passes that draw other noise in every frame: no motion of the picture."""


def analyse(audio: Path, fps: int) -> Timeline:
    """A track's timeline, kept between runs. Raises AudioError."""
    track = timelinecache.Track(audio, filehashes.sha256(audio), Fraction(fps))
    scratch = Path(tempfile.mkdtemp(prefix="trackreel-look-")) / "timeline"
    held = timelinecache.fetch(track, scratch, lambda _share: None, lambda _event: None)
    return timelines.load(held.folder)  # never closed: the waves stay in its file, and this process ends soon


def silence(seconds: float, fps: int) -> Timeline:
    """The timeline of a silent track."""
    path = Path(tempfile.mkdtemp(prefix="trackreel-look-")) / "silence.wav"
    soundfile.write(path, np.zeros((int(seconds * 48000), 2)), 48000)
    return analyse(path, fps)


def still(scene: Scene) -> Scene:
    """The scene without the noise of its post passes: what moves then is the picture."""
    post = {name: dict(params) for name, params in scene.post.items()}
    for name in NOISES:
        if name in post:
            post[name]["strength"] = 0.0
    return replace(scene, post=post)


def remembers(scene: Scene) -> bool:
    """Whether one of its effects has a memory."""
    return any(EFFECTS[layer.effect].memory for layer in scene.layers)


@cache
def device() -> Device:
    """Taichi with one thread: started once, by the first renderer."""
    return start("cpu", 1)


def renderer(scene: Scene, timeline: Timeline, width: int, height: int, quality: str = "balanced"):  # noqa: ANN201
    """A Renderer (engine.render, which loads Taichi) of one scene, seed 0."""
    started = device()
    from engine.render import Renderer

    canvas = Canvas(width, height, timeline.fps)
    return Renderer([scene], timeline, canvas, seed=0, quality=quality, switch=Switch(), device=started)


def add_choice(parser: argparse.ArgumentParser) -> None:
    """The option --only."""
    parser.add_argument("--only", action="append", default=[], metavar="GLOB", help="these presets alone")


def add_size(parser: argparse.ArgumentParser, default: str) -> None:
    """The option --size: (width, height) in pixels."""
    parser.add_argument("--size", type=size_of, default=size_of(default), metavar="WIDTHxHEIGHT")


def size_of(text: str) -> tuple[int, int]:
    """(width, height) of "320x180". Raises ValueError."""
    width, height = (int(one) for one in text.split("x"))
    return width, height


def chosen(only: list[str]) -> list[str]:
    """The built-in presets that one of the patterns names, in index order; all without a pattern."""
    return [name for name in preset.names() if not only or any(fnmatch.fnmatch(name, one) for one in only)]
