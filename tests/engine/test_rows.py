"""Rows: where each number stands and what it is at a frame, between frames, clamped, on the grid."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.effects.catalog import EFFECTS
from engine.kernels import raster
from engine.kernels.color import RAMP_SIZE
from engine.post.catalog import CORE, PASSES
from engine.rows import Layout, Rows, seeds
from engine.scene import Canvas, Layer, Scene
from engine.timeline import GRID
from tests.engine.timelines import make_timeline

CANVAS = Canvas(320, 180, Fraction(30))
RAMPING = make_timeline(2.0, bass=lambda t: 0.5 * t)
SCENE = Scene(
    "s",
    ("#000000", "#ffffff"),
    (
        Layer("solid", {"top": "bass", "bottom": 0.25, "gain": "more * 10"}),
        Layer("stars", {"gain": "2 * bass"}, blend="add", opacity="bass"),
    ),
    {"bloom": {"strength": 0.5, "spread": "bass"}},
    {"more": "bass + 3"},
    {"more": (0.0, 0.4)},
)


def test_every_number_has_a_place_of_its_own() -> None:
    passes = (*CORE, *(name for name in PASSES if name not in CORE))
    layout = Layout.of_effects(list(EFFECTS), passes)
    places = [place for slots in (layout.post, *layout.layers) for place in slots.places.values()]
    assert sorted(places) == list(range(raster.HEAD + RAMP_SIZE, layout.size))
    for (_name, spec), slots in zip(EFFECTS.items(), layout.layers, strict=True):
        assert list(slots.places) == ["opacity", *spec.params]
    assert layout.extra_rows == sum(spec.columns for spec in EFFECTS.values())
    assert list(layout.post.places) == [f"{name}.{key}" for name in passes for key in PASSES[name].params]
    assert {name.split(".")[0] for name in Layout.of_effects(["solid"]).post.places} == set(CORE)


def test_a_row_has_its_head_its_constants_and_its_values() -> None:
    rows = Rows(SCENE, RAMPING, CANVAS, 7)
    row, solid, stars = rows.at(30), rows.layout.layers[0], rows.layout.layers[1]
    assert row.dtype == np.float32
    head = row[: raster.HEAD].tolist()
    assert head[:4] == pytest.approx([1.0, 320 / 180, 1.0, 2 / 180])
    assert 0.0 <= head[raster.SEED] < 1.0
    assert head[raster.ONE] == 1.0
    assert row[solid.places["top"]] == 0.5
    assert row[solid.places["bottom"]] == 0.25
    assert row[solid.places["gain"]] == pytest.approx(4.0, abs=1 / GRID), "the local's limit holds before it is used"
    assert row[stars.places["gain"]] == 1.0
    assert row[stars.places["opacity"]] == 0.5
    assert row[stars.places["density"]] == 0.5, "the catalog's default"
    post = rows.layout.post.places
    assert row[post["bloom.strength"]] == 0.5
    assert row[post["bloom.spread"]] == 0.5


def test_a_pass_left_out_does_nothing_and_a_tonemap_left_out_is_neutral() -> None:
    rows = Rows(SCENE, RAMPING, CANVAS, 0)
    row, post = rows.at(0), rows.layout.post.places
    assert [row[post[name]] for name in ("vignette.strength", "dither.strength")] == [0.0, 0.0]
    assert [row[post[name]] for name in ("tonemap.exposure", "tonemap.saturation")] == [1.0, 1.0]


def test_expressions_are_clamped_to_their_range_and_lie_on_the_grid() -> None:
    layers = (Layer("solid", {"top": "5 * bass - 1", "bottom": "bass / 3", "gain": 1.0}),)
    rows = Rows(replace(SCENE, layers=layers, locals={}), RAMPING, CANVAS, 0)
    places = rows.layout.layers[0].places
    tops = [float(rows.at(frame)[places["top"]]) for frame in range(60)]
    bottoms = np.array([rows.at(frame)[places["bottom"]] for frame in range(60)], np.float64)
    assert min(tops) == 0.0
    assert max(tops) == 1.0
    assert (bottoms * GRID == np.floor(bottoms * GRID)).all()
    assert np.abs(bottoms - np.arange(60) / 180).max() <= 0.5 / GRID


@pytest.mark.parametrize(("place", "bass"), [(10.0, 10 / 60), (10.5, 10.5 / 60), (-2.0, 0.0), (500.0, 59 / 60)])
def test_rows_between_frames_are_interpolated_and_held_at_the_ends(place: float, bass: float) -> None:
    rows = Rows(SCENE, RAMPING, CANVAS, 0)
    row = rows.between(place)
    assert row[rows.layout.layers[0].places["top"]] == pytest.approx(bass, abs=1 / GRID)
    assert row[raster.T] == pytest.approx(place / 30)


def test_rows_are_fresh_arrays() -> None:
    rows = Rows(SCENE, RAMPING, CANVAS, 0)
    first = rows.at(3)
    first[:] = -1.0
    assert rows.at(3)[raster.EXTENT_V] == 1.0


def test_a_scene_of_constants_needs_no_table() -> None:
    rows = Rows(replace(SCENE, layers=(Layer("solid", {}),), post={}, locals={}), RAMPING, CANVAS, 0)
    assert (rows.at(0)[1:] == rows.at(59)[1:]).all()
    assert rows.between(3.5)[raster.EXTENT_V] == 1.0


@given(st.lists(st.integers(-(2**70), 2**70), min_size=1, max_size=4))
def test_seeds_are_31_bits_and_change_with_every_part(parts: list[int]) -> None:
    found = seeds(parts)
    assert 0 <= found < 2**31
    assert found == seeds(tuple(parts))
    assert found != seeds([*parts[:-1], parts[-1] + 1])


def test_seeds_of_neighbouring_frames_are_unlike() -> None:
    found = {seeds((seed, frame)) for seed in range(20) for frame in range(500)}
    assert len(found) > 9990
    assert seeds((1, 2)) != seeds((2, 1))
