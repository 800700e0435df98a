"""Frames: the same scene at every quality and number of threads; transitions, memory off stage, the ring of arrays."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.device import Device
from engine.render import RING
from engine.scene import LANES, Switch, Transition
from tests.engine.shows import SCENES, WITH_MEMORY, copies, distance, light, music, renderer
from tests.kinds import KINDS

ROOT = Path(__file__).resolve().parents[2]
PROBE = """
import hashlib, sys
from engine import device
from tests.engine.shows import SCENES, music, renderer
started = device.start("cpu", int(sys.argv[1]))
for name in sys.argv[2:]:
    frames = renderer(started, name, music(1.0), 97, 53).frames(3, 2)
    print(name, *(hashlib.sha256(one.tobytes()).hexdigest() for one in frames))
"""


# Each pair compiles for a second or two. Scenes without images are drawn at quality fast as they are at balanced.
PLAIN = ("spectrum", "scope")
PAIRS = [(name, "ultra") for name in KINDS] + [(name, "fast") for name in KINDS if name not in PLAIN]
PAIRS += [("aurora", "high"), ("particles", "high")]


@pytest.mark.parametrize(("name", "quality"), PAIRS)
def test_every_quality_shows_the_same_scene(device: Device, name: str, quality: str) -> None:
    """Fine detail differs; the picture in blocks of 4 x 4 pixels does not."""

    def blocks(one: str) -> NDArray[np.float64]:
        frame = renderer(device, name, music(), 128, 72, quality=one).frame(40)[..., :3]
        return frame.reshape(18, 4, 32, 4, 3).astype(float).mean(axis=(1, 3))

    assert 5.0 < blocks(quality).mean() < 225.0
    # Feedback starts from coarser cells and a wave of pixels, not of light.
    assert np.abs(blocks(quality) - blocks("balanced")).mean() < (40.0 if name in WITH_MEMORY else 6.0)


@pytest.mark.parametrize("width", [64, 60])
def test_the_memory_of_a_frame_lasts_for_four_more(device: Device, width: int) -> None:
    held: list[tuple[NDArray[np.uint8], NDArray[np.uint8]]] = []
    addresses = []
    for frame in renderer(device, "spectrum", music(), width, 36).frames(0, 3 * RING):
        held = [*held[-4:], (frame, frame.copy())]
        addresses.append(frame.ctypes.data)
        assert all((one == copy).all() for one, copy in held)
    assert len(set(addresses)) == RING, "no array a frame"


def test_a_transition_mixes_monotonically(device: Device) -> None:
    dark, bright = (replace(SCENES["spectrum"], name=name, post=post) for name, post in _dark_and_bright())
    switch = Switch(mode="time", every=1.0, transition=0.5)
    drawn = renderer(device, [dark, bright], music(2.0), switch=switch)
    names = drawn.presets_at(0, 60)
    assert names[:30] == ["dark"] * 30
    assert names[30:] == ["bright"] * 30
    frames = copies(drawn, 28, 20)
    lights = [light(one) for one in frames]
    assert lights[0] == pytest.approx(lights[1], abs=2.0)
    rising = lights[2:17]
    assert all(one < other + 0.6 for one, other in pairwise(rising))
    assert lights[0] + 20.0 < lights[9] < lights[18] - 20.0
    only = renderer(device, bright, music(2.0)).frame(47)
    assert (frames[19] == only).all(), "after the transition nothing is left of the old one"


def test_a_transition_is_told_and_starts_in_the_middle_of_an_excerpt(device: Device) -> None:
    scenes = [replace(SCENES["spectrum"], name=name, post=post) for name, post in _dark_and_bright()]
    for kind in ("zoom", "warp", "wipe"):
        switch = Switch(mode="time", every=1.0, transition=Transition((kind,), 0.5))
        drawn = renderer(device, scenes, music(2.0), switch=switch)
        told = drawn.transitions_at(29, 17)
        assert (told[0], told[-1]) == (None, None)
        assert told[1] == {"kind": kind, "from": "dark", "progress": 0.0}
        whole = copies(drawn, 28, 14)
        assert (renderer(device, scenes, music(2.0), switch=switch).frame(38, opened=28) == whole[10]).all()
        assert (whole[2] == renderer(device, scenes[0], music(2.0)).frame(30)).all()


def _dark_and_bright() -> list[tuple[str, dict[str, dict[str, float | str]]]]:
    plain = {name: dict(values) for name, values in SCENES["spectrum"].post.items()}
    return [
        (name, {**plain, "tonemap": {"exposure": gain, "saturation": 1.0}})
        for name, gain in (("dark", 0.02), ("bright", 8.0))
    ]


def test_memory_costs_no_steps_off_stage(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    switch = Switch(mode="time", every=6.0, transition=0.0)
    drawn = renderer(device, [SCENES["scope"], SCENES["warp"]], music(20.0), switch=switch)
    first = drawn.presets_at(0, 600).index("warp")
    assert first == 180
    steps: list[int] = []
    drawn.prepare(first, 1)
    program = drawn._actor(1).program
    monkeypatch.setattr(program, "step", lambda row, tables, index: steps.append(index))
    drawn.frame(0)
    assert steps == []
    drawn.frame(first)
    assert steps == list(range(180, 361)), "three seconds of run-up, not the whole track"
    again = 180 + drawn.presets_at(180, 420).index("scope")
    back = again + drawn.presets_at(again, 600 - again).index("warp")
    steps.clear()
    drawn.frame(back)
    assert steps == list(range(2 * back - 180, 2 * back + 1))


def probe(threads: int, cache: Path, names: list[str]) -> str:
    command = [sys.executable, "-c", PROBE, str(threads), *names]
    environment = {**os.environ, "TRACKREEL_CACHE": str(cache)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_one_thread_or_two_new_kernels_or_stored_ones_draw_the_same_bits(device: Device, tmp_path: Path) -> None:
    """Feedback, and points added up; tests/test_same_frames.py has the others. A process cannot change its threads."""
    names = ["warp", "particles"]
    assert device.threads == 2
    expected = []
    for name in names:
        frames = renderer(device, name, music(1.0), 97, 53).frames(3, 2)
        expected.append(" ".join([name, *(hashlib.sha256(one.tobytes()).hexdigest() for one in frames)]))
    cold = probe(1, tmp_path, names)
    stored = sorted(tmp_path.rglob("*.tic"))
    warm = probe(1, tmp_path, names)
    assert cold.splitlines() == expected
    assert warm.splitlines() == expected
    assert stored
    assert sorted(tmp_path.rglob("*.tic")) == stored, "the second process found every kernel"


def test_rows_are_whole_strips(device: Device) -> None:
    drawn = renderer(device, "tunnel", music(1.0), 97, 53)
    frame = drawn.frame(3)
    wide = renderer(device, "tunnel", music(1.0), 104, 53).frame(3)
    assert 97 % LANES != 0
    assert frame.strides[0] == 97 * 4, "the padding is cut off"
    assert distance(frame[:, :90], wide[:, 7:97]) < 60.0
