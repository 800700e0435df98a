"""Transitions on tiny pictures: exact at both ends, never backwards between, soft, seeded, the same at every size."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.device import Device
from engine.kernels.transitions import mix_frames
from engine.planes import aligned
from engine.scene import LANES, TRANSITIONS
from engine.transitions import Transitions, needs

KINDS = TRANSITIONS[1:]
STILL = tuple(one for one in KINDS if one not in {"zoom", "warp"})
"""Those that mix each pixel with the one at its place."""
STEPS = np.linspace(0.0, 1.0, 33)
Pixels = NDArray[np.int32]


def picture(width: int, height: int, seed: int) -> Pixels:
    made = aligned((height, -(-width // LANES), LANES), np.int32)
    made[:] = np.random.default_rng(seed).integers(-(2**31), 2**31, made.shape)
    return made


def plain(width: int, height: int, level: int) -> Pixels:
    made = aligned((height, -(-width // LANES), LANES), np.int32)
    made[:] = level * 0x010101 - 2**24
    return made


def mixed(kind: str, old: Pixels, new: Pixels, width: int, progress: float, salt: int = 5) -> Pixels:
    out = aligned(new.shape, np.int32)
    out[:] = new if needs(kind, progress).new else 0x55555555
    old = old if needs(kind, progress).old else np.full_like(old, 0x55555555)
    shown = aligned(old.shape, np.int32)
    shown[:] = old
    Transitions(width, old.shape[0]).mix(kind, out, shown, float(progress), salt)
    return out


def seen(made: Pixels, width: int) -> Pixels:
    """The pixels that are not cut off [height, width]."""
    return made.reshape(made.shape[0], -1)[:, :width]


def share(made: Pixels, width: int) -> NDArray[np.int32]:
    """The red of a black and white mixture: the share of the white one, 0 to 255 [height, width]."""
    return seen(made, width) & 255


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [(40, 24), (17, 9), (24, 41)])
def test_it_begins_with_the_old_picture_and_ends_with_the_new_one(
    device: Device, kind: str, size: tuple[int, int]
) -> None:
    old, new = picture(*size, 1), picture(*size, 2)
    for progress, expected in ((0.0, old), (1.0, new)):
        found = mixed(kind, old, new, size[0], progress)
        assert (seen(found, size[0]) == seen(expected, size[0])).all()


@pytest.mark.parametrize("kind", KINDS)
def test_the_new_picture_never_draws_back(device: Device, kind: str) -> None:
    old, new = plain(40, 24, 0), plain(40, 24, 255)
    shares = [share(mixed(kind, old, new, 40, step), 40) for step in STEPS]
    for before, after in pairwise(shares):
        assert (after >= before - 1).all()  # the means of a zoom are rounded
    assert (shares[0].max(), shares[-1].min()) == (0, 255)
    assert sum(20 < one.mean() < 235 for one in shares) >= 5


@pytest.mark.parametrize("kind", STILL)
def test_mixtures_lie_between_the_two(device: Device, kind: str) -> None:
    old, new = picture(40, 24, 1), picture(40, 24, 2)
    a, b, found = (one.view(np.uint8) for one in (old, new, mixed(kind, old, new, 40, 0.5)))
    assert ((found >= np.minimum(a, b)) & (found <= np.maximum(a, b))).all()


@pytest.mark.parametrize("kind", ["wipe", "circle", "dissolve"])
def test_edges_are_soft_and_the_salt_places_them(device: Device, kind: str) -> None:
    old, new = plain(320, 192, 0), plain(320, 192, 255)
    halves = [share(mixed(kind, old, new, 320, 0.5, salt), 320) for salt in range(12)]
    for half in halves:
        assert np.abs(np.diff(half, axis=0)).max() < 160
        assert np.abs(np.diff(half, axis=1)).max() < 160
        assert (half == 0).any()
        assert (half == 255).any()
    assert len({half.tobytes() for half in halves}) >= 4


def test_bright_parts_come_first(device: Device) -> None:
    old, new = plain(40, 24, 128), plain(40, 24, 10)
    new[:, 1] = plain(40, 24, 200)[:, 1]
    early = share(mixed("luma", old, new, 40, 0.3), 40)
    assert (early[:, 8:16] > 128).all()
    assert (early[:, :8] == 128).all()


def test_a_zoom_goes_into_the_old_picture_and_out_of_the_new_one(device: Device) -> None:
    lines = plain(64, 64, 0)
    lines[24] = lines[40] = -1
    rows = [share(mixed("zoom", lines, lines, 64, step), 64)[:, 32] for step in (0.3, 0.7)]
    middles = [np.average(np.arange(32), weights=row[:32]) for row in rows]
    assert middles[0] < 23.0, "nearer to the edge"
    assert middles[1] > middles[0] + 1.0, "nearer to the middle, though both are smeared towards it"


def test_a_warp_bends_what_is_straight(device: Device) -> None:
    lines = plain(64, 64, 0)
    lines[:, ::2, 0] = -1
    bent = share(mixed("warp", lines, lines, 64, 0.2), 64)
    assert (share(lines, 64)[0] == share(lines, 64)).all()
    assert len({row.tobytes() for row in bent}) > 50
    assert bent.mean() == pytest.approx(share(lines, 64).mean(), rel=0.2)


@pytest.mark.parametrize("kind", KINDS)
def test_a_frame_does_not_depend_on_those_before_it(device: Device, kind: str) -> None:
    old, new = picture(40, 24, 1), picture(40, 24, 2)
    alone = mixed(kind, old, new, 40, 0.6)
    used = Transitions(40, 24)
    for other, salt in (("wipe", 5), ("dissolve", 5), (kind, 9), (kind, 5)):
        out = aligned(new.shape, np.int32)
        out[:] = new
        used.mix(other, out, old, 0.6, salt)
    assert (out == alone).all()


def test_only_what_moves_can_do_with_one_picture() -> None:
    assert [needs(kind, 0.1).new for kind in KINDS] == [kind in STILL for kind in KINDS]
    assert [needs(kind, 0.9).old for kind in KINDS] == [kind in STILL for kind in KINDS]
    assert all(needs(kind, 0.5).old and needs(kind, 0.5).new for kind in KINDS)


@pytest.mark.parametrize("share", [0, 1, 77, 128, 255, 256])
def test_mixing_frames_is_linear_in_what_is_shown(device: Device, share: int) -> None:
    rng = np.random.default_rng(share)
    one, other = aligned((5, 3, LANES), np.int32), aligned((5, 3, LANES), np.int32)
    for array in (one, other):
        array[:] = rng.integers(-(2**31), 2**31, array.shape)
    a, b = (array.copy().view(np.uint8).astype(int) for array in (one, other))
    mix_frames(one, other, share)
    assert (one.view(np.uint8) == (a * share + b * (256 - share) + 128) // 256).all()
