"""The rows of numbers that kernels read: where each number stands, and its value for every frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.effects.base import Slots
from engine.effects.catalog import EFFECTS
from engine.expressions import Environment, evaluate, parse
from engine.kernels import raster
from engine.kernels.color import RAMP_SIZE, ramp_coefficients
from engine.post.catalog import CORE, PASSES, look_of
from engine.scene import Binding, Canvas, ParamSpec, Scene
from engine.timeline import Timeline, to_grid

ABSENT = {"bloom": {"strength": 0.0}, "vignette": {"strength": 0.0}, "dither": {"strength": 0.0}}
"""What a pass that a scene leaves out still has in the row."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Places of a scene's numbers: head, palette, post passes, then each layer's opacity and parameters."""

    size: int
    post: Slots
    layers: tuple[Slots, ...]
    extra_rows: int

    @classmethod
    def of_effects(cls, effects: Sequence[str], passes: Sequence[str] = CORE) -> Layout:
        """The layout of a stack of effects and post passes: no value matters."""
        place = raster.HEAD + RAMP_SIZE
        post: dict[str, int] = {}
        for name in passes:
            for key in PASSES[name].params:
                post[f"{name}.{key}"] = place
                place += 1
        layers: list[dict[str, int]] = []
        columns, extra = [], 0
        for effect in effects:
            places = {"opacity": place}
            place += 1
            for key in EFFECTS[effect].params:
                places[key] = place
                place += 1
            layers.append(places)
            columns.append(extra)
            extra += EFFECTS[effect].columns
        slots = [Slots(one, raster.HEAD, place, first) for one, first in zip(layers, columns, strict=True)]
        return cls(place, Slots(post, raster.HEAD, place), tuple(slots), extra)

    @classmethod
    def of_scene(cls, scene: Scene) -> Layout:
        """The layout of a scene."""
        return cls.of_effects([one.effect for one in scene.layers], look_of(scene.post).passes)


class Rows:
    """Every frame's row of one scene, evaluated for the whole track at once.

    Numbers that stay the same are kept once; the others in a table float32 [frames, varying].
    """

    def __init__(self, scene: Scene, timeline: Timeline, canvas: Canvas, seed: int) -> None:
        self.layout = Layout.of_scene(scene)
        self.base = np.zeros(self.layout.size, np.float32)
        short = min(canvas.width, canvas.height)
        phase = (seed * 2654435761 % 4294967296) / 4294967296.0
        self.base[: raster.HEAD] = [0.0, canvas.width / short, canvas.height / short, 2.0 / short, phase, 1.0]
        self.base[raster.HEAD : raster.HEAD + RAMP_SIZE] = ramp_coefficients(scene.palette)
        self.fps = float(canvas.fps)
        self._columns: list[int] = []
        self._values: list[NDArray[np.float32]] = []
        environment = self._with_locals(scene, Environment(timeline, seed, {}))
        for place, binding, spec in _bindings(scene, self.layout):
            self._bind(place, binding, spec, environment)
        self._table = np.stack(self._values, axis=1) if self._values else np.zeros((timeline.frames, 0), np.float32)
        self._values = []

    def _with_locals(self, scene: Scene, environment: Environment) -> Environment:
        known: dict[str, NDArray[np.float64]] = {}
        for name, binding in scene.locals.items():
            low, high = scene.limits.get(name, (-1e9, 1e9))
            values = evaluate(parse(binding), Environment(environment.timeline, environment.seed, known))
            known[name] = np.clip(values, low, high)
        return Environment(environment.timeline, environment.seed, known)

    def _bind(self, place: int, binding: Binding, spec: ParamSpec, environment: Environment) -> None:
        if isinstance(binding, int | float):
            self.base[place] = binding
            return
        values = to_grid(np.clip(evaluate(parse(binding), environment), spec.minimum, spec.maximum))
        if values.size and (values == values[0]).all():
            self.base[place] = values[0]
            return
        self._columns.append(place)
        self._values.append(values)

    def at(self, frame: int) -> NDArray[np.float32]:
        """The row of frame `frame` of the track: float32 [size], a fresh array."""
        row = self.base.copy()
        row[self._columns] = self._table[frame]
        row[raster.T] = frame / self.fps
        return row

    def between(self, place: float) -> NDArray[np.float32]:
        """The row at a fractional frame index, interpolated linearly: what effects with memory step through."""
        last = len(self._table) - 1
        low = min(max(int(place), 0), last)
        share = np.float32(min(max(place - low, 0.0), 1.0))
        row = self.base.copy()
        first, second = self._table[low], self._table[min(low + 1, last)]
        row[self._columns] = first + (second - first) * share
        row[raster.T] = place / self.fps
        return row


def _bindings(scene: Scene, layout: Layout) -> list[tuple[int, Binding, ParamSpec]]:
    found: list[tuple[int, Binding, ParamSpec]] = []
    for name in look_of(scene.post).passes:
        given = scene.post.get(name, ABSENT.get(name, {}))
        for key, param in PASSES[name].params.items():
            found.append((layout.post.places[f"{name}.{key}"], given.get(key, param.default), param))
    opacity = ParamSpec(1.0, 0.0, 1.0, "share of the layer")
    for layer, slots in zip(scene.layers, layout.layers, strict=True):
        found.append((slots.places["opacity"], layer.opacity, opacity))
        for key, param in EFFECTS[layer.effect].params.items():
            found.append((slots.places[key], layer.params.get(key, param.default), param))
    return found


def seeds(parts: Sequence[int]) -> int:
    """A 31-bit number hashed from integers (FNV-1a over 64-bit words): salts for noise."""
    state = 0xCBF29CE484222325
    for part in parts:
        state = ((state ^ (part & 0xFFFFFFFFFFFFFFFF)) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
        state ^= state >> 29
    return state & 0x7FFFFFFF
