"""The spectrum along a line or over time."""

from __future__ import annotations

from collections.abc import Mapping

from engine.effects.units import LIGHT, SHORT
from engine.scene import EffectSpec
from engine.scene import ParamSpec as P

EFFECTS: Mapping[str, EffectSpec] = {
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
    "ridges": EffectSpec(
        "The spectrum of the last seconds as lines that travel to the horizon and hide what is behind them.",
        {
            "lines": P(40.0, 4.0, 53.0, "number of lines; the nearest is live"),
            "height": P(0.7, 0.0, 3.0, "height of a full band at the front", SHORT),
            "depth": P(2.2, 0.0, 8.0, "perspective; 0: all lines are equally wide and far apart"),
            "horizon": P(0.35, -1.0, 1.0, "height of the farthest line", "half heights"),
            "front": P(-0.85, -1.0, 1.0, "height of the nearest line", "half heights"),
            "rough": P(0.5, 0.0, 2.0, "how jagged the lines are"),
            "sway": P(0.1, 0.0, 1.0, "how far the range meanders to the sides"),
            "width": P(0.004, 0.0005, 0.05, "half width of a line", SHORT),
            "gain": P(1.0, 0.0, 16.0, "light of the lines", LIGHT),
            "sun": P(0.3, 0.0, 2.0, "radius of the disc behind the horizon", SHORT),
            "sunrise": P(0.45, -2.0, 4.0, "height of the disc above the horizon", "its radius"),
            "sunlight": P(0.4, 0.0, 8.0, "light of the disc and of the haze", LIGHT),
        },
        reads=("bands", "history"),
    ),
    "waterfall": EffectSpec(
        "A spectrogram that falls from a glowing lip: frequency across, the last seconds downwards.",
        {
            "lip": P(0.5, -0.9, 1.0, "height of the newest moment", "half heights"),
            "seconds": P(5.0, 0.5, 7.9, "how long a sound takes to the lower edge", "s"),
            "speeding": P(0.5, 0.0, 1.0, "0: it falls evenly, 1: it starts at rest"),
            "spread": P(0.2, -0.5, 2.0, "how much wider it is at the bottom", "half widths"),
            "comb": P(0.4, 0.0, 1.0, "how clearly the bands are apart"),
            "waver": P(0.05, 0.0, 0.5, "eddies at the bottom", SHORT),
            "flame": P(0.4, 0.0, 2.0, "height of the live spectrum above the lip", SHORT),
            "mist": P(0.3, 0.0, 4.0, "light of the mist at the bottom", LIGHT),
            "gain": P(1.0, 0.0, 16.0, "brightness", LIGHT),
        },
        reads=("bands", "history"),
    ),
    "led": EffectSpec(
        "The spectrum as columns of lamps behind glass, with held peaks and a reflection.",
        {
            "count": P(28.0, 4.0, 64.0, "number of columns"),
            "lamps": P(26.0, 4.0, 64.0, "lamps in a column"),
            "fill": P(0.8, 0.1, 1.0, "size of a lamp within its place"),
            "width": P(0.9, 0.1, 1.0, "share of the canvas' width"),
            "floor": P(-0.55, -1.0, 1.0, "height of the lowest lamp", "half heights"),
            "height": P(1.3, 0.1, 2.0, "height of a column", "half heights"),
            "gain": P(1.0, 0.0, 16.0, "light of the lamps", LIGHT),
            "unlit": P(0.04, 0.0, 1.0, "light of lamps that are off", LIGHT),
            "peak": P(1.0, 0.0, 4.0, "light of the held peaks"),
            "mirror": P(0.3, 0.0, 1.0, "light of the reflection"),
            "sheen": P(0.0, -1e6, 1e6, "where the glass shines", SHORT),
            "rim": P(0.2, 0.0, 4.0, "light of the pane's edge", LIGHT),
            "hue": P(0.0, -1.0, 1.0, "how much the colour changes from bass to treble"),
        },
        columns=4,
        reads=("bands", "peaks"),
    ),
    "mirrored": EffectSpec(
        "The spectrum as a smooth body about the middle, with echoes of the last moments behind it.",
        {
            "height": P(0.7, 0.0, 3.0, "half height of a full band", SHORT),
            "axis": P(0.0, -1.0, 1.0, "height of the middle", "half heights"),
            "fold": P(1.0, 0.0, 1.0, "1: bass in the middle, treble at both sides; 0: bass left, treble right"),
            "echo": P(0.14, 0.0, 1.5, "time between the echoes", "s"),
            "drift": P(0.07, 0.0, 1.0, "how far each echo has spread"),
            "threads": P(7.0, 1.0, 40.0, "threads in either half of the body"),
            "gain": P(1.0, 0.0, 16.0, "brightness", LIGHT),
            "rim": P(0.9, 0.0, 8.0, "light of the outline"),
            "body": P(1.0, 0.0, 8.0, "light of the body and of the echoes"),
        },
        columns=9,
        reads=("bands", "history"),
    ),
}
