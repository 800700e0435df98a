"""The spectrum around a centre."""

from __future__ import annotations

from collections.abc import Mapping

from engine.effects.units import LIGHT, SHORT
from engine.scene import EffectSpec
from engine.scene import ParamSpec as P

EFFECTS: Mapping[str, EffectSpec] = {
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
    "sunburst": EffectSpec(
        "Rays around a dark sun, one to a band; the last seconds travel outwards along them.",
        {
            "radius": P(0.3, 0.02, 2.0, "radius of the sun", SHORT),
            "seconds": P(3.0, 0.2, 7.9, "how long a sound takes to the end of its ray", "s"),
            "reach": P(1.7, 0.1, 6.0, "length of a ray", SHORT),
            "rays": P(36.0, 4.0, 96.0, "rays on each side"),
            "fill": P(0.8, 0.1, 1.0, "width of a full ray within its place"),
            "spin": P(0.0, -1e6, 1e6, "rotation", "radians"),
            "twist": P(0.0, -3.0, 3.0, "how much the rays bend to spirals", "radians/s"),
            "gain": P(1.0, 0.0, 16.0, "brightness", LIGHT),
            "rim": P(0.7, 0.0, 8.0, "light of the sun's edge", LIGHT),
            "corona": P(0.6, 0.0, 4.0, "haze around the sun", LIGHT),
        },
        reads=("bands", "history"),
    ),
    "halo": EffectSpec(
        "The waveform as thin rings around a dark disc, left and right on their own sides.",
        {
            "radius": P(0.45, 0.05, 2.0, "radius of the disc", SHORT),
            "height": P(0.2, 0.0, 1.0, "height of a full-scale wave", SHORT),
            "span": P(0.4, 0.05, 0.95, "share of the waveform's window that is shown"),
            "apart": P(0.035, 0.0, 0.5, "distance of the rings", SHORT),
            "spin": P(0.0, -1e6, 1e6, "rotation", "radians"),
            "width": P(0.005, 0.0005, 0.05, "half width of a ring", SHORT),
            "gain": P(1.0, 0.0, 16.0, "light of the rings", LIGHT),
            "glow": P(0.5, 0.0, 8.0, "light behind the disc", LIGHT),
            "aura": P(0.8, 0.0, 4.0, "how far a full band spreads that light", "radii"),
            "ripple": P(0.15, 0.0, 4.0, "light of the rings that leave on beats", LIGHT),
            "rim": P(0.7, 0.0, 8.0, "light of the disc's edge", LIGHT),
        },
        reads=("waves", "bands", "beats"),
    ),
}
