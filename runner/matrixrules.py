"""Which combinations of a matrix an entry of `exclude` or `include` means. Keys may look into an axis's mappings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Test = Callable[[Sequence[int], Mapping[str, Any]], bool]
"""(index chosen of each factor of the product, dotted key -> value) -> whether the entry means this combination."""

_ABSENT = object()


def matcher(entry: Mapping[str, Any], axes: Mapping[str, Sequence[Any]], factor: Mapping[str, int]) -> Test:
    """A test of an entry's keys; `factor` is each axis's place among the factors of the product.

    What one axis alone decides is looked up by its index: a matrix may have 100,000 cells and a hundred exclusions.
    """
    allowed: dict[int, set[int]] = {}
    rest: dict[str, Any] = {}
    for key, wanted in entry.items():
        holders = [key] if key in axes else [axis for axis in axes if key.startswith(axis + ".")]
        if len(holders) != 1:
            rest[key] = wanted
            continue
        axis = holders[0]
        found = {index for index, value in enumerate(axes[axis]) if agrees(look_up({axis: value}, key), wanted)}
        place = factor[axis]
        allowed[place] = allowed[place] & found if place in allowed else found
    pairs = tuple(allowed.items())

    def test(chosen: Sequence[int], values: Mapping[str, Any]) -> bool:
        for place, indices in pairs:
            if chosen[place] not in indices:
                return False
        return not rest or all(agrees(look_up(values, key), wanted) for key, wanted in rest.items())

    return test


def agrees(value: Any, wanted: Any) -> bool:
    """Equal; a wanted mapping need only be a part. 1 and True are not the same, 30 and 30.0 are."""
    if isinstance(wanted, Mapping) and isinstance(value, Mapping):
        return all(key in value and agrees(value[key], part) for key, part in wanted.items())
    return bool(value == wanted) and isinstance(value, bool) == isinstance(wanted, bool)


def look_up(values: Mapping[str, Any], key: str) -> Any:
    """The value of a dotted key in a cell, also inside an axis's mapping; equal to nothing if there is none."""
    if key in values:
        return values[key]
    for axis, value in reversed(list(values.items())):
        if key.startswith(axis + "."):
            for part in key[len(axis) + 1 :].split("."):
                value = value.get(part, _ABSENT) if isinstance(value, Mapping) else _ABSENT  # noqa: PLW2901
            if value is not _ABSENT:
                return value
    inside = {axis[len(key) + 1 :]: value for axis, value in values.items() if axis.startswith(key + ".")}
    return inside or _ABSENT


def related(key: str, axis: str) -> bool:
    """Whether one dotted key is the other, or holds it."""
    return key == axis or key.startswith(axis + ".") or axis.startswith(key + ".")
