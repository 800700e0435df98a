"""Text of strangers (names of files, tags, messages of tools) made safe to print, and figures in words for a person."""

from __future__ import annotations

import unicodedata

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def clean(text: object, *, keep: str = "") -> str:
    """The text without what would steer a terminal or turn the direction of writing; characters of `keep` stay.

    Line ends and tabs become blanks unless kept; other control, format and surrogate characters a replacement mark.
    """
    plain = str(text)
    if plain.isascii() and plain.isprintable():
        return plain
    return "".join(one if one in keep else _safe(one) for one in plain)


def _safe(one: str) -> str:
    if one in "\n\r\t":
        return " "
    if one == "\N{ZERO WIDTH JOINER}":  # joins emoji, and letters of many scripts
        return one
    return REPLACEMENT if unicodedata.category(one) in {"Cc", "Cf", "Cs"} else one


def clock(seconds: float) -> str:
    """`3:12`, `1:03:12`."""
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def rough(seconds: float) -> str:
    """How long something will still take, no more exactly than it is known: `40 s`, `12 min`, `3 h 20 min`."""
    if seconds < 55:
        return f"{max(5, round(seconds / 5) * 5)} s"
    minutes = max(1, round(seconds / 60))
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(round(minutes / 5) * 5, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(round(seconds / 3600), 24)
    return f"{days} d {hours} h" if hours else f"{days} d"
