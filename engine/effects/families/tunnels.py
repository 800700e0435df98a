"""Flights, and feedback that bends the last picture."""

from __future__ import annotations

from collections.abc import Mapping

from engine.effects.units import LIGHT, SHORT
from engine.scene import EffectSpec
from engine.scene import ParamSpec as P

EFFECTS: Mapping[str, EffectSpec] = {
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
    "echo": EffectSpec(
        "Feedback with stirrers in it, and its mirrored echo; the waveform is a line and a flower.",
        {
            "zoom": P(0.3, -4.0, 4.0, "growth", "1/s"),
            "rotate": P(0.0, -6.0, 6.0, "rotation", "radians/s"),
            "stir": P(0.1, -4.0, 4.0, "how fast the stirrers turn"),
            "fade": P(0.8, 0.02, 20.0, "half-life of the light", "s"),
            "tint": P(0.6, 0.0, 8.0, "how fast old light takes on the palette's deep colour"),
            "gain": P(0.05, 0.0, 16.0, "light that is added", LIGHT),
            "line": P(1.0, 0.0, 8.0, "light of the wave as a line"),
            "flower": P(0.0, 0.0, 8.0, "light of the wave around the middle"),
            "petals": P(3.0, 1.0, 16.0, "how often the wave goes around (whole numbers close the seam)"),
            "height": P(0.5, 0.0, 2.0, "height of a full-scale wave", SHORT),
            "width": P(0.012, 0.001, 0.1, "half width of the wave's line", SHORT),
            "phase": P(0.0, -1e6, 1e6, "how far stirrers and colours have come (integrate a speed)", "radians"),
            "echo": P(0.5, 0.0, 2.0, "light of the echo"),
            "echo_zoom": P(1.6, 0.2, 8.0, "magnification of the echo"),
            "flip": P(1.0, -1e6, 1e6, "which way round the echo is; 1: mirrored", "half turns"),
        },
        memory=True,
        reads=("waves",),
    ),
}
