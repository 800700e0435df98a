"""JSON Schemas (2020-12), shipped with the package."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

_SUFFIX = ".schema.json"


def names() -> list[str]:
    """The names of all schemas, sorted: "job", "preset" ..."""
    return sorted(one.name.removesuffix(_SUFFIX) for one in files(__name__).iterdir() if one.name.endswith(_SUFFIX))


def text(name: str) -> str:
    """The schema's own JSON text, as the file has it. Raises KeyError for a name that is not in `names()`."""
    if name not in names():
        raise KeyError(name)
    return files(__name__).joinpath(name + _SUFFIX).read_text(encoding="utf-8")


@cache
def load(name: str) -> dict[str, Any]:
    """The schema as a mapping: shared by all callers, so do not change it. Raises KeyError like `text`."""
    loaded: dict[str, Any] = json.loads(text(name))
    return loaded
