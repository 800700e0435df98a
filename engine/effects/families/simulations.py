"""Worlds with a state of their own, stepped sixty times a second."""

from __future__ import annotations

from collections.abc import Mapping

from engine.effects.units import LIGHT
from engine.scene import EffectSpec
from engine.scene import ParamSpec as P

EFFECTS: Mapping[str, EffectSpec] = {
    "ripples": EffectSpec(
        "A pond that mirrors the moon: beats and onsets are drops that fall into it.",
        {
            "travel": P(0.0, -1e6, 1e6, "how far the swell and the clouds have moved (integrate a speed)", "radians"),
            "gain": P(1.0, 0.0, 8.0, "brightness of the sky in the water", LIGHT),
            "drop": P(0.5, 0.0, 4.0, "how hard the drops of the beats fall"),
            "rain": P(0.4, 0.0, 4.0, "how hard the drops of the onsets fall"),
            "life": P(3.2, 0.2, 8.0, "how long a ring runs", "s"),
            "swell": P(0.3, 0.0, 2.0, "height of the long waves"),
            "glitter": P(0.5, 0.0, 4.0, "height of the small waves"),
            "glow": P(0.6, 0.0, 8.0, "light of the rings themselves", LIGHT),
            "moon": P(1.0, 0.0, 8.0, "light of the moon", LIGHT),
        },
        reads=("beats", "onsets"),
    ),
    "reaction": EffectSpec(
        "Two substances that feed on each other (Gray and Scott's model): a wet skin that grows and divides.",
        {
            "feed": P(0.037, 0.01, 0.08, "how fast the skin is fed"),
            "kill": P(0.06, 0.04, 0.07, "how fast the skin dies"),
            "vary": P(0.003, 0.0, 0.01, "how much that differs from place to place"),
            "stretch": P(0.05, -1.0, 1.0, "how fast the skin is drawn out from the middle", "1/s"),
            "turn": P(0.0, -2.0, 2.0, "rotation", "radians/s"),
            "stir": P(0.02, 0.0, 1.0, "how fast the skin is kneaded", "half of the shorter side / s"),
            "bite": P(1.0, 0.0, 1.0, "how much of the skin a beat takes away where it falls"),
            "gain": P(1.0, 0.0, 8.0, "brightness", LIGHT),
            "relief": P(1.0, 0.0, 4.0, "how high the skin stands"),
            "shine": P(0.6, 0.0, 8.0, "light on the wet skin"),
            "sun": P(1.0, -1e6, 1e6, "where the lamp is on its way over the skin", "radians"),
            "tone": P(0.0, -1.0, 1.0, "where in the palette the skin's colour lies"),
            "lit": P(0.6, 0.0, 8.0, "light of the bands on the skin's edges, the bass in the middle"),
            "wave": P(0.5, 0.0, 8.0, "light that a beat sends outwards"),
        },
        memory=True,
        reads=("bands", "beats"),
    ),
    "physarum": EffectSpec(
        "Slime mould of three kinds, for bass, middle and treble: nets of glowing trails that grow and give way.",
        {
            "pace": P(1.0, 0.0, 4.0, "how far an agent goes in a step at medium loudness", "cells"),
            "turn": P(0.35, 0.0, 1.5, "how sharply agents turn to a trail", "radians"),
            "fade": P(0.12, 0.02, 4.0, "half-life of the trails", "s"),
            "spread": P(0.6, 0.0, 1.0, "how much the trails spread"),
            "food": P(3.0, 0.0, 40.0, "how strongly each kind is drawn to its food"),
            "sway": P(0.8, 0.0, 1.2, "how far the food wanders"),
            "low": P(0.5, 0.0, 2.0, "how lively and bright the first kind is"),
            "middle": P(0.5, 0.0, 2.0, "how lively and bright the second kind is"),
            "high": P(0.5, 0.0, 2.0, "how lively and bright the third kind is"),
            "burst": P(0.05, 0.0, 1.0, "how many agents a beat gathers and throws outwards"),
            "gain": P(1.0, 0.0, 8.0, "brightness", LIGHT),
            "glow": P(0.6, 0.0, 8.0, "light of the thickest trails", LIGHT),
            "wave": P(0.3, 0.0, 8.0, "light that a beat sends outwards"),
            "tone": P(0.0, -1.0, 1.0, "where in the palette the kinds' colours lie"),
        },
        memory=True,
        reads=("beats",),
    ),
    "fluid": EffectSpec(
        "Dyes in moving water: bass, middle and treble pour one each, and every beat is a jet.",
        {
            "force": P(1.0, 0.0, 8.0, "how hard the inflows push the water"),
            "jet": P(0.5, 0.0, 4.0, "how hard a beat's jet pushes the water", "cells a step"),
            "drag": P(1.5, 0.05, 20.0, "half-life of the motion", "s"),
            "vortex": P(0.1, 0.0, 1.0, "how much vortices are strengthened"),
            "sway": P(0.9, 0.0, 1.2, "how far the inflows wander"),
            "low": P(0.5, 0.0, 2.0, "inflow of the first dye"),
            "middle": P(0.5, 0.0, 2.0, "inflow of the second dye"),
            "high": P(0.5, 0.0, 2.0, "inflow of the third dye"),
            "ink": P(1.0, 0.0, 8.0, "how much dye flows in"),
            "drop": P(0.4, 0.0, 3.0, "how much dye a beat's jet carries"),
            "fade": P(2.5, 0.05, 20.0, "half-life of the dyes", "s"),
            "gain": P(1.0, 0.0, 8.0, "brightness", LIGHT),
            "sheen": P(0.6, 0.0, 8.0, "light on the folds of the dyes", LIGHT),
            "ground": P(0.6, 0.0, 8.0, "light of the clear water", LIGHT),
            "tone": P(0.0, -1.0, 1.0, "where in the palette the dyes' colours lie"),
        },
        memory=True,
        reads=("beats",),
    ),
}
