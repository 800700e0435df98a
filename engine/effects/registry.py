"""The effects' drawing code by name; engine.effects.catalog describes the same names without Taichi."""

from collections.abc import Callable, Mapping

from engine.effects import aurora, bars, particles, ridge, ring, scope, solid, stars, tunnel, warp
from engine.effects.base import Program, Slots

BUILDERS: Mapping[str, Callable[[Slots], Program]] = {
    "solid": solid.build,
    "stars": stars.build,
    "ridge": ridge.build,
    "aurora": aurora.build,
    "bars": bars.build,
    "ring": ring.build,
    "scope": scope.build,
    "tunnel": tunnel.build,
    "warp": warp.build,
    "particles": particles.build,
}
