"""Cover art and type."""

from __future__ import annotations

from collections.abc import Mapping

from engine.effects.units import LIGHT, SHORT
from engine.scene import EffectSpec
from engine.scene import ParamSpec as P

EFFECTS: Mapping[str, EffectSpec] = {
    "mesh": EffectSpec(
        "A calm backdrop: a gradient of the palette that bends slowly, with a soft light wandering over it.",
        {
            "travel": P(0.0, -1e6, 1e6, "how far it has moved (integrate a speed)", "radians"),
            "scale": P(1.0, 0.1, 6.0, "how much of it is seen"),
            "low": P(0.05, 0.0, 1.0, "palette position where it is darkest"),
            "high": P(0.55, 0.0, 1.0, "palette position where it is brightest"),
            "gain": P(1.0, 0.0, 8.0, "brightness", LIGHT),
            "tilt": P(0.0, -1.0, 1.0, "0: brighter towards the top; 1: towards the right; -1: towards the left"),
            "light": P(0.2, 0.0, 4.0, "light that wanders along the axis", LIGHT),
            "axis": P(0.0, -1.0, 1.0, "height of that light", "half heights"),
        },
    ),
    "capsules": EffectSpec(
        "How loud the voice was in the last seconds, as rounded bars that it leaves from the middle both ways.",
        {
            "count": P(22.0, 4.0, 64.0, "bars on each side of the middle one; fewer in narrow pictures"),
            "seconds": P(2.2, 0.1, 7.5, "how long a sound takes to the edge", "s"),
            "height": P(0.6, 0.0, 3.0, "half height of a full bar", SHORT),
            "width": P(0.8, 0.1, 1.0, "share of the canvas' width"),
            "axis": P(0.0, -1.0, 1.0, "height of the middle", "half heights"),
            "fill": P(0.5, 0.1, 1.0, "width of a bar within its place"),
            "gain": P(1.0, 0.0, 16.0, "brightness", LIGHT),
            "variety": P(0.5, 0.0, 1.0, "how much neighbours differ"),
            "sway": P(0.01, 0.0, 0.5, "height of a wave that runs outwards, in silence, too", SHORT),
            "run": P(0.0, -1e6, 1e6, "how far that wave has run (integrate a speed)", "radians"),
        },
        columns=4,
        reads=("bands", "history"),
    ),
    "emblem": EffectSpec(
        "Glass discs that circle each other within a thin ring, and a quiet line of the spectrum.",
        {
            "size": P(0.5, 0.05, 2.0, "radius of the largest disc", SHORT),
            "turn": P(0.0, -1e6, 1e6, "how far the discs have circled (integrate a speed)", "radians"),
            "spread": P(0.6, 0.0, 2.0, "how far they are apart"),
            "swell": P(0.0, -0.5, 0.5, "how much larger the first and smaller the second disc is"),
            "gain": P(1.0, 0.0, 16.0, "light of the discs", LIGHT),
            "ring": P(0.6, 0.0, 8.0, "light of the ring and its bead", LIGHT),
            "run": P(0.0, -1e6, 1e6, "how far the bead has run (integrate a speed)", "radians"),
            "line": P(0.8, 0.0, 8.0, "light of the spectrum's line", LIGHT),
            "height": P(0.3, 0.0, 2.0, "height of a full band", SHORT),
            "axis": P(-0.5, -1.0, 1.0, "height of the line", "half heights"),
        },
        columns=6,
        reads=("bands", "history"),
    ),
    "blurred": EffectSpec(
        "The cover art as a soft cloth of light that turns and bends, with the shadow and the glow of a sleeve on it.",
        {
            "turn": P(0.0, -1e6, 1e6, "rotation", "radians"),
            "drift": P(0.0, -1e6, 1e6, "how far the cloth has bent (integrate a speed)", "radians"),
            "zoom": P(0.9, 0.1, 4.0, "share of the picture that spans the canvas"),
            "gain": P(0.6, 0.0, 8.0, "brightness", LIGHT),
            "saturation": P(1.2, 0.0, 3.0, "1 keeps the picture's colours, 0 is grey"),
            "glow": P(0.5, 0.0, 8.0, "how much brighter the cloth is around the sleeve"),
            "shadow": P(0.7, 0.0, 1.0, "how dark the sleeve's shadow is"),
            "size": P(0.42, 0.02, 2.0, "half of the sleeve's side, as that of `sleeve`", SHORT),
            "round": P(0.06, 0.0, 1.0, "how round its corners are; 1: a disc"),
            "axis": P(0.0, -1.0, 1.0, "height of its middle", "half heights"),
        },
        reads=("art",),
    ),
    "sleeve": EffectSpec(
        "The cover art itself, and the spectrum as bars that stand on its border, the bass below.",
        {
            "size": P(0.42, 0.02, 2.0, "half of the side", SHORT),
            "round": P(0.06, 0.0, 1.0, "how round the corners are; 1: a disc"),
            "axis": P(0.0, -1.0, 1.0, "height of the middle", "half heights"),
            "shown": P(1.0, 0.0, 4.0, "light of the picture; 1: its own"),
            "count": P(48.0, 8.0, 128.0, "bars on each side"),
            "fill": P(0.5, 0.1, 1.0, "width of a bar within its place"),
            "gap": P(0.05, 0.005, 0.5, "distance of the bars from the picture", SHORT),
            "height": P(0.25, 0.0, 2.0, "length of a full bar", SHORT),
            "gain": P(1.0, 0.0, 16.0, "light of the bars", LIGHT),
            "tint": P(0.7, 0.0, 1.0, "colour of the bars; 0: the palette's, 1: the picture's"),
            "line": P(0.4, 0.0, 8.0, "light of the line around the picture"),
        },
        reads=("bands", "art"),
    ),
}
