"""Scenes in space, found by marching rays through distances."""

from __future__ import annotations

from collections.abc import Mapping

from engine.effects.units import LIGHT, SHORT
from engine.scene import EffectSpec
from engine.scene import ParamSpec as P

EFFECTS: Mapping[str, EffectSpec] = {
    "terrain": EffectSpec(
        "A flight over ridges of misty mountains towards a low sun; the last seconds' spectrum runs over them.",
        {
            "travel": P(0.0, -1e6, 1e6, "how far the flight has come, in ridges (integrate a speed)"),
            "height": P(1.0, 0.0, 4.0, "height of the mountains"),
            "waves": P(1.0, 0.0, 4.0, "how far a full band lifts them"),
            "horizon": P(0.0, -1.0, 1.0, "height of the horizon", "half heights"),
            "sun": P(1.0, 0.0, 8.0, "light of the sun", LIGHT),
            "radius": P(0.16, 0.01, 1.0, "radius of the sun", SHORT),
            "mist": P(0.8, 0.0, 1.0, "how much mist lies in the valleys"),
            "rim": P(1.0, 0.0, 8.0, "light on the crests, which follows the bands"),
            "gain": P(1.0, 0.0, 8.0, "brightness", LIGHT),
        },
        reads=("history",),
    ),
    "metaballs": EffectSpec(
        "Drops of liquid metal that merge and part; each swells with its part of the spectrum.",
        {
            "flow": P(0.0, -1e6, 1e6, "how far the drops have moved (integrate something)", "radians"),
            "size": P(0.42, 0.05, 2.0, "reach of a drop", SHORT),
            "swell": P(0.6, 0.0, 4.0, "how much a full band swells its drop"),
            "spread": P(1.0, 0.0, 2.0, "how far from the middle they go"),
            "ripple": P(0.0, 0.0, 1.0, "waves on the surface"),
            "shine": P(1.0, 0.0, 8.0, "light of what is mirrored", LIGHT),
            "glow": P(0.5, 0.0, 8.0, "light around the drops", LIGHT),
            "gain": P(1.0, 0.0, 8.0, "brightness", LIGHT),
        },
        reads=("bands",),
    ),
    "columns": EffectSpec(
        "A flight through endless arcades over a mirror; the light of the last seconds runs along their arches.",
        {
            "travel": P(0.0, -1e6, 1e6, "how far the flight has come, in rows of columns (integrate a speed)"),
            "sway": P(0.5, 0.0, 1.0, "how far the way wanders"),
            "thick": P(0.09, 0.02, 0.3, "radius of a column, as a share of their distance"),
            "light": P(1.0, 0.0, 8.0, "light of arches and columns", LIGHT),
            "meter": P(1.0, 0.0, 4.0, "how high a full band lights its columns"),
            "fog": P(1.0, 0.0, 1.0, "how much the haze hides"),
            "mirror": P(0.5, 0.0, 1.0, "how much the floor mirrors"),
            "glow": P(0.5, 0.0, 8.0, "light of the haze at the end", LIGHT),
            "gain": P(1.0, 0.0, 8.0, "brightness", LIGHT),
        },
        reads=("history",),
    ),
}
