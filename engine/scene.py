"""Frozen values that say what to draw: no YAML, no files, no processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

Binding = float | str
"""A parameter's value: a number, or the text of an expression over the music's features (see engine.expressions)."""

LANES = 8
"""Pixels that are drawn at once; rows of buffers are whole multiples long."""

BACKENDS = ("cpu", "metal", "cuda", "vulkan")
SWITCH_MODES = ("manual", "beat", "energy", "time", "adaptive")
TRANSITIONS = ("cut", "crossfade", "wipe", "circle", "zoom", "dissolve", "luma", "warp")


@dataclass(frozen=True, slots=True)
class Quality:
    """What a quality means, in numbers.

    samples: of each pixel. texture_scale: layers without fine detail, particles and feedback are drawn at 1/scale of
    the canvas. blur_samples: pictures that motion blur puts together.
    """

    samples: int
    texture_scale: int
    blur_samples: int


QUALITY: Mapping[str, Quality] = {
    "fast": Quality(samples=1, texture_scale=4, blur_samples=1),
    "balanced": Quality(samples=1, texture_scale=2, blur_samples=2),
    "high": Quality(samples=2, texture_scale=1, blur_samples=4),
    "ultra": Quality(samples=4, texture_scale=1, blur_samples=8),
}
QUALITIES = tuple(QUALITY)


@dataclass(frozen=True, slots=True)
class ParamSpec:
    """One parameter of an effect or a post pass: its default, closed range, unit and meaning."""

    default: float
    minimum: float
    maximum: float
    description: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class OptionSpec:
    """One option of a post pass: a word, which is compiled in. The first of `words` is what a scene has unasked."""

    words: tuple[str, ...]
    description: str


@dataclass(frozen=True, slots=True)
class EffectSpec:
    """An effect or post pass as data: parameters by name in the order of its row.

    options: what is chosen by a word, not by a number; of post passes alone.
    memory: it needs its own previous state; columns: how many numbers it computes once a column; reads: which tables
    its kernels look into (see engine.tables).
    """

    description: str
    params: Mapping[str, ParamSpec]
    memory: bool = False
    columns: int = 0
    reads: tuple[str, ...] = ()
    options: Mapping[str, OptionSpec] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Canvas:
    """The output raster: width and height in pixels, fps in frames a second (exact)."""

    width: int
    height: int
    fps: Fraction


@dataclass(frozen=True, slots=True)
class Layer:
    """One effect of the stack. Every parameter of the effect is present in `params`; `opacity` is in 0..1.

    mask: the number of the layer whose brightness limits this one (inverted: its darkness); never in a circle.
    hidden: it is drawn for those that it masks alone.
    origin: package and version of an effect that is not built in.
    """

    effect: str
    params: Mapping[str, Binding]
    blend: str = "normal"
    opacity: Binding = 1.0
    mask: int | None = None
    inverted: bool = False
    hidden: bool = False
    origin: str = ""

    def to_dict(self) -> dict[str, Any]:
        """A JSON-serialisable form; what is rare stands there only where it is said."""
        plain = {"effect": self.effect, "params": dict(self.params), "blend": self.blend, "opacity": self.opacity}
        rare = {"inverted": self.inverted, "hidden": self.hidden, "origin": self.origin}
        mask = {} if self.mask is None else {"mask": self.mask}
        return plain | mask | {name: value for name, value in rare.items() if value}


@dataclass(frozen=True, slots=True)
class Scene:
    """What one preset draws, fully resolved.

    palette: 2 to 8 sRGB colours "#rrggbb", dark to bright, interpolated in OKLab.
    locals: the author-facing parameters, in order; expressions of layers and post passes may use their names.
    limits: (minimum, maximum) of each local; its values are clamped to it.
    post: pass name -> its parameters, every one present (see engine.post.catalog), and those of its options that are
    not as unasked: so scenes that know nothing of an option stay equal to what they were before there was one.
    """

    name: str
    palette: tuple[str, ...]
    layers: tuple[Layer, ...]
    post: Mapping[str, Mapping[str, Binding]]
    locals: Mapping[str, Binding] = field(default_factory=dict)
    limits: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """A JSON-serialisable form; `Scene.from_dict` reads it back to an equal value."""
        return {
            "name": self.name,
            "palette": list(self.palette),
            "layers": [one.to_dict() for one in self.layers],
            "post": {name: dict(params) for name, params in self.post.items()},
            "locals": dict(self.locals),
            "limits": {name: list(pair) for name, pair in self.limits.items()},
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Scene:
        """The inverse of `to_dict`."""
        return cls(
            name=data["name"],
            palette=tuple(data["palette"]),
            layers=tuple(Layer(**one) for one in data["layers"]),
            post={name: dict(params) for name, params in data["post"].items()},
            locals=dict(data["locals"]),
            limits={name: (pair[0], pair[1]) for name, pair in data["limits"].items()},
        )


@dataclass(frozen=True, slots=True)
class Transition:
    """How one preset gives way to the next.

    kinds: of TRANSITIONS; where there are several the director chooses one a cut. length: in seconds, or in beats.
    """

    kinds: tuple[str, ...] = ("crossfade",)
    length: float = 1.0
    beats: bool = False

    def to_json(self) -> float | dict[str, Any]:
        """A JSON-serialisable form: a plain crossfade is its seconds. `Transition.from_json` reads it back."""
        if self.kinds == ("crossfade",) and not self.beats:
            return self.length
        return {"kind": list(self.kinds), "beats" if self.beats else "seconds": self.length}

    @classmethod
    def from_json(cls, data: float | Mapping[str, Any]) -> Transition:
        """The inverse of `to_json`; what is not said has its default."""
        if isinstance(data, int | float):
            return cls(length=float(data))
        beats = "beats" in data
        return cls(tuple(data["kind"]), float(data["beats" if beats else "seconds"]), beats)


@dataclass(frozen=True, slots=True)
class Switch:
    """How the director changes presets over a track; holds in seconds, `every` in seconds or, in mode beat, in beats.

    transition: a plain number is a crossfade of so many seconds.
    """

    mode: str = "manual"
    every: float = 20.0
    hold_min: float = 8.0
    hold_max: float = 40.0
    transition: float | Transition = 1.0

    @property
    def change(self) -> Transition:
        """The transition, spelled out."""
        return self.transition if isinstance(self.transition, Transition) else Transition(length=self.transition)

    def to_dict(self) -> dict[str, Any]:
        """A JSON-serialisable form; `Switch.from_dict` reads it back to an equal value."""
        plain = {name: getattr(self, name) for name in ("mode", "every", "hold_min", "hold_max")}
        return {**plain, "transition": self.change.to_json()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Switch:
        """The inverse of `to_dict`."""
        change = Transition.from_json(data["transition"])
        plain = change == Transition(length=change.length)
        return cls(**{**data, "transition": change.length if plain else change})
