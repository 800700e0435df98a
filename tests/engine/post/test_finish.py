"""The end of the post chain: exposure, saturation, vignette, each for itself."""

import numpy as np
import pytest
import taichi as ti

from engine.device import Device
from engine.effects.base import Slots
from engine.post.catalog import CORE, PASSES, Look
from engine.post.finish import make_finish

NAMES = [f"{name}.{key}" for name in (*CORE, "grade") for key in PASSES[name].params]
GRADE = dict.fromkeys((name for name in NAMES if name.startswith("grade")), 0.0)
NEUTRAL = {
    "tonemap.exposure": 1.0,
    "tonemap.saturation": 1.0,
    "vignette.strength": 0.0,
    "vignette.radius": 1.0,
    "dither.strength": 0.0,
}
SIZE = len(NAMES)
SLOTS = Slots({name: place for place, name in enumerate(NAMES)}, 0, SIZE)
FINISHES = [make_finish(SLOTS, Look()), make_finish(SLOTS, Look((*CORE, "grade")))]
VALUES = ti.types.ndarray(dtype=ti.f32, ndim=1)
WORDS = ti.types.ndarray(dtype=ti.i32, ndim=1)


@ti.kernel
def _run(values: VALUES, color: VALUES, u: ti.f32, v: ti.f32, out: WORDS, graded: ti.template()):
    for i in range(out.shape[0]):
        row = ti.Vector([0.0] * SIZE)
        for k in ti.static(range(SIZE)):
            row[k] = values[k]
        light = ti.Vector([color[0], color[1], color[2]])
        out[i] = FINISHES[graded](light, u, v, i, 0, 1, row)


def shown(color: tuple[float, ...], at: tuple[float, float] = (0, 0), **changes: float) -> list[int]:
    given = NEUTRAL | {name.replace("_", "."): value for name, value in changes.items()}
    row = np.array([given.get(name, 0.0) for name in NAMES], np.float32)
    out = np.zeros(1, np.int32)
    _run(row, np.array(color, np.float32), *map(float, at), out, int(any(name in GRADE for name in given)))
    return out.view(np.uint8).tolist()


def test_every_number_of_the_finish_is_a_parameter_of_a_pass() -> None:
    assert {*NEUTRAL, *GRADE, "bloom.strength", "bloom.spread"} == set(NAMES), "bloom is laid into an image before"


def test_black_stays_black_and_middle_grey_is_middle(device: Device) -> None:
    assert shown((0, 0, 0)) == [0, 0, 0, 255]
    red, green, blue, alpha = shown((0.18, 0.18, 0.18))
    assert red == green == blue
    assert 100 < red < 150
    assert alpha == 255


def test_exposure_is_a_gain_of_light(device: Device) -> None:
    assert shown((0.2, 0.1, 0.05), tonemap_exposure=2.0) == shown((0.4, 0.2, 0.1))


def test_saturation_0_is_grey_and_more_never_turns_negative(device: Device) -> None:
    red, green, blue, _ = shown((0.5, 0.1, 0.2), tonemap_saturation=0.0)
    assert red == green == blue
    assert shown((0.9, 0.0, 0.0), tonemap_saturation=2.0)[1:3] == [0, 0]


@pytest.mark.parametrize("radius", [0.5, 1.0])
def test_the_vignette_starts_at_its_radius(device: Device, radius: float) -> None:
    light = (0.3, 0.3, 0.3)
    plain = shown(light)
    inside, edge, corner = (
        shown(light, at=at, vignette_strength=1.0, vignette_radius=radius)
        for at in ((0, 0), (radius * 0.99, 0), (1.5, 1.0))
    )
    assert inside == edge == plain
    assert corner[0] < plain[0] - 30


def test_a_grade_of_zeros_changes_nothing(device: Device) -> None:
    for color in ((0.5, 0.1, 0.2), (0.0, 0.02, 3.0)):
        assert shown(color, grade_lift=0.0) == shown(color)


@pytest.mark.parametrize(
    ("param", "dark", "light"),
    [
        ("temperature", (1, 0, -1), (1, 0, -1)),
        ("tint", (1, -1, 1), (1, -1, 1)),
        ("contrast", (-1, -1, -1), (1, 1, 1)),
        ("split", (-1, 0, 1), (1, 0, -1)),
        ("mids", (1, 1, 1), (1, 1, 1)),
        ("lift", (1, 1, 1), (1, 1, 1)),
    ],
)
def test_a_parameter_of_the_grade_moves_each_channel_its_way(
    device: Device, param: str, dark: tuple[int, ...], light: tuple[int, ...]
) -> None:
    for grey, expected in ((0.04, dark), (0.4, light)):
        color = (grey, grey, grey)
        before, after = shown(color), shown(color, **{f"grade_{param}": 0.3})
        assert np.sign(np.subtract(after, before)).tolist() == [*expected, 0]


def test_contrast_keeps_black_and_white(device: Device) -> None:
    for color in ((0.0, 0.0, 0.0), (20.0, 20.0, 20.0)):
        assert shown(color, grade_contrast=1.0, grade_split=1.0, grade_mids=1.0) == shown(color)
