"""The effects as data: what a preset file may name, without importing Taichi.

Lengths are in half heights of the canvas' shorter side (which spans -1..1), times in seconds, colours by their place
0..1 in the palette. engine.effects.registry has the drawing code.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.scene import EffectSpec
from engine.scene import ParamSpec as P

BLENDS = ("normal", "add", "screen", "multiply")

SHORT = "half of the shorter side"
LIGHT = "linear light"

EFFECTS: Mapping[str, EffectSpec] = {
    "solid": EffectSpec(
        "A vertical gradient between two tones of the palette.",
        {
            "top": P(0.1, 0.0, 1.0, "palette position at the top edge"),
            "bottom": P(0.0, 0.0, 1.0, "palette position at the bottom edge"),
            "gain": P(1.0, 0.0, 8.0, "brightness", LIGHT),
        },
    ),
    "stars": EffectSpec(
        "A seeded field of twinkling points.",
        {
            "density": P(0.5, 0.0, 1.0, "share of the cells that hold a star"),
            "size": P(0.004, 0.0005, 0.02, "radius of a bright star", SHORT),
            "twinkle": P(0.4, 0.0, 1.0, "how much the light varies"),
            "gain": P(1.0, 0.0, 16.0, "brightness", LIGHT),
            "drift": P(0.0, -1e6, 1e6, "how far the sky has moved", SHORT),
        },
    ),
    "ridge": EffectSpec(
        "The silhouette of hills along the lower edge, a mask for the blend `multiply`.",
        {
            "level": P(0.35, -2.0, 4.0, "mean height above the lower edge", SHORT),
            "height": P(0.16, 0.0, 2.0, "height of the hills", SHORT),
            "roughness": P(0.5, 0.0, 0.9, "0: round, 0.9: jagged"),
        },
        columns=1,
    ),
    "aurora": EffectSpec(
        "Curtains of light, folded by slow waves.",
        {
            "flow": P(0.0, -1e6, 1e6, "how far the folds have moved (integrate something)", "radians"),
            "lift": P(0.0, 0.0, 2.0, "raises and stretches the curtains"),
            "detail": P(0.8, 0.0, 1.0, "contrast of the rays"),
            "gain": P(1.0, 0.0, 8.0, "brightness", LIGHT),
            "height": P(0.55, 0.05, 3.0, "height of the curtains", SHORT),
            "sky": P(1.0, 0.0, 4.0, "light at the horizon", LIGHT),
        },
        columns=9,
    ),
    "bars": EffectSpec(
        "The log spectrum as rounded bars with held peaks, standing on a mirror.",
        {
            "count": P(64.0, 4.0, 128.0, "number of bars"),
            "fill": P(0.66, 0.1, 1.0, "width of a bar within its place"),
            "floor": P(-0.3, -1.0, 1.0, "height of the floor", "half heights"),
            "height": P(1.0, 0.05, 3.0, "height of a full bar", SHORT),
            "mirror": P(0.3, 0.0, 1.0, "light of the reflection"),
            "gain": P(1.0, 0.0, 16.0, "brightness", LIGHT),
            "width": P(0.9, 0.1, 1.0, "share of the canvas' width"),
            "cap": P(0.8, 0.0, 4.0, "light of the held peaks"),
        },
        columns=5,
        reads=("bands", "peaks"),
    ),
    "ring": EffectSpec(
        "The spectrum around a circle, mirrored left and right, with a core that beats.",
        {
            "radius": P(0.45, 0.05, 2.0, "radius of the circle", SHORT),
            "height": P(0.4, 0.0, 2.0, "length of a full bar", SHORT),
            "count": P(56.0, 8.0, 128.0, "bars on each side"),
            "fill": P(0.6, 0.1, 1.0, "width of a bar within its place"),
            "spin": P(0.0, -1e6, 1e6, "rotation", "radians"),
            "gain": P(1.0, 0.0, 16.0, "brightness", LIGHT),
            "core": P(0.5, 0.0, 8.0, "light of the core"),
            "inner": P(0.12, 0.0, 1.0, "length of a full inner bar", SHORT),
        },
        reads=("bands",),
    ),
    "scope": EffectSpec(
        "The waveform as an electron beam, left and right.",
        {
            "height": P(0.6, 0.0, 2.0, "height of a full-scale wave", SHORT),
            "width": P(0.006, 0.001, 0.1, "half width of the beam", SHORT),
            "apart": P(0.0, 0.0, 1.0, "distance of left and right from the middle", "half heights"),
            "gain": P(1.0, 0.0, 16.0, "brightness", LIGHT),
            "grid": P(0.1, 0.0, 2.0, "light of the graticule", LIGHT),
            "halo": P(0.2, 0.0, 2.0, "light around the beam"),
        },
        columns=4,
        reads=("waves",),
    ),
    "tunnel": EffectSpec(
        "A flight down a ribbed tube whose walls carry the spectrum.",
        {
            "travel": P(0.0, -1e6, 1e6, "how far the flight has come (integrate a speed)"),
            "twist": P(0.3, -8.0, 8.0, "how much the tube is screwed"),
            "sway": P(0.5, 0.0, 2.0, "how far the end of the tube wanders"),
            "gain": P(1.0, 0.0, 16.0, "brightness", LIGHT),
            "pulse": P(0.0, 0.0, 8.0, "lights that run along the tube"),
            "ribs": P(12.0, 1.0, 64.0, "panels around the tube (whole numbers close the seam)"),
            "core": P(0.5, 0.0, 8.0, "light at the end"),
        },
        reads=("bands",),
    ),
    "warp": EffectSpec(
        "Feedback: each step bends and dims the last picture and adds the waveform.",
        {
            "zoom": P(0.6, -4.0, 4.0, "growth", "1/s"),
            "rotate": P(0.0, -6.0, 6.0, "rotation", "radians/s"),
            "swirl": P(0.0, -4.0, 4.0, "rotation that is strongest in the middle", "radians/s"),
            "fade": P(0.9, 0.02, 20.0, "half-life of the light", "s"),
            "gain": P(1.0, 0.0, 16.0, "light that is added", LIGHT),
            "height": P(0.5, 0.0, 2.0, "height of a full-scale wave", SHORT),
            "width": P(0.01, 0.001, 0.1, "half width of the wave's line", SHORT),
            "hue": P(0.0, -1e6, 1e6, "phase of the colours and of the ripples", "radians"),
            "ripple": P(0.1, -4.0, 4.0, "how much the picture bends", "1/s"),
            "kick": P(0.0, 0.0, 4.0, "a ring of light in the middle"),
        },
        memory=True,
        reads=("waves",),
    ),
    "particles": EffectSpec(
        "A tilted disc of light points; each ring of it is thrown up by its band.",
        {
            "count": P(7000.0, 1.0, 12000.0, "number of points"),
            "spin": P(0.0, -1e6, 1e6, "rotation of the arms (integrate a speed)"),
            "tilt": P(0.5, -3.2, 3.2, "how far the disc leans towards the viewer", "radians"),
            "lift": P(0.6, 0.0, 4.0, "how high a full band throws its points", SHORT),
            "size": P(0.006, 0.001, 0.05, "radius of a point", SHORT),
            "gain": P(1.0, 0.0, 16.0, "brightness", LIGHT),
            "zoom": P(1.0, 0.1, 4.0, "magnification"),
            "yaw": P(0.0, -1e6, 1e6, "where the viewer stands around the disc", "radians"),
            "kick": P(0.0, -0.9, 4.0, "pushes the middle outwards"),
        },
        reads=("bands",),
    ),
}
