"""How a stack of layers becomes passes: which layers share an image, whose opacity counts, aligned memory."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from taichi.lang import kernel_impl

from engine import launch, stack
from engine import program as programs
from engine.device import Device
from engine.planes import ALIGNMENT, aligned
from engine.program import SceneProgram
from engine.scene import LANES, QUALITIES, TRANSITIONS, Canvas, Layer, Scene, Switch, Transition
from engine.stack import compile_stack
from tests.engine.shows import SCENES, music, renderer
from tests.kinds import KINDS

SKY = Layer("aurora", {})
STARS = Layer("stars", {"gain": 4.0}, blend="add")
BLACK = Layer("solid", {"gain": 0.0})
PALETTE = ("#020510", "#0fae7a", "#ffffff")


def scene(*layers: Layer) -> Scene:
    return Scene("s", PALETTE, layers, {"dither": {"strength": 0.0}, "tonemap": {"exposure": 8.0, "saturation": 1.0}})


@pytest.mark.parametrize(
    ("layers", "quality", "images"),
    [
        ((SKY, STARS), "balanced", 1),
        ((SKY, STARS), "high", 1),
        ((BLACK, STARS, STARS), "balanced", 1),
        ((BLACK,), "balanced", 0),
        ((Layer("aurora", {}, opacity=0.5), STARS), "balanced", 2),
        ((Layer("aurora", {}, opacity="bass"), STARS), "balanced", 2),
        ((BLACK, Layer("aurora", {}, blend="screen"), STARS), "balanced", 2),
        ((BLACK, Layer("aurora", {}, blend="add"), STARS), "balanced", 1),
        ((SKY, Layer("stars", {}, blend="screen")), "balanced", 2),
    ],
)
def test_light_shares_an_image_only_where_the_blend_keeps_it(
    layers: tuple[Layer, ...], quality: str, images: int
) -> None:
    assert compile_stack(scene(*layers), quality, by_rows=True).images == images


def test_a_stack_is_compiled_once() -> None:
    one = compile_stack(scene(SKY, STARS), "balanced", by_rows=True)
    other = Layer("stars", {"gain": 1.0, "density": "bass"}, blend="add", opacity=1.0)
    assert compile_stack(scene(SKY, other), "balanced", by_rows=True) is one
    assert compile_stack(scene(SKY, STARS), "fast", by_rows=True) is not one


def test_opacity_counts_once_for_light_in_an_image_of_its_own(device: Device) -> None:
    half = Layer("stars", {"gain": 16.0}, blend="add", opacity=0.5)
    weak = Layer("stars", {"gain": 8.0}, blend="add")
    frames = [renderer(device, scene(BLACK, one), music(1.0)).frame(3).astype(int) for one in (half, weak)]
    assert frames[0][..., :3].max() > 40
    assert np.abs(frames[0] - frames[1]).max() <= 1


@pytest.fixture
def misplaced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Arguments of vector kernels that are not aligned; kernels are only looked at, not run."""
    found: list[str] = []

    def look(self: Any, *arguments: Any) -> None:
        for wanted, given in zip(self.arguments, arguments, strict=True):
            kind = getattr(wanted.annotation, "dtype", None)
            # A vector of LANES numbers is loaded at a multiple of its own size.
            if hasattr(kind, "get_shape") and given.ctypes.data % (LANES * 4):
                found.append(f"{self.func.__name__}: {wanted.name}")

    monkeypatch.setattr(launch, "CPUS", ())  # every launch through Taichi's own front door
    monkeypatch.setattr(kernel_impl.Kernel, "__call__", look)
    return found


@pytest.mark.parametrize("size", [(64, 36), (97, 53), (17, 9), (36, 64)])
def test_every_array_of_vectors_is_aligned(device: Device, misplaced: list[str], size: tuple[int, int]) -> None:
    several = [SCENES[name] for name in KINDS]
    switch = Switch(mode="time", every=1.0, transition=Transition(TRANSITIONS, 0.5))
    for quality in QUALITIES:
        drawn = renderer(device, several, music(8.0), *size, quality=quality, switch=switch)
        assert len(set(drawn.presets_at(0, 240))) == len(several)
        for first in range(0, 240, 20):
            list(drawn.frames(first, 8))
        drawn.frame(35)
    assert misplaced == []


def test_the_look_at_alignment_sees_what_is_misplaced(
    device: Device, misplaced: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def crooked(shape: tuple[int, ...], kind: type[Any]) -> NDArray[Any]:
        size = int(np.prod(shape))
        return aligned((size + LANES,), kind)[1 : size + 1].reshape(shape)

    monkeypatch.setattr(programs, "aligned", crooked)
    drawn = renderer(device, "aurora", music(1.0))
    drawn.frame(0)
    assert any(one.endswith(": cols") for one in misplaced), misplaced
    assert ALIGNMENT % (LANES * 4) == 0


def test_what_has_no_detail_may_be_drawn_smaller(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bounds that effects state must hold for all that they draw, antialiasing included; the rest looks alike."""
    names = ("spectrum", "radial", "aurora", "tunnel")
    quick = {name: renderer(device, name, music(1.0), 320, 180).frame(9).astype(int) for name in names}
    monkeypatch.setattr(stack, "touched_by", lambda parts: None)
    stack._compile.cache_clear()
    try:
        for name, frame in quick.items():
            difference = np.abs(renderer(device, name, music(1.0), 320, 180).frame(9).astype(int) - frame)
            # A star that is two cells wide is interpolated as shown instead of as light: a little paler.
            assert (difference > 24).mean() < (0.003 if name in {"aurora", "tunnel"} else 1e-9), name
            assert difference.mean() < 0.6, name
    finally:
        stack._compile.cache_clear()


def test_a_program_tells_its_shape_and_memory(device: Device) -> None:
    for name, memory in (("scope", False), ("warp", True)):
        made = SceneProgram(SCENES[name], Canvas(97, 53, Fraction(30)), "balanced", 1, device)
        assert made.shape == (53, 13, LANES)
        assert made.has_memory is memory
