"""Plain nested mappings by dotted keys, and results that are worked out once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from functools import cache
from typing import Any, TypeVar

from runner.document import Where

Result = TypeVar("Result")

_RIVALS = {
    "scene.preset": "presets",
    "scene.presets": "preset",
    "scene.switch.transition.seconds": "beats",
    "scene.switch.transition.beats": "seconds",
}


def assign(data: dict[str, Any], key: str, value: Any) -> None:
    """Set a dotted key in place; mappings are merged, anything else is replaced, and rivals replace each other."""
    *parents, last = key.split(".")
    inner = data
    for name in parents:
        if not isinstance(inner.get(name), dict):
            inner[name] = {}
        inner = inner[name]
    if key in _RIVALS:
        inner.pop(_RIVALS[key], None)
    if isinstance(value, dict) and isinstance(inner.get(last), dict):
        for name, one in value.items():
            if "." in name:  # no key of a job: whoever checks it says so
                inner[last][name] = one
            else:
                assign(data, f"{key}.{name}", one)
    else:
        inner[last] = copy_mappings(value) if isinstance(value, dict) else value


def copy_mappings(data: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of nested mappings; lists are shared, as a source may list 100,000 files."""
    return {key: copy_mappings(value) if isinstance(value, dict) else value for key, value in data.items()}


def key_path(key: str) -> Where:
    """The place of a dotted key in the document."""
    return tuple(key.split("."))


@cache
def root(key: str) -> str:
    """The first part of a dotted key: "video" of "video.fps"."""
    return key.partition(".")[0]


class Memo:
    """Results by what they follow from: worked out once, as long as there are not too many of them."""

    def __init__(self, limit: int = 50_000) -> None:
        self._limit, self._kept = limit, dict[Hashable, Any]()

    def __call__(self, key: Hashable, work: Callable[..., Result], *arguments: Any) -> Result:
        """The result of `work` for `key`, from the last time if it is still there."""
        try:
            found: Result = self._kept[key]
        except KeyError:
            if len(self._kept) >= self._limit:
                self._kept.clear()  # all at once: keeping the order of use would cost more than it saves
            found = self._kept[key] = work(*arguments)
        return found
