"""Matrices: GitHub's order of product, exclude and include; zip groups; keys that look into mappings."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from runner import matrix
from runner.matrixrules import agrees, look_up


def values(data: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(cell.values) for cell in matrix.cells(matrix.parse(data))]


def test_no_matrix_is_one_empty_cell() -> None:
    assert values({}) == [{}]


def test_the_first_axis_changes_slowest() -> None:
    assert values({"a": [1, 2], "b": [3, 4]}) == [
        {"a": 1, "b": 3},
        {"a": 1, "b": 4},
        {"a": 2, "b": 3},
        {"a": 2, "b": 4},
    ]


def test_includes_follow_the_example_of_githubs_manual() -> None:
    found = values({
        "fruit": ["apple", "pear"],
        "animal": ["cat", "dog"],
        "include": [
            {"color": "green"},
            {"color": "pink", "animal": "cat"},
            {"fruit": "apple", "shape": "circle"},
            {"fruit": "banana"},
            {"fruit": "banana", "animal": "cat"},
        ],
    })  # fmt: skip
    assert found == [
        {"fruit": "apple", "animal": "cat", "color": "pink", "shape": "circle"},
        {"fruit": "apple", "animal": "dog", "color": "green", "shape": "circle"},
        {"fruit": "pear", "animal": "cat", "color": "pink"},
        {"fruit": "pear", "animal": "dog", "color": "green"},
        {"fruit": "banana"},
        {"fruit": "banana", "animal": "cat"},
    ]


def test_only_includes_are_cells_of_their_own() -> None:
    assert values({"include": [{"seed": 1}, {"seed": 2}]}) == [{"seed": 1}, {"seed": 2}]


def test_include_can_bring_back_what_exclude_removed() -> None:
    found = values({"a": [1, 2], "exclude": [{"a": 2}], "include": [{"a": 2, "b": 5}]})
    assert found == [{"a": 1}, {"a": 2, "b": 5}]


def test_exclude_looks_into_mappings() -> None:
    wide, tall = {"width": 1280, "height": 720}, {"width": 720, "height": 1280}
    data = {"scene.preset": ["aurora", "tunnel"], "video": [wide, tall]}
    found = values({**data, "exclude": [{"scene.preset": "tunnel", "video.width": 720}]})
    assert found == [
        {"scene.preset": "aurora", "video": wide},
        {"scene.preset": "aurora", "video": tall},
        {"scene.preset": "tunnel", "video": wide},
    ]
    assert values({**data, "exclude": [{"video": {"width": 720}}]})[1] == {"scene.preset": "tunnel", "video": wide}


def test_exclude_of_a_mapping_matches_dotted_axes() -> None:
    found = values({"video.width": [64, 32], "video.height": [8], "exclude": [{"video": {"width": 32, "height": 8}}]})
    assert found == [{"video.width": 64, "video.height": 8}]


def test_true_is_not_one() -> None:
    assert values({"a": [1, True], "exclude": [{"a": True}]}) == [{"a": 1}]


def test_zip_ties_axes() -> None:
    found = values({"a": [1, 2], "b": [3, 4], "c": [5, 6], "zip": [["a", "c"]]})
    assert found == [
        {"a": 1, "b": 3, "c": 5}, {"a": 1, "b": 4, "c": 5}, {"a": 2, "b": 3, "c": 6}, {"a": 2, "b": 4, "c": 6},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"a": [1], "zip": [["a", "b"]]}, "'b' is not an axis"),
        ({"a": [1], "b": [1, 2], "zip": [["a", "b"]]}, "equally long: a has 1, b has 2"),
        ({"a": [1], "b": [1], "zip": [["a", "b"], ["b", "a"]]}, "in two zip groups"),
        ({"a": [1], "exclude": [{"b": 1}]}, "'b' is not an axis"),
    ],
)
def test_what_cannot_be_is_refused(data: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        values(data)


def unused(data: dict[str, Any]) -> list[tuple[str | int, ...]]:
    parsed, usage = matrix.parse(data), matrix.Usage()
    for _ in matrix.cells(parsed, usage):
        pass
    return [origin for origin, _, _ in matrix.unused(parsed, usage)]


def test_entries_that_do_nothing_are_known_after_a_walk() -> None:
    axes = {"a": [1, 2], "b": [3, 4]}
    assert unused({**axes, "exclude": [{"a": 1}, {"a": 1, "b": 3}, {"a": 5}, {"a": 2, "b": 5}]}) == [
        ("exclude", 2),
        ("exclude", 3),
    ]
    included = [{"a": 1}, {"c": 5}, {"a": 9}, {"a": 1, "c": 6}, {"a": 2, "c": 7}]
    assert unused({**axes, "include": included}) == [("include", 0), ("include", 1)]


@given(
    st.lists(st.dictionaries(st.sampled_from(["v", "v.w", "v.h", "a"]), st.integers(0, 2) | st.fixed_dictionaries(
        {"w": st.integers(0, 2)}), min_size=1, max_size=2), max_size=4)
)  # fmt: skip
def test_looking_up_indices_excludes_what_comparing_values_does(exclude: list[dict[str, Any]]) -> None:
    data = {"v": [{"w": 0, "h": 1}, {"w": 1, "h": 2}], "a": [0, 1, True], "exclude": exclude}
    kept = [
        one
        for one in values({"v": data["v"], "a": data["a"]})
        if not any(all(agrees(look_up(one, key), wanted) for key, wanted in entry.items()) for entry in exclude)
    ]
    assert values(data) == kept


def test_pinning_an_axis_leaves_its_zip_group() -> None:
    pinned = matrix.pin(matrix.parse({"a": [1, 2], "b": [3, 4], "zip": [["a", "b"]]}), "a", 9)
    assert [dict(one.values) for one in matrix.cells(pinned)] == [{"a": 9, "b": 3}, {"a": 9, "b": 4}]


def test_origins_say_where_a_value_stands() -> None:
    (cell,) = matrix.cells(matrix.parse({"a": [7], "include": [{"b": 1}]}))
    assert cell.origins == {"a": ("a", 0), "b": ("include", 0, "b")}


def test_a_large_matrix_costs_nothing_until_it_is_walked() -> None:
    axes = {name: list(range(1000)) for name in "ab"}
    assert dict(next(matrix.cells(matrix.parse(axes))).values) == {"a": 0, "b": 0}


def test_a_matrix_without_end_is_refused_before_it_is_walked() -> None:
    ten = list(range(10))
    values({**dict.fromkeys("abcd", ten), "zip": [["a", "b"], ["c", "d"]]})  # zipped axes count once
    with pytest.raises(InputError, match=r"the matrix has 10,000,000 combinations; at most 1,000,000"):
        values(dict.fromkeys("abcdefg", ten))


@given(st.dictionaries(st.sampled_from("abcd"), st.lists(st.integers(0, 5), min_size=1, max_size=3, unique=True)))
def test_cells_are_the_whole_product_once(axes: dict[str, list[int]]) -> None:
    found = values(dict(axes))
    assert len(found) == math.prod(len(one) for one in axes.values())
    assert len({tuple(one.items()) for one in found}) == len(found)
    if axes:
        name, first = next(iter(axes.items()))
        kept = values({**axes, "exclude": [{name: first[0]}]})
        assert kept == [one for one in found if one[name] != first[0]]
