"""Effects from other installed packages: entry points of the group `trackreel.effects`, found without importing Taichi.

An entry point's name is the effect's; it leads to an `Effect`, made in a module that does not import Taichi:

    [project.entry-points."trackreel.effects"]
    glow = "my_effects:GLOW"

Nothing is looked for until a scene names an effect that is not built in, so that other scenes start as fast as ever.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module, metadata
from typing import Any

from engine.errors import MissingError
from engine.scene import EffectSpec, ParamSpec

GROUP = "trackreel.effects"
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True)
class Effect:
    """What an entry point leads to. build: the module whose function `build(slots) -> Program` draws it."""

    spec: EffectSpec
    build: str


@dataclass(frozen=True, slots=True)
class Found:
    """An entry point of the group, not loaded yet."""

    name: str
    package: str
    version: str
    entry: metadata.EntryPoint

    @property
    def origin(self) -> str:
        """The package and its version: what recipes and messages call it."""
        return f"{self.package} {self.version}"


class PluginError(MissingError):
    """A package's effect cannot be used on this machine."""


class Catalog(Mapping[str, EffectSpec]):
    """The effects that are built in, and behind them those of other packages; no package can replace one of ours.

    Raises PluginError where an effect is there, but cannot be used.
    """

    def __init__(self, own: Mapping[str, EffectSpec]) -> None:
        self.own = own

    def __getitem__(self, name: str) -> EffectSpec:
        spec = self.own.get(name)
        return load(name).spec if spec is None else spec

    def __contains__(self, name: object) -> bool:
        return name in self.own or name in found()

    def __iter__(self) -> Iterator[str]:
        yield from self.own
        yield from (name for name in found() if name not in self.own)

    def __len__(self) -> int:
        return len(list(iter(self)))

    def origin(self, name: str) -> str:
        """The package and version that an effect comes from; "" of ours."""
        return "" if name in self.own else _only(name).origin


@cache
def found() -> Mapping[str, tuple[Found, ...]]:
    """Name -> the packages that bring an effect of this name; in order of names, the same each time."""
    seen: dict[str, dict[str, Found]] = {}
    for entry in metadata.entry_points(group=GROUP):
        package, version = ("?", "?") if entry.dist is None else (entry.dist.name, entry.dist.version)
        seen.setdefault(entry.name, {}).setdefault(package, Found(entry.name, package, version, entry))
    return {name: tuple(one for _, one in sorted(seen[name].items())) for name in sorted(seen)}


@cache
def load(name: str) -> Effect:
    """The effect of another package. Raises KeyError where there is none of this name, PluginError."""
    one = _only(name)
    try:
        effect: Any = one.entry.load()
    except Exception as error:
        raise broken(name, f"{type(error).__name__}: {error}") from error
    fault = _fault(name, effect)
    if fault:
        raise broken(name, fault)
    loaded: Effect = effect
    return loaded


def builder(name: str) -> Any:
    """The function that builds an effect of another package. Raises as `load`."""
    effect = load(name)
    try:
        return import_module(effect.build).build
    except Exception as error:
        raise broken(name, f"{type(error).__name__}: {error}") from error


def check_origin(name: str, origin: str) -> None:
    """Raise PluginError where an effect is not that of the package and version that a scene was made with."""
    there = " and ".join(one.origin for one in found().get(name, ())) or "no package with it"
    if there != origin:
        raise PluginError(
            f"the effect '{name}' was planned with {origin}, and here is {there}", "install the same version everywhere"
        )


def _only(name: str) -> Found:
    several = found()[name]
    if len(several) > 1:
        raise PluginError(
            f"several packages bring an effect '{name}': {', '.join(one.origin for one in several)}",
            "uninstall all but one of them",
        )
    return several[0]


def _fault(name: str, effect: Any) -> str:
    """What is wrong with what an entry point leads to; "": nothing."""
    if not _NAME.fullmatch(name):
        return "its name is not made of lower-case letters, digits, - and _"
    if not isinstance(effect, Effect) or not isinstance(effect.spec, EffectSpec) or not isinstance(effect.build, str):
        return f"the entry point leads to {type(effect).__name__}, not to an engine.effects.plugins.Effect"
    for key, one in effect.spec.params.items():
        if not isinstance(one, ParamSpec) or not one.minimum <= one.default <= one.maximum:
            return f"the parameter '{key}' is no ParamSpec whose default lies in its range"
    return ""


def broken(name: str, words: str) -> PluginError:
    """What to raise where an effect of another package fails."""
    one = _only(name)
    return PluginError(
        f"the effect '{name}' of {one.origin} cannot be used: {words}",
        f"that is for {one.package} to repair: update or uninstall it",
    )
