"""The effects as data: what a preset file may name, without importing Taichi.

Lengths are in half heights of the canvas' shorter side (which spans -1..1), times in seconds, colours by their place
0..1 in the palette. engine.effects.registry finds the drawing code.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.effects.families import (
    backdrops,
    covers,
    fields,
    fractals,
    marched,
    points,
    radials,
    scopes,
    simulations,
    spectra,
    tunnels,
)
from engine.effects.plugins import Catalog
from engine.scene import EffectSpec

BLENDS = ("normal", "alpha", "add", "screen", "overlay", "multiply")

BUILT_IN: Mapping[str, EffectSpec] = {
    **backdrops.EFFECTS,
    **spectra.EFFECTS,
    **radials.EFFECTS,
    **scopes.EFFECTS,
    **tunnels.EFFECTS,
    **fields.EFFECTS,
    **fractals.EFFECTS,
    **marched.EFFECTS,
    **points.EFFECTS,
    **simulations.EFFECTS,
    **covers.EFFECTS,
}

EFFECTS = Catalog(BUILT_IN)
"""What is built in, and what other packages bring."""
