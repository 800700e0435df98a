"""Motion blur in a scene: the pictures are of moments within the frame, and memories step from one to the next."""

from __future__ import annotations

import numpy as np
import pytest

from engine.device import Device
from engine.program import SceneProgram
from engine.scene import Layer, Scene
from tests.engine.shows import music, renderer

POST = {"tonemap": {"exposure": 1.0, "saturation": 1.0}}


def scene(**blur: float) -> Scene:
    """A gradient that brightens from frame to frame."""
    layers = (Layer("solid", {"top": 1.0, "bottom": 1.0, "gain": "0.05 + 3*t*t"}),)
    return Scene("s", ("#000000", "#ffffff"), layers, POST | ({"motion_blur": blur} if blur else {}))


def level(device: Device, shown: Scene, frame: int, quality: str = "balanced") -> int:
    pixels = renderer(device, shown, music(1.0), 16, 16, quality=quality).frame(frame)
    assert (pixels == pixels[:1, :1]).all()
    return int(pixels[0, 0, 1])


def test_a_frame_is_the_mean_from_its_moment_on(device: Device) -> None:
    plain = [level(device, scene(), frame) for frame in (9, 10)]
    assert plain[0] + 4 < plain[1]
    whole, half = (level(device, scene(shutter=shutter), 9) for shutter in (1.0, 0.5))
    assert plain[0] < half < whole < plain[1]
    assert abs(whole - np.mean(plain)) <= 1.0
    assert level(device, scene(shutter=0.0), 9) == plain[0]
    assert level(device, scene(shutter=1.0), 9, "fast") == level(device, scene(), 9, "fast")


def test_memories_step_within_a_frame_and_each_step_once(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    log: list[int | str] = []
    monkeypatch.setattr(SceneProgram, "has_memory", True)
    monkeypatch.setattr(SceneProgram, "step", lambda _self, _row, _tables, index: log.append(index))
    monkeypatch.setattr(SceneProgram, "draw", lambda _self, *_arguments: log.append("draw"))
    drawn = renderer(device, scene(shutter=1.0), music(1.0), 16, 16)
    assert len(list(drawn.frames(0, 3))) == 3
    assert log == [0, "draw", 1, "draw", 2, "draw", 3, "draw", 4, "draw", 5, "draw"]
