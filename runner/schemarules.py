"""What a broken rule of a schema is called: (name, value, limit) -> message and hint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from runner.diagnostics import did_you_mean, listing, show

_TYPES = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "a mapping of keys",
    "array": "a list",
    "null": "nothing",
}
_ALIASES = {"h265": "hevc", "x265": "hevc", "libx265": "hevc", "x264": "h264", "libx264": "h264", "avc": "h264"} | {
    "libsvtav1": "av1",
    "libvpx-vp9": "vp9",
    "nvidia": "cuda",
    "gpu": "vulkan",
    "libopus": "opus",
    "off": "none",
}
"""Other names of what an enumeration lists."""

_ON = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


def _type(name: str, value: Any, limit: Any) -> tuple[str, str]:
    names = [limit] if isinstance(limit, str) else limit
    wanted = " or ".join(_TYPES[one] for one in names)
    hint = ""
    if "boolean" in names and isinstance(value, str):
        hint = f"did you mean {_ON[value.lower()]}?" if value.lower() in _ON else ""
    elif names == ["string"] and isinstance(value, (bool, int, float)):
        hint = "put it in quotes"
    elif isinstance(value, str) and value.replace("_", "").replace(".", "", 1).isdigit():
        hint = "write the number without quotes or underscores"
    return f"{name} must be {wanted}, not {show(value)}", hint


def _enum(name: str, value: Any, limit: Any) -> tuple[str, str]:
    known = [str(one) for one in limit]
    meant = _ALIASES.get(str(value).lower().replace(".", ""))
    hint = f"did you mean '{meant}'?" if meant in known else did_you_mean(str(value), known)
    return f"{name} must be one of {listing(known)}, not {show(value)}", hint


def _const(name: str, value: Any, limit: Any) -> tuple[str, str]:
    return f"{name} must be {show(limit)}, not {show(value)}", ""


def _even(name: str, value: Any, limit: Any) -> tuple[str, str]:
    lower = int(value // limit * limit)
    return f"{name} {value} is odd: 4:2:0 video needs even sizes", f"nearest: {lower} or {lower + int(limit)}"


def _bound(words: str) -> Callable[[str, Any, Any], tuple[str, str]]:
    return lambda name, value, limit: (f"{name} must be {words} {limit}, not {show(value)}", "")


def other(name: str, value: Any, _: Any) -> tuple[str, str]:
    """A rule without words of its own."""
    return f"{name} is not valid: {show(value)}", ""


RULES: Mapping[str, Callable[[str, Any, Any], tuple[str, str]]] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "multipleOf": _even,
    "minimum": _bound("at least"),
    "maximum": _bound("at most"),
    "exclusiveMinimum": _bound("more than"),
    "minLength": lambda name, _, __: (f"{name} must not be empty", ""),
    "maxLength": lambda name, _, limit: (f"{name} must have at most {limit} characters", ""),
    "minItems": lambda name, value, limit: (
        f"{name} must have at least {limit} {'item' if limit == 1 else 'items'}, not {len(value)}",
        "",
    ),
    "maxItems": lambda name, value, limit: (f"{name} must have at most {limit} items, not {len(value)}", ""),
    "uniqueItems": lambda name, _, __: (f"{name} names something twice", ""),
    "minProperties": lambda name, _, __: (f"{name} must not be empty", ""),
}
"""By the keyword of JSON Schema."""
