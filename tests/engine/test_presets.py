"""Presets' frames: pure functions of their arguments, at every size; every parameter shows.

All in one file: each preset compiles for seconds, once in a process. By default one of each kind is drawn here (`make
check` compares the frames of all with their goldens); TRACKREEL_ALL_PRESETS=1 draws them all, as the nightly run does.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from _pytest.mark import ParameterSet
from numpy.typing import NDArray

from engine.device import Device
from engine.effects.catalog import EFFECTS
from engine.scene import Layer, ParamSpec, Scene
from tests.engine.shows import (
    SCENES,
    WITH_MEMORY,
    WITHOUT_MEMORY,
    copies,
    distance,
    light,
    music,
    renderer,
    silence,
)
from tests.kinds import KINDS

FRAME = 8
DRAWN = {*KINDS, "fireworks", "metaballs", "physarum", "cover"}
"""A preset of each way to draw: streaks, layers in a loop, a simulation, a picture."""
REASON = "seconds a preset: set TRACKREEL_ALL_PRESETS=1 to draw them all"
OTHERS = () if os.environ.get("TRACKREEL_ALL_PRESETS") else (pytest.mark.skip(reason=REASON),)


def cases(names: Iterable[str]) -> list[ParameterSet]:
    return [pytest.param(name, marks=() if name in DRAWN else OTHERS) for name in names]


GROWN = ("reaction", "physarum", "fluid")
"""Presets whose worlds have grown before their first picture."""


@pytest.mark.parametrize("size", [(64, 36), (36, 64), (64, 64), (97, 53), (17, 9)])
@pytest.mark.parametrize("name", cases(SCENES))
def test_every_preset_draws_a_picture_at_every_size(device: Device, name: str, size: tuple[int, int]) -> None:
    frame = renderer(device, name, music(), *size).frame(40)
    assert frame.shape == (size[1], size[0], 4)
    assert frame.dtype == np.uint8
    assert (frame[..., 3] == 255).all()
    # The smallest may be all wave.
    assert 5.0 < light(frame) < (225.0 if min(size) > 9 else 240.0)
    assert frame[..., :3].astype(float).std() > 5.0


@pytest.mark.parametrize("name", cases(SCENES))
def test_silence_is_calm_and_not_black(device: Device, name: str) -> None:
    drawn = renderer(device, name, silence(), 64, 36)
    frames = copies(drawn, 40, 3)
    assert frames[0][..., :3].max() > 16
    assert light(frames[0]) < 160.0
    assert distance(frames[0], frames[1]) < 4.0, "nothing jumps"


@pytest.mark.parametrize("name", cases(SCENES))
def test_another_seed_gives_other_frames(device: Device, name: str) -> None:
    one, same, other = (renderer(device, name, music(1.0), seed=seed).frame(7) for seed in (1, 1, 2))
    assert (one == same).all()
    assert (one != other).any()


@pytest.mark.parametrize("name", cases(WITHOUT_MEMORY))
def test_an_excerpt_shows_the_very_frames_of_the_whole(device: Device, name: str) -> None:
    whole = copies(renderer(device, name, music()), 0, 14)
    drawn = renderer(device, name, music())
    for offset, frame in enumerate(drawn.frames(10, 4)):
        assert (frame == whole[10 + offset]).all()
    assert (drawn.frame(3) == whole[3]).all(), "back in time"


@pytest.mark.parametrize("name", cases(SCENES))
def test_a_frame_alone_is_that_of_its_run(device: Device, name: str) -> None:
    run = copies(renderer(device, name, music()), 95, 4)
    drawn = renderer(device, name, music())
    drawn.frame(99)  # what was drawn before must not show
    assert (drawn.frame(97, opened=95) == run[2]).all()
    assert (drawn.frame(96, opened=95) == run[1]).all()
    assert all((one == other).all() for one, other in zip(copies(drawn, 95, 4), run, strict=True))


@pytest.mark.parametrize("name", cases(WITH_MEMORY))
def test_memory_starts_again_where_another_run_opens(device: Device, name: str) -> None:
    fresh, used = (renderer(device, name, music(6.0)) for _ in range(2))
    used.frame(100)
    before = used.frame(165)
    again = used.frame(166, opened=165)
    assert (again == fresh.frame(166, opened=165)).all()
    assert (again != used.frame(166)).any(), "what a run opens with is seen"
    assert (used.frame(165) == before).all()


@pytest.mark.parametrize("name", cases(WITH_MEMORY))
def test_memory_shows_earlier_frames(device: Device, name: str) -> None:
    whole, excerpt = (renderer(device, name, music(6.0)).frame(170, opened=opened) for opened in (0, 169))
    assert light(excerpt) > 0.5 * light(whole), "an excerpt does not open on black"
    alone = renderer(device, name, music(6.0)).frame(0)
    if name not in GROWN:
        assert light(alone) < 0.8 * light(whole), "the track's first frame has nothing before it"
    assert distance(alone, whole) > 1.0


@pytest.mark.parametrize("name", cases(WITHOUT_MEMORY))
def test_30_and_60_fps_show_the_same_second(device: Device, name: str) -> None:
    for frame in (20, 61):
        slow = renderer(device, name, music(fps=30)).frame(frame)
        fast = renderer(device, name, music(fps=60)).frame(2 * frame)
        # Dither differs by design (its seed is the frame's number), and integrals are sums of more steps.
        assert distance(slow, fast) < 3.0


@pytest.mark.parametrize("name", cases(WITH_MEMORY))
def test_30_and_60_fps_feed_back_alike(device: Device, name: str) -> None:
    slow = renderer(device, name, music(fps=30)).frame(61)
    fast = renderer(device, name, music(fps=60)).frame(122)
    assert distance(slow, fast) < 12.0


def shown(device: Device, scene: Scene) -> NDArray[np.uint8]:
    return renderer(device, scene, music(1.0), 128, 72).frame(FRAME)


def others(spec: ParamSpec, now: float | str) -> list[float]:
    """Other values of a parameter, such as change the picture if anything does."""
    low, high = max(spec.minimum, -2.0), min(spec.maximum, 2.0)
    return [value for value in (low, (low + high) / 2.0, high, spec.maximum, spec.minimum) if value != now]


@pytest.mark.parametrize("name", cases(SCENES))
def test_every_parameter_of_every_layer_shows(device: Device, name: str) -> None:
    """Values compile nothing new. On smaller canvases the warp's line is never thinner than a cell."""
    # Without dither a parameter of no effect changes nothing at all.
    plain = SCENES[name]
    scene = replace(plain, post={**plain.post, "dither": {"strength": 0.0}})
    before = shown(device, scene)
    for place, layer in enumerate(scene.layers):
        for param, spec in EFFECTS[layer.effect].params.items():
            now = layer.params.get(param, spec.default)
            assert any(
                (shown(device, with_param(scene, place, param, value)) != before).any() for value in others(spec, now)
            ), f"{layer.effect}.{param}"


def with_param(scene: Scene, place: int, param: str, value: float) -> Scene:
    layers = list(scene.layers)
    one: Layer = layers[place]
    layers[place] = replace(one, params={**one.params, param: value})
    return replace(scene, layers=tuple(layers))
