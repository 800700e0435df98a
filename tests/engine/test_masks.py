"""Masks and coverage: where a layer shows, and that drawing less where nothing shows changes nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine import stack
from engine.device import Device
from engine.scene import Layer, Scene
from engine.stack import compile_stack
from tests.engine.shows import music, renderer

PALETTE = ("#000000", "#ffffff")
POST = {"dither": {"strength": 0.0}, "vignette": {"strength": 0.0}}
DARK = Layer("solid", {"top": 0.0, "bottom": 0.0})
WHITE = Layer("solid", {"top": 1.0, "bottom": 1.0}, "add", mask=2)
SLOPE = Layer("solid", {"top": 1.0, "bottom": 0.0}, hidden=True)
BARS = Layer("bars", {"gain": 4.0, "count": 8.0}, hidden=True)


def scene(*stacked: Layer) -> Scene:
    return Scene("s", PALETTE, stacked, POST)


def drawn(device: Device, *stacked: Layer) -> np.ndarray:
    return renderer(device, scene(*stacked), music(1.0), 64, 36).frame(9)[..., :3].astype(int)


def test_a_layer_shows_where_its_mask_is_bright_or_where_it_is_dark(device: Device) -> None:
    bright, inverse = (drawn(device, DARK, replace(WHITE, inverted=one), SLOPE)[:, 0, 0] for one in (False, True))
    assert (np.diff(bright) <= 0).all()
    assert (np.diff(inverse) >= 0).all()
    for found, edge in ((bright, bright[-1]), (inverse, inverse[0])):
        assert edge < 30
        assert found.max() > 150


def test_what_lies_outside_of_masks_and_coverage_need_not_be_drawn(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    layers = (Layer("aurora", {}), WHITE, BARS, Layer("ridge", {"level": 0.5}, "alpha"))
    quick = drawn(device, *layers)
    assert quick[-1].max() == 0  # the hills cover
    assert quick[6:30].min() < 40
    assert quick[6:30].max() > 200
    monkeypatch.setattr(stack, "touched_by", lambda _parts: None)
    stack._compile.cache_clear()
    try:
        assert np.abs(drawn(device, *layers) - quick).max() <= 2
    finally:
        stack._compile.cache_clear()


def test_the_bloom_of_a_mask_does_not_widen_it() -> None:
    """The picture's bloom is added to an image; never to one whose brightness masks."""
    glow = Layer("aurora", {})
    plain = compile_stack(scene(glow, replace(WHITE, mask=None)), "balanced", by_rows=True)
    mask = compile_stack(scene(glow, replace(WHITE, mask=0)), "balanced", by_rows=True)
    assert (plain.light, mask.light) == (0, 1)


def test_a_scene_with_masks_survives_being_written_down() -> None:
    masked = scene(DARK, replace(WHITE, inverted=True), replace(WHITE, mask=0), SLOPE)
    assert Scene.from_dict(masked.to_dict()) == masked
    assert set(masked.to_dict()["layers"][0]) == {"effect", "params", "blend", "opacity"}
