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
from runner.matrixrules import Test, matcher, related

Origin = tuple[str | int, ...]

MAX_CELLS = 1_000_000
"""More combinations than this are taken for a mistake, or for an attack: a few lines can ask for 10**12."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One combination. values: dotted key -> value; origins: dotted key -> where in the matrix the value stands."""

    values: Mapping[str, Any] = field(default_factory=dict)
    origins: Mapping[str, Origin] = field(default_factory=dict)


@dataclass(slots=True)
class Usage:
    """Which entries of `exclude` and `include` did something, by index, once all cells were walked."""

    excluded: set[int] = field(default_factory=set)
    included: set[int] = field(default_factory=set)


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
    count = math.prod(length for _, length in _groups(matrix))
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
            if not any(related(key, axis) for axis in matrix.axes):
                yield ("exclude", index, key), f"'{key}' is not an axis of this matrix, so it excludes nothing", ""


def unused(matrix: Matrix, usage: Usage) -> Iterator[tuple[Origin, str, str]]:
    """The entries that changed nothing in a walk over all cells: place within the matrix, message, hint."""
    for index in sorted(set(range(len(matrix.exclude))) - usage.excluded):
        yield ("exclude", index), "this exclusion matches no combination", "leave it out, or correct its values"
    for index in sorted(set(range(len(matrix.include))) - usage.included):
        hint = "it matches combinations, and adds no key that stays: leave it out, or give it a key of its own"
        yield ("include", index), "this inclusion changes nothing", hint


def cells(matrix: Matrix, usage: Usage | None = None) -> Iterator[Cell]:
    """The cells, lazily, in order; at least one: without axes and includes a job is a single empty cell.

    `usage` is filled in on the way. Raises InputError for zip groups that `problems` objects to.
    """
    for _, message, hint in problems(matrix):
        raise InputError(message, hint)
    usage = usage or Usage()
    placed: set[int] = set()
    if matrix.axes:
        yield from _product(matrix, usage, placed)
    elif not matrix.include:
        yield Cell()
    for index, entry in enumerate(matrix.include):
        if index not in placed:
            usage.included.add(index)
            yield Cell(dict(entry), {key: ("include", index, key) for key in entry})


def _product(matrix: Matrix, usage: Usage, placed: set[int]) -> Iterator[Cell]:
    groups = list(_groups(matrix))
    factor = {name: place for place, (names, _) in enumerate(groups) for name in names}
    rows = [
        (axis, values, [(axis, index) for index in range(len(values))], factor[axis])
        for axis, values in matrix.axes.items()
    ]
    excludes = [matcher(entry, matrix.axes, factor) for entry in matrix.exclude]
    includes = [_inclusion(entry, matrix.axes, factor) for entry in matrix.include]
    for chosen in itertools.product(*(range(length) for _, length in groups)):
        values = {axis: given[chosen[place]] for axis, given, _, place in rows}
        if excludes:
            matched = [index for index, test in enumerate(excludes) if test(chosen, values)]
            if matched:
                usage.excluded.update(matched)
                continue
        origins: dict[str, Origin] = {axis: origin[chosen[place]] for axis, _, origin, place in rows}
        if includes:
            fitting = [index for index, (test, _) in enumerate(includes) if test(chosen, values)]
            placed.update(fitting)
            _add(values, origins, [(index, includes[index][1]) for index in fitting], usage)
        yield Cell(values, origins)


def _groups(matrix: Matrix) -> Iterator[tuple[list[str], int]]:
    """The factors of the product: an axis, or a zip group in the place of its first axis; its axes and its length."""
    group_of = {name: list(group) for group in matrix.zips for name in group}
    done: set[str] = set()
    for axis, values in matrix.axes.items():
        if axis not in done:
            group = group_of.get(axis, [axis])
            done.update(group)
            yield group, len(values)


def _inclusion(
    entry: Mapping[str, Any], axes: Mapping[str, Sequence[Any]], factor: Mapping[str, int]
) -> tuple[Test, dict[str, Any]]:
    """Which combinations an inclusion fits, and what it adds to them: what it says of axes it only compares."""
    original = {key: value for key, value in entry.items() if any(related(key, axis) for axis in axes)}
    return matcher(original, axes, factor), {key: value for key, value in entry.items() if key not in original}


def _add(
    values: dict[str, Any], origins: dict[str, Origin], additions: Sequence[tuple[int, Mapping[str, Any]]], usage: Usage
) -> None:
    """Add the keys of each inclusion; a later one may replace an earlier one's."""
    stays: dict[str, int] = {}
    for index, added in additions:
        values.update(added)
        stays.update(dict.fromkeys(added, index))
    usage.included.update(stays.values())
    origins.update({key: ("include", index, key) for key, index in stays.items()})
