"""Schema errors as a person reads them: where the file is wrong, what was expected, and what was probably meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import jsonschema

import schemas
from runner.diagnostics import Diagnostic, Position, did_you_mean, listing, show
from runner.yamlfile import Document, Where

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


def check(document: Document, name: str) -> set[Where]:
    """Record every way in which the document breaks the schema `name`; the places that are wrong are returned.

    A place that has a problem already (a scalar that could not be read) is not reported twice.
    """
    return _record(document, _validator(name).iter_errors(document.data), ())


def check_part(document: Document, name: str, part: Mapping[str, Any], data: Any, where: Where) -> set[Where]:
    """Like `check`, for `data` at `where` in the document against `part`, a subschema of the schema `name`."""
    validator: Any = _validator(name).evolve(schema=part)
    return _record(document, validator.iter_errors(data), where)


def subschema(name: str, dotted: str) -> Mapping[str, Any] | None:
    """The part of a schema that describes a dotted key ("video.fps"), or None if there is no such key."""
    schema: Any = schemas.load(name)
    for key in dotted.split("."):
        described = schema.get("properties", {}).get(key, schema.get("additionalProperties"))
        if not isinstance(described, dict):
            return None
        schema = _resolve(name, described)
    found: Mapping[str, Any] = schema
    return found


@cache
def dotted_keys(name: str) -> tuple[str, ...]:
    """Every dotted key that a schema describes, in the schema's order."""
    return tuple(_walk(name, schemas.load(name), ""))


@cache
def defaults(name: str) -> Mapping[str, Any]:
    """Dotted key -> default of every key of a schema that has one."""
    found = ((key, subschema(name, key)) for key in dotted_keys(name))
    return {key: part["default"] for key, part in found if part and "default" in part}


def _walk(name: str, schema: Mapping[str, Any], prefix: str) -> Iterator[str]:
    for key, part in schema.get("properties", {}).items():
        yield prefix + key
        yield from _walk(name, _resolve(name, part), f"{prefix}{key}.")


def _resolve(name: str, part: Mapping[str, Any]) -> Mapping[str, Any]:
    """A subschema with its `$ref` followed; what stands beside the reference (a default, a description) wins."""
    if "$ref" not in part:
        return part
    return {**schemas.load(name)["$defs"][part["$ref"].rpartition("/")[2]], **part}


@cache
def _validator(name: str) -> jsonschema.protocols.Validator:
    return jsonschema.Draft202012Validator(schemas.load(name))


def _record(document: Document, errors: Iterator[Any], base: Where) -> set[Where]:
    known = {(one.file, one.line, one.column) for one in document.problems}
    wrong: set[Where] = set()
    for error in errors:
        for where, position, message, hint in _explain(document, error, (*base, *error.absolute_path)):
            wrong.add(where)
            diagnostic = Diagnostic.at(position, message, hint)
            if (diagnostic.file, diagnostic.line, diagnostic.column) not in known or not diagnostic.line:
                document.problems.append(diagnostic)
    return wrong


_Finding = tuple[Where, Position, str, str]


def _explain(document: Document, error: Any, where: Where) -> Iterator[_Finding]:
    if error.validator == "additionalProperties" and error.validator_value is False:
        for key in error.instance:
            if key not in error.schema.get("properties", {}):
                hint = _unknown_hint(key, error.schema.get("properties", {}))
                yield (*where, key), document.at_key((*where, key)), f"unknown key {_quote(key)}", hint
    elif error.validator == "required":
        key = next(one for one in error.validator_value if one not in error.instance and f"'{one}'" in error.message)
        yield where, document.at_key(where), f"missing key '{key}'", _inside(where)
    elif error.validator == "not" and not error.validator_value:  # the key exists, but not in a job of this kind
        kind = document.data.get("kind", "export") if isinstance(document.data, dict) else "export"
        yield where, document.at_key(where), f"'{where[-1]}' does not belong in a job of kind '{kind}'", ""
    elif "propertyNames" in error.schema_path:
        where = (*where, error.instance)
        yield where, document.at_key(where), f"{show(error.instance)} is not a valid name", "use letters, digits and _"
    else:
        position = document.at_key(where) if error.validator in {"not", "minProperties"} else document.at(where)
        yield where, position, *_value_message(error, _name(where))


def _value_message(error: Any, name: str) -> tuple[str, str]:
    value, limit = error.instance, error.validator_value
    if error.validator == "not" and "x-message" in error.schema:
        return str(error.schema["x-message"]), ""
    if "x-expects" in error.schema:
        return f"{name} must be {error.schema['x-expects']}, not {show(value)}", ""
    return _RULES.get(error.validator, _other)(name, value, limit)


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


def _other(name: str, value: Any, _: Any) -> tuple[str, str]:
    return f"{name} is not valid: {show(value)}", ""


_RULES: Mapping[str, Callable[[str, Any, Any], tuple[str, str]]] = {
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


def _unknown_hint(key: str, properties: Mapping[str, Any]) -> str:
    if key == "<<":
        return "merge keys are not supported: write the keys out"
    hint = did_you_mean(key, properties)
    if hint:
        return hint
    homes = [one for one in dotted_keys("job") if one.endswith("." + key)]
    if homes:
        return f"did you mean '{homes[0]}'?"
    return f"known keys: {listing(list(properties), 20)}" if properties else ""


def _quote(key: object) -> str:
    return f"'{show(key)[1:-1]}'" if isinstance(key, str) else show(key)


def _inside(where: Where) -> str:
    return f"in '{'.'.join(str(one) for one in where)}'" if where else ""


def _name(where: Where) -> str:
    """The value's name in a message: its last two keys, as a dotted key; list indices count from 1."""
    words = [f"item {one + 1}" if isinstance(one, int) else str(one) for one in where[-2:]]
    if not words:
        return "the file"
    return " ".join(words) if "item " in words[-1] else ".".join(one for one in words if not one.startswith("item "))
