"""The waveform, and what it says of left and right."""

from __future__ import annotations

from collections.abc import Mapping

from engine.effects.units import LIGHT, SHORT
from engine.scene import EffectSpec
from engine.scene import ParamSpec as P

EFFECTS: Mapping[str, EffectSpec] = {
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
    "vectorscope": EffectSpec(
        "Left against right as an electron beam with afterglow, in a space that can be turned.",
        {
            "size": P(0.9, 0.05, 4.0, "height of a full-scale wave that both sides share", SHORT),
            "wide": P(1.6, 0.0, 8.0, "how much what the sides do not share is magnified"),
            "delay": P(0.03, 0.0, 0.3, "how much later the depth is", "windows"),
            "yaw": P(0.0, -1e6, 1e6, "rotation about the vertical: 0 is the plain vectorscope", "radians"),
            "turn": P(0.0, -1e6, 1e6, "rotation in the picture", "radians"),
            "span": P(1.0, 0.05, 1.0, "share of the waveform's window that is drawn"),
            "copies": P(1.0, 1.0, 8.0, "figures around the middle, every other one mirrored"),
            "even": P(0.0, 0.0, 1.0, "how much quiet music is drawn as large as loud music"),
            "soft": P(1.0, 0.0, 32.0, "over how much the wave is smoothed", "samples of 0.09 ms"),
            "beam": P(0.006, 0.001, 0.1, "half width of the beam", SHORT),
            "fade": P(0.08, 0.005, 2.0, "half-life of the light", "s"),
            "gain": P(0.3, 0.0, 16.0, "brightness", LIGHT),
            "grid": P(0.1, 0.0, 4.0, "light of the graticule", LIGHT),
        },
        memory=True,
        reads=("waves",),
    ),
    "phase": EffectSpec(
        "A goniometer's half circle as a fan of rays, with both levels and the correlation of left and right.",
        {
            "size": P(0.85, 0.1, 4.0, "radius of the half circle", SHORT),
            "base": P(-0.45, -1.0, 1.0, "height of its middle", "half heights"),
            "rays": P(96.0, 4.0, 400.0, "rays of the fan"),
            "wide": P(1.0, 0.0, 8.0, "how much what the sides do not share is magnified"),
            "fall": P(0.2, 0.01, 4.0, "how slowly the meters fall", "s"),
            "gain": P(1.0, 0.0, 16.0, "brightness of the fan", LIGHT),
            "body": P(1.0, 0.0, 8.0, "light within the fan"),
            "veil": P(1.0, 0.0, 8.0, "light of what the fan was a moment ago", LIGHT),
            "mirror": P(0.2, 0.0, 1.0, "light of the reflection"),
            "grid": P(0.15, 0.0, 4.0, "light of the dome", LIGHT),
            "levels": P(0.9, 0.0, 8.0, "light of the levels", LIGHT),
            "arc": P(1.0, 0.0, 8.0, "light of the correlation", LIGHT),
        },
        memory=True,
        reads=("waves",),
    ),
}
