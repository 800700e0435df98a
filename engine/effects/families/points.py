"""Many points of light."""

from __future__ import annotations

from collections.abc import Mapping

from engine.effects.units import LIGHT, SHORT
from engine.scene import EffectSpec
from engine.scene import ParamSpec as P

EFFECTS: Mapping[str, EffectSpec] = {
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
    "fireworks": EffectSpec(
        "Beats burst into shells of sparks, onsets crackle between them, and water mirrors them.",
        {
            "size": P(0.5, 0.05, 2.0, "radius of a large shell", SHORT),
            "life": P(2.6, 0.2, 6.0, "how long a shell glows", "s"),
            "fall": P(0.12, 0.0, 2.0, "how fast sparks sink", "half of the shorter side / s"),
            "trail": P(0.16, 0.01, 1.0, "how far back a spark's trail reaches", "s"),
            "gain": P(1.0, 0.0, 16.0, "brightness", LIGHT),
            "crackle": P(1.0, 0.0, 8.0, "light of the onsets' small bursts"),
            "horizon": P(-0.55, -2.0, 1.0, "height of the water's far edge", "half heights"),
            "mirror": P(0.6, 0.0, 2.0, "light of the mirror image"),
        },
        reads=("beats", "onsets"),
    ),
    "starfield": EffectSpec(
        "A flight through stars; each belongs to a band, and near ones are drawn out into streaks.",
        {
            "count": P(2400.0, 1.0, 5000.0, "number of stars"),
            "travel": P(0.0, -1e6, 1e6, "how far the flight has come (integrate a speed); 1: past all that are seen"),
            "streak": P(0.02, 0.0, 0.5, "length of the streaks, as travel"),
            "roll": P(0.0, -1e6, 1e6, "rotation about the way", "radians"),
            "sway": P(0.5, 0.0, 2.0, "how far the end of the way wanders"),
            "size": P(0.006, 0.001, 0.05, "radius of a bright star", SHORT),
            "gain": P(1.0, 0.0, 16.0, "brightness", LIGHT),
            "lively": P(0.7, 0.0, 4.0, "how much a star's light follows its band"),
        },
        reads=("bands",),
    ),
    "attractor": EffectSpec(
        "Silk of light points, folded by a strange attractor; each of its threads belongs to a band.",
        {
            "morph": P(0.0, -1e6, 1e6, "how far the attractor has changed (integrate a speed)"),
            "yaw": P(0.0, -1e6, 1e6, "where the viewer stands around it", "radians"),
            "tilt": P(0.3, -3.2, 3.2, "how far it leans towards the viewer", "radians"),
            "zoom": P(1.0, 0.1, 4.0, "magnification"),
            "stretch": P(0.5, 0.0, 1.0, "how far it fills the longer side"),
            "lively": P(0.7, 0.0, 4.0, "how much a thread's light follows its band"),
            "size": P(0.005, 0.001, 0.05, "radius of a point", SHORT),
            "gain": P(1.0, 0.0, 16.0, "brightness", LIGHT),
        },
        reads=("bands",),
    ),
    "currents": EffectSpec(
        "Thousands of streaks that drift along a field of whirls; each has its band.",
        {
            "count": P(2600.0, 1.0, 4000.0, "number of streaks"),
            "flow": P(0.0, -1e6, 1e6, "how far the whirls have changed (integrate a speed)"),
            "age": P(0.0, -1e6, 1e6, "how many lives have passed (integrate a speed)"),
            "length": P(0.2, 0.01, 1.0, "length of the streaks in fast water", SHORT),
            "scale": P(1.0, 0.2, 4.0, "how many whirls there are"),
            "width": P(0.005, 0.001, 0.05, "half width of a streak", SHORT),
            "lively": P(0.7, 0.0, 4.0, "how much a streak's light follows its band"),
            "gain": P(1.0, 0.0, 16.0, "brightness", LIGHT),
        },
        reads=("bands",),
    ),
}
