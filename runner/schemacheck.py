"""Schema errors as a person reads them: where the file is wrong, what was expected, and what was probably meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import jsonschema

import schemas
from runner.diagnostics import Diagnostic, Position, did_you_mean, listing, show
from runner.schemarules import RULES, other
from runner.yamlfile import Document, Where


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
    for error in sorted(errors, key=lambda one: one.validator != "type"):
        if error.validator in RULES and (*base, *error.absolute_path) in wrong:
            continue  # what has the wrong type, or is too small, need not be called odd as well
        for where, position, message, hint in _explain(document, error, (*base, *error.absolute_path)):
            wrong.add(where)
            diagnostic = Diagnostic.at(position, message, hint)
            if (diagnostic.file, diagnostic.line, diagnostic.column) not in known or not diagnostic.line:
                document.problems.append(diagnostic)
    return wrong


ELSEWHERE = {"ffmpeg": "a job file cannot name a program to run: set TRACKREEL_FFMPEG, or pass --ffmpeg"}
"""Keys that people may expect in a job and that are not there on purpose -> where to say it instead."""

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
    elif (
        error.validator == "not" and not error.validator_value and "x-message" not in error.schema
    ):  # the key exists, but not in a job of this kind
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
    return RULES.get(error.validator, other)(name, value, limit)


def _unknown_hint(key: str, properties: Mapping[str, Any]) -> str:
    if key == "<<":
        return "merge keys are not supported: write the keys out"
    hint = ELSEWHERE.get(key) or did_you_mean(key, properties)
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
