"""Music by formula, the built-in scenes, and a renderer in one call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from engine.device import Device
from engine.effects.catalog import EFFECTS
from engine.render import Renderer
from engine.scene import Canvas, Scene, Switch
from engine.timeline import BANDS, WAVE, Timeline, to_grid
from runner import preset
from tests.engine.timelines import SilentWaves, make_timeline

SCENES = {name: preset.load(name, {}) for name in preset.names()}
WITH_MEMORY = tuple(
    name for name, scene in SCENES.items() if any(EFFECTS[layer.effect].memory for layer in scene.layers)
)
WITHOUT_MEMORY = tuple(name for name in SCENES if name not in WITH_MEMORY)


class Tones:
    """Waveform windows of two tones that swell twice a second; they stand still, as triggered windows do."""

    def __init__(self, fps: Fraction) -> None:
        self._fps = float(fps)
        place = np.arange(WAVE) / WAVE * 2.0 * np.pi
        self._shape = np.stack((np.sin(3.0 * place), np.sin(5.0 * place + 1.0)))

    def row(self, index: int) -> NDArray[np.int16]:
        swell = 0.6 + 0.3 * np.sin(4.0 * np.pi * index / self._fps)
        return np.floor(self._shape * swell * 32767.0).astype(np.int16)


def music(seconds: float = 4.0, fps: int = 30) -> Timeline:
    """A piece whose features, bands and waves are functions of the second alone."""
    plain = make_timeline(
        seconds,
        Fraction(fps),
        beats=np.arange(0.0, seconds, 0.5),
        bass=lambda t: 0.5 + 0.5 * np.sin(3.0 * t),
        mid=lambda t: 0.5 + 0.3 * np.sin(2.0 * t + 1.0),
        treble=lambda t: 0.4 + 0.4 * np.sin(5.0 * t),
        loudness=lambda t: 0.6 + 0.2 * np.sin(t),
        energy=lambda t: 0.5 + 0.2 * np.sin(0.7 * t),
        flux=lambda t: 0.4 + 0.2 * np.sin(4.0 * t),
        beat=lambda t: np.maximum(1.0 - 5.0 * (t % 0.5), 0.0),
    )
    t = np.arange(plain.frames)[:, None] / fps
    bands = to_grid(0.5 + 0.45 * np.sin(np.arange(BANDS)[None, :] * 0.4 + 2.0 * t))
    return replace(plain, bands=bands, waves=Tones(Fraction(fps)), onsets=np.arange(0.0, seconds, 0.2))


def silence(seconds: float = 2.0) -> Timeline:
    plain = make_timeline(seconds)
    return replace(plain, bands=np.zeros_like(plain.bands), waves=SilentWaves())


def renderer(
    device: Device,
    scenes: Scene | str | Sequence[Scene],
    timeline: Timeline,
    width: int = 64,
    height: int = 36,
    *,
    seed: int = 1,
    quality: str = "balanced",
    switch: Switch | None = None,
) -> Renderer:
    """A renderer of a built-in scene, a scene or several, at the timeline's fps."""
    if isinstance(scenes, str):
        scenes = SCENES[scenes]
    several = [scenes] if isinstance(scenes, Scene) else scenes
    canvas = Canvas(width, height, timeline.fps)
    return Renderer(several, timeline, canvas, seed=seed, quality=quality, switch=switch or Switch(), device=device)


def light(frame: NDArray[np.uint8]) -> float:
    """Its mean level, 0..255."""
    return float(frame[..., :3].mean())


def distance(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Mean absolute difference, in levels of 255."""
    return float(np.abs(one[..., :3].astype(int) - other[..., :3]).mean())


def copies(drawn: Renderer, first: int, count: int) -> list[NDArray[np.uint8]]:
    """Frames of a renderer, which reuses its arrays."""
    return [one.copy() for one in drawn.frames(first, count)]
