"""Matrices: axes, zip, exclude and include -> cells. Pure: no files, no job.

The order of things is that of GitHub Actions' job matrix: the product of the axes (the first axis changes slowest),
less what `exclude` matches, then each `include` entry, in order, added to every combination none of whose original
values it would change; one that fits nowhere becomes a cell of its own. A later entry may overwrite an earlier one's.
Keys are dotted ("video.width"); an axis may list mappings ("video"), and a key may look into them.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.errors import InputError

Values = dict[str, Any]
Origin = tuple[str | int, ...]

MAX_CELLS = 1_000_000
"""More combinations than this are taken for a mistake, or for an attack: a few lines can ask for 10**12."""

_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Cell:
    """One combination. values: dotted key -> value; origins: dotted key -> where in the matrix the value stands."""

    values: Mapping[str, Any] = field(default_factory=dict)
    origins: Mapping[str, Origin] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Matrix:
    """axes: dotted key -> values. zips: groups of axes that advance together. exclude, include: dotted key -> value."""

    axes: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    zips: Sequence[Sequence[str]] = ()
    exclude: Sequence[Mapping[str, Any]] = ()
    include: Sequence[Mapping[str, Any]] = ()


def parse(data: Mapping[str, Any]) -> Matrix:
    """A Matrix of a job's `matrix` mapping (checked by the schema)."""
    axes = {key: value for key, value in data.items() if key not in {"zip", "exclude", "include"}}
    return Matrix(axes, data.get("zip", ()), data.get("exclude", ()), data.get("include", ()))


def pin(matrix: Matrix, key: str, value: Any) -> Matrix:
    """The matrix with the axis `key` reduced to one value, as an override of that key asks."""
    if key not in matrix.axes:
        return matrix
    groups = [[one for one in group if one != key] for group in matrix.zips]
    zips = [group for group in groups if len(group) > 1]
    return Matrix({**matrix.axes, key: [value]}, zips, matrix.exclude, matrix.include)


def problems(matrix: Matrix) -> Iterator[tuple[Origin, str, str]]:
    """What is wrong with the axes' names and lengths: place within the matrix, message, hint."""
    count = math.prod(len(group) for group in _groups(matrix))
    if count > MAX_CELLS:
        yield (), f"the matrix has {count:,} combinations; at most {MAX_CELLS:,} are allowed", "split the job"
    seen: set[str] = set()
    for index, group in enumerate(matrix.zips):
        for place, name in enumerate(group):
            if name not in matrix.axes:
                known = ", ".join(matrix.axes)
                yield (
                    ("zip", index, place),
                    f"'{name}' is not an axis of this matrix",
                    f"axes: {known}" if known else "",
                )
            elif name in seen:
                yield ("zip", index, place), f"the axis '{name}' is in two zip groups", ""
            seen.add(name)
        lengths = {name: len(matrix.axes[name]) for name in group if name in matrix.axes}
        if len(set(lengths.values())) > 1:
            words = ", ".join(f"{name} has {count}" for name, count in lengths.items())
            yield ("zip", index), f"the axes of a zip group must be equally long: {words}", ""
    for index, entry in enumerate(matrix.exclude):
        for key in entry:
            if not any(_related(key, axis) for axis in matrix.axes):
                yield ("exclude", index, key), f"'{key}' is not an axis of this matrix, so it excludes nothing", ""


def cells(matrix: Matrix) -> Iterator[Cell]:
    """The cells, lazily, in order; at least one: without axes and includes a job is a single empty cell.

    Raises InputError for zip groups that `problems` objects to.
    """
    for _, message, hint in problems(matrix):
        raise InputError(message, hint)
    placed: set[int] = set()
    for cell in _product(matrix):
        if not any(_matches(cell.values, entry) for entry in matrix.exclude):
            yield _include(cell, matrix, placed)
    for index, entry in enumerate(matrix.include):
        if index not in placed:
            yield Cell(dict(entry), {key: ("include", index, key) for key in entry})


def _product(matrix: Matrix) -> Iterator[Cell]:
    if not matrix.axes:
        if not matrix.include:
            yield Cell()
        return
    for indices in itertools.product(*_groups(matrix)):
        at = dict(itertools.chain.from_iterable(indices))
        ordered = {axis: at[axis] for axis in matrix.axes}
        yield Cell(
            {axis: matrix.axes[axis][index] for axis, index in ordered.items()},
            {axis: (axis, index) for axis, index in ordered.items()},
        )


def _groups(matrix: Matrix) -> Iterator[list[list[tuple[str, int]]]]:
    """The factors of the product: an axis, or a zip group in the place of its first axis; (axis, index) pairs each."""
    group_of = {name: list(group) for group in matrix.zips for name in group}
    done: set[str] = set()
    for axis, values in matrix.axes.items():
        if axis not in done:
            group = group_of.get(axis, [axis])
            done.update(group)
            yield [[(name, index) for name in group] for index in range(len(values))]


def _include(cell: Cell, matrix: Matrix, placed: set[int]) -> Cell:
    values, origins = dict(cell.values), dict(cell.origins)
    for index, entry in enumerate(matrix.include):
        original = {key: value for key, value in entry.items() if any(_related(key, axis) for axis in matrix.axes)}
        if _matches(cell.values, original):
            placed.add(index)
            added = entry.keys() - original.keys()
            for key in (one for one in entry if one in added):
                values[key] = entry[key]
                origins[key] = ("include", index, key)
    return Cell(values, origins)


def _matches(values: Mapping[str, Any], entry: Mapping[str, Any]) -> bool:
    return all(_agrees(look_up(values, key), wanted) for key, wanted in entry.items())


def _agrees(value: Any, wanted: Any) -> bool:
    """Equal; a wanted mapping need only be a part. 1 and True are not the same, 30 and 30.0 are."""
    if isinstance(wanted, Mapping) and isinstance(value, Mapping):
        return all(key in value and _agrees(value[key], part) for key, part in wanted.items())
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


def _related(key: str, axis: str) -> bool:
    return key == axis or key.startswith(axis + ".") or axis.startswith(key + ".")
