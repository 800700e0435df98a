"""Palettes by name, for presets and jobs: five colours each, dark to bright in OKLab lightness."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Palette:
    """A named palette. colours: sRGB "#rrggbb", dark to bright."""

    description: str
    colours: tuple[str, ...]


def _of(description: str, *colours: str) -> Palette:
    return Palette(description, colours)


PALETTES: Mapping[str, Palette] = {
    "ember": _of("glowing coal", "#050203", "#4a0a12", "#c2331b", "#ff9a3a", "#fff0c2"),
    "dusk": _of("the sky after sunset", "#040510", "#27124d", "#a8327e", "#ff8d6b", "#ffe6c0"),
    "synthwave": _of("violet, magenta and a low sun", "#05031a", "#3a0f7a", "#d0208f", "#ff8a4a", "#ffe98f"),
    "neon": _of("signs in the rain: violet, pink, cyan", "#04020f", "#2a0f86", "#c2189c", "#2fd8f2", "#f2fff8"),
    "candy": _of("indigo, raspberry, apricot, lemon", "#06041a", "#3a2a9c", "#e0409a", "#ffa070", "#fff4a8"),
    "orchid": _of("violet to pale pink", "#060210", "#33105f", "#9030b8", "#ee78cf", "#ffe8f6"),
    "rose": _of("dark wine to petals", "#080306", "#4a1230", "#b33a66", "#f494a6", "#fff0ea"),
    "abyss": _of("deep blue sea", "#01030a", "#07204f", "#1358b0", "#4fb4ee", "#e4f7ff"),
    "lagoon": _of("warm shallow water", "#01060f", "#04334f", "#0c8f9c", "#6fe6d2", "#fffbe0"),
    "glacier": _of("cold light, little colour", "#03070c", "#14364d", "#4789a8", "#a6d8e6", "#f7feff"),
    "borealis": _of("green light in a cold night", "#020510", "#06303f", "#0b8f72", "#6ff0a4", "#e6ffd9"),
    "moss": _of("forest floor to young leaves", "#030603", "#17341c", "#4a7d2e", "#a9c94e", "#f4f7cf"),
    "citrus": _of("leaf green, lime, lemon", "#040602", "#254a14", "#7fae1a", "#f2dc3a", "#fffbd6"),
    "gold": _of("candlelight on brass", "#050403", "#3a2708", "#a3731a", "#edc04e", "#fff6d8"),
    "copper": _of("polished copper", "#060403", "#3b1a10", "#99502a", "#dd9a5e", "#ffeeda"),
    "mono": _of("greys alone", "#030303", "#262626", "#6b6b6b", "#b8b8b8", "#ffffff"),
}
