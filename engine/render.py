"""Scene + Timeline -> frames, in order: the engine's front door."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from engine import director
from engine.art import Art
from engine.device import Device
from engine.effects.base import STEP_RATE
from engine.effects.catalog import EFFECTS
from engine.kernels import raster
from engine.planes import aligned
from engine.program import SceneProgram
from engine.rows import Rows, seeds
from engine.scene import LANES, TRANSITIONS, Canvas, Scene, Switch
from engine.tables import Tables, picture_of
from engine.timeline import Timeline
from engine.transitions import Transitions, needs

RING = 6
"""Frames kept before their memory is used again: the caller may hold the last 4 while one is drawn."""
PREROLL_SECONDS = 3.0
"""Effects with memory run for this long before a scene enters (a cut, an excerpt's start): no black opening."""


class _Actor:
    """One scene on stage: its kernels, its rows, and how far its memory has come."""

    def __init__(
        self, scene: Scene, timeline: Timeline, canvas: Canvas, quality: str, seed: int, device: Device, art: Art
    ) -> None:
        self.rows = Rows(scene, timeline, canvas, seed)
        self.program = SceneProgram(scene, canvas, quality, seed, device)
        reads = {name for layer in scene.layers for name in EFFECTS[layer.effect].reads}
        picture = picture_of(art, scene.palette, self.program.sizes) if "art" in reads else None
        self.tables = Tables(timeline, self.program.sizes, reads, picture)
        self.fps = Fraction(canvas.fps)
        self.frames = timeline.frames
        self._step = -1
        self._opened: int | None = None

    def advance(self, frame: int | Fraction, opened: int) -> None:
        """Step the memory up to the time of `frame`; `opened` is the frame at which the scene entered the stage.

        What was drawn before must not show: with another `opened`, or back in time, the memory starts again.
        """
        if not self.program.has_memory:
            return
        target = int(frame * STEP_RATE / self.fps)
        if self._opened != opened or self._step > target:
            self.program.reset()
            start = int(opened * STEP_RATE / self.fps) - int(PREROLL_SECONDS * STEP_RATE)
            self._step, self._opened = max(start, 0) - 1, opened
        for index in range(self._step + 1, target + 1):
            place = float(index * self.fps / STEP_RATE)
            self.tables.fill(min(int(place), self.frames - 1))
            self.program.step(self.rows.between(place), self.tables, index)
        self._step = target

    def draw(self, out: NDArray[np.int32], frame: int, opened: int, salt: int) -> None:
        """Draw `frame`: once, or, with motion blur, at several moments until the next."""
        row, packed = self.rows.at(frame), self.program.packed
        target = out.reshape(self.program.shape)
        moments = packed.moments(row, frame)
        if len(moments) == 1:
            self.advance(frame, opened)
            self.tables.fill(frame)
            self.program.draw(target, row, self.tables, salt)
        else:
            for picture, moment in zip(packed.pictures, moments, strict=True):
                self.advance(moment, opened)
                self.tables.fill(frame, moment)
                self.program.draw(picture, self.rows.between(float(moment)), self.tables, salt)
            packed.mean(target)
        packed.finish(target, row, frame / self.fps)


class Renderer:
    """Draws the frames of a track. A frame depends on the arguments and its number alone, save for effects with memory.

    scenes: what the presets draw; the director chooses between them as `switch` says. `quality` is one of
    engine.scene.QUALITIES. The timeline's fps must equal the canvas'. art: what scenes with cover art show; without it,
    artwork that `seed` chooses.
    Raises ExpressionError for a parameter without a finite value.
    """

    def __init__(
        self,
        scenes: Sequence[Scene],
        timeline: Timeline,
        canvas: Canvas,
        *,
        seed: int,
        quality: str,
        switch: Switch,
        device: Device,
        art: Art | None = None,
    ) -> None:
        self.canvas = canvas
        self._seed = seed
        self._scenes = scenes
        self._timeline = timeline
        self._shots = director.plan(timeline, [scene.name for scene in scenes], switch, seed)
        self._actors: dict[int, _Actor] = {}
        self._make = lambda k: _Actor(scenes[k], timeline, canvas, quality, seed, device, art or Art(seed=seed))
        stride = raster.Raster(canvas.width, canvas.height).stride
        self._whole = stride == canvas.width
        self._ring = [aligned((canvas.height, canvas.width), np.int32) for _ in range(RING)]
        self._strided = [aligned((canvas.height, stride), np.int32) for _ in range(2)]
        self._transitions = Transitions(canvas.width, canvas.height)

    def prepare(self, first: int, count: int) -> None:
        """Compile and evaluate everything that frames first .. first + count - 1 need, so that errors come early."""
        shown = np.concatenate([one[first : first + count] for one in (self._shots.current, self._shots.previous)])
        for k in sorted({int(one) for one in shown}):
            self._actor(k)

    def _actor(self, index: int) -> _Actor:
        if index not in self._actors:
            self._actors[index] = self._make(index)
        return self._actors[index]

    def presets_at(self, first: int, count: int) -> list[str]:
        """The name of the scene that each frame shows (the newer one during a transition)."""
        return [self._scenes[int(k)].name for k in self._shots.current[first : first + count]]

    def transitions_at(self, first: int, count: int) -> list[dict[str, str | float] | None]:
        """The transition that each frame is within: its `kind`, the preset it leads `from`, and its `progress`."""
        shots = self._shots
        return [
            None
            if shots.progress[frame] >= 1.0
            else {
                "kind": TRANSITIONS[int(shots.kind[frame])],
                "from": self._scenes[int(shots.previous[frame])].name,
                "progress": float(shots.progress[frame]),
            }
            for frame in range(first, first + count)
        ]

    def frames(self, first: int, count: int) -> Iterator[NDArray[np.uint8]]:
        """Frames first .. first + count - 1 of the track: uint8 [height, width, 4], RGBA, opaque, sRGB-encoded.

        Each array's memory stays untouched until 4 more frames were drawn.
        """
        for offset in range(count):
            out = self._ring[offset % RING]
            self._draw(out, first + offset, first)
            yield out.view(np.uint8).reshape(self.canvas.height, self.canvas.width, 4)

    def frame(self, index: int, opened: int = 0) -> NDArray[np.uint8]:
        """One frame: the very bits that `frames(opened, ...)` yields for it."""
        out = aligned((self.canvas.height, self.canvas.width), np.int32)
        self._draw(out, index, opened)
        return out.view(np.uint8).reshape(self.canvas.height, self.canvas.width, 4)

    def _draw(self, out: NDArray[np.int32], frame: int, opened: int) -> None:
        shots = self._shots
        current, previous = int(shots.current[frame]), int(shots.previous[frame])
        progress = float(shots.progress[frame])
        target = out if self._whole else self._strided[0]
        if progress >= 1.0 or previous == current:
            self._draw_one(target, current, frame, opened)
        else:
            kind, old = TRANSITIONS[int(shots.kind[frame])], self._strided[1]
            mixed, beside = _strips(target), _strips(old)
            wanted = needs(kind, progress)
            if wanted.new:
                self._draw_one(target, current, frame, opened)
            if wanted.old:
                self._draw_one(old, previous, frame, opened)
            self._transitions.mix(kind, mixed, beside, progress, seeds((self._seed, int(shots.shot[frame]))))
        if not self._whole:
            out[:] = target[:, : self.canvas.width]

    def _entered(self, index: int, frame: int) -> int:
        """The frame at which the scene that shows at `frame` entered: memory costs no steps while nobody sees it."""
        shown = (self._shots.current[: frame + 1] == index) | (self._shots.previous[: frame + 1] == index)
        absent = np.flatnonzero(~shown)
        return int(absent[-1]) + 1 if len(absent) else 0

    def _draw_one(self, out: NDArray[np.int32], index: int, frame: int, opened: int) -> None:
        entered = max(opened, self._entered(index, frame))
        self._actor(index).draw(out, frame, entered, seeds((self._seed, frame)))


def _strips(pixels: NDArray[np.int32]) -> NDArray[np.int32]:
    return pixels.reshape(pixels.shape[0], pixels.shape[1] // LANES, LANES)
