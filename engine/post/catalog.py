"""The post passes as data, in the order in which they run, without importing Taichi.

First light is spread (bloom, streaks), then graded, encoded (tonemap, grade, vignette) and packed (dither). The others
work on packed frames, whole ones. CORE is compiled into every scene, the rest where a scene names it, or an option
other than the first: what it does not name costs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.scene import Binding, EffectSpec, OptionSpec, ParamSpec

CORE = ("bloom", "tonemap", "vignette", "dither")
"""Passes that every scene's row has numbers of; one that a scene leaves out has a strength of 0."""

PASSES: Mapping[str, EffectSpec] = {
    "bloom": EffectSpec(
        "Light that spreads around bright parts (multi-scale blur of the linear image).",
        {
            "strength": ParamSpec(0.4, 0.0, 4.0, "how much of the blurred light is added"),
            "spread": ParamSpec(0.6, 0.0, 1.0, "0: tight glow, 1: wide haze"),
        },
    ),
    "streaks": EffectSpec(
        "Horizontal flares of bright lights, as of a lens for wide screens.",
        {
            "strength": ParamSpec(0.5, 0.0, 4.0, "how much of them is added"),
            "threshold": ParamSpec(0.35, 0.0, 16.0, "light that stays without", "linear light"),
            "length": ParamSpec(0.5, 0.02, 2.0, "where they have faded to a third", "half of the shorter side"),
            "blue": ParamSpec(0.6, 0.0, 1.0, "0: the lights' own colours, 1: blue"),
        },
    ),
    "tonemap": EffectSpec(
        "Exposure, then a curve from linear light to display range.",
        {
            "exposure": ParamSpec(1.0, 0.0, 16.0, "linear gain before the curve"),
            "saturation": ParamSpec(1.0, 0.0, 2.0, "1 keeps the colours, 0 is grey"),
        },
        options={
            "curve": OptionSpec(
                ("filmic", "reinhard", "hable", "agx", "none"),
                "filmic: deep blacks, strong colours; reinhard: soft highlights; hable: like film, darker; agx: bright "
                "colours turn to white gently; none: what is brighter than white is cut off",
            )
        },
    ),
    "grade": EffectSpec(
        "Colours of a whole picture: white balance before the curve, the rest after it.",
        {
            "temperature": ParamSpec(0.0, -1.0, 1.0, "-1: cold, 1: warm"),
            "tint": ParamSpec(0.0, -1.0, 1.0, "-1: green, 1: magenta"),
            "contrast": ParamSpec(0.2, -1.0, 1.0, "above 0: darker shadows, brighter lights"),
            "split": ParamSpec(0.0, -1.0, 1.0, "1: blue shadows and yellow lights, -1: the other way round"),
            "mids": ParamSpec(0.0, -1.0, 1.0, "how much middle tones are raised"),
            "lift": ParamSpec(0.0, -0.2, 0.5, "what black becomes; below 0: dark tones become black", "display range"),
        },
    ),
    "vignette": EffectSpec(
        "Darkens the corners.",
        {
            "strength": ParamSpec(0.3, 0.0, 1.0, "0: none, 1: black corners"),
            "radius": ParamSpec(0.9, 0.1, 2.0, "distance from the centre where it starts", "half heights"),
        },
    ),
    "dither": EffectSpec(
        "Seeded noise of one output level, against banding.",
        {"strength": ParamSpec(1.0, 0.0, 4.0, "amplitude", "output levels")},
    ),
    "motion_blur": EffectSpec(
        "What moves is smeared: the mean, in light, of pictures within the time that a shutter is open. Quality "
        "balanced takes 2 of them, high 4, ultra 8, and fast 1, which is no blur; a frame costs as many drawings.",
        {"shutter": ParamSpec(0.5, 0.0, 1.0, "how long the shutter is open", "frames")},
    ),
    "kaleidoscope": EffectSpec(
        "A sector of the picture, mirrored all around its centre.",
        {
            "segments": ParamSpec(6.0, 2.0, 24.0, "how many sectors; to the nearest whole number"),
            "turn": ParamSpec(0.0, -1e9, 1e9, "where in the picture the sector is", "rad"),
            "spin": ParamSpec(0.0, -1e9, 1e9, "how far all of them are turned", "rad"),
            "zoom": ParamSpec(1.0, 1.0, 4.0, "enlargement"),
        },
    ),
    "chromatic_aberration": EffectSpec(
        "A lens that magnifies red more than green, and green more than blue: coloured edges, ever wider outwards.",
        {"strength": ParamSpec(0.4, 0.0, 4.0, "shift in the corners", "hundredths of the way to the centre")},
    ),
    "scanlines": EffectSpec(
        "Dark lines across, as of a television's tube. They are whole pixels apart, and fade where there is no room.",
        {
            "strength": ParamSpec(0.3, 0.0, 1.0, "how dark they are"),
            "count": ParamSpec(270.0, 16.0, 1080.0, "about how many there are in the height of the picture"),
        },
    ),
    "grain": EffectSpec(
        "Seeded grain of film, strongest in middle tones; another 24 times a second, at any frame rate.",
        {"strength": ParamSpec(0.2, 0.0, 1.0, "amplitude")},
    ),
}


@dataclass(frozen=True, slots=True)
class Look:
    """What is compiled of a scene's post chain.

    passes: those that it has numbers of, CORE first, then others in the order in which they run. curve: the tonemap's.
    """

    passes: tuple[str, ...] = CORE
    curve: str = "filmic"


def look_of(post: Mapping[str, Mapping[str, Binding]]) -> Look:
    """The look of a scene's `post`."""
    named = tuple(name for name in PASSES if name in post and name not in CORE)
    return Look((*CORE, *named), str(option(post, "tonemap", "curve")))


def option(post: Mapping[str, Mapping[str, Binding]], name: str, key: str) -> Binding:
    """The word that a scene has for an option of a pass."""
    return post.get(name, {}).get(key, PASSES[name].options[key].words[0])
