"""Launches that look at what changed alone: the same results, new arrays, numbers and threads of them, a new start."""

from typing import Any

import numpy as np
import pytest
import taichi as ti

from engine import device as devices
from engine import launch
from engine.device import Device
from engine.kernels.planes import in_vectors
from engine.kernels.raster import FLAT, VEC
from engine.launch import Launch
from engine.loops import LOOPS
from engine.planes import aligned

NUMBERS = ti.types.ndarray(dtype=ti.f32, ndim=2)


@ti.kernel
def _scale(source: NUMBERS, out: NUMBERS, gain: ti.f32, place: ti.i32):  # noqa: ANN202
    ti.loop_config(serialize=LOOPS.serial)
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            out[y, x] = source[y, x] * gain + ti.cast(place, ti.f32)


@in_vectors
@ti.kernel
def _add(source: FLAT, out: FLAT):  # noqa: ANN202
    for k in range(out.shape[0]):
        out[k] = source[k] + VEC(1.0)


def arrays(*shapes: tuple[int, int]) -> list[Any]:
    return [np.arange(rows * columns, dtype=np.float32).reshape(rows, columns) for rows, columns in shapes]


def test_every_launch_sees_its_own_arguments(device: Device) -> None:
    run = Launch(_scale)
    small, large = arrays((2, 3), (5, 4))
    for source, gain, place in ((small, 1.0, 0), (small, 2.0, 0), (large, 2.0, 7), (large, 2.0, 7), (small, -1.5, 7)):
        out = np.zeros_like(source)
        run(source, out, gain, place)
        assert (out == source * np.float32(gain) + place).all()
    small += 1.0
    out[:] = 0.0
    run(small, out, -1.5, 7)
    assert (out == small * np.float32(-1.5) + 7).all(), "the same array with other numbers in it"


def test_kernels_in_vectors_stay_in_vectors(device: Device) -> None:
    run = Launch(_add)
    source, out = aligned((6, 8), np.float32), aligned((6, 8), np.float32)
    for step in range(3):
        source[:] = step
        run(source, out)
        assert (out == step + 1).all()
    assert ti.lang.impl.current_cfg().real_matrix_scalarize


def test_what_did_not_change_is_not_set_again(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    plain = launch._setter

    def counting(context: Any, kind: Any) -> Any:
        inner = plain(context, kind)

        def put(place: tuple[int], value: Any) -> None:
            seen.append(place[0])
            inner(place, value)

        return put

    monkeypatch.setattr(launch, "_setter", counting)
    run = Launch(_scale)
    source, out = arrays((2, 3), (2, 3))
    run(source, out, 1.0, 0)
    seen.clear()
    run(source, out, 1.0, 0)
    assert seen == []
    run(source, out, 1.0, 3)
    assert seen == [3]


def test_a_new_start_of_taichi_is_noticed(device: Device) -> None:
    run = Launch(_scale)
    source, out = arrays((2, 3), (2, 3))
    run(source, out, 1.0, 0)
    run(source, out, 1.0, 0)
    devices.start(device.backend, device.threads)
    run(source, out, 4.0, 0)
    run(source, out, 4.0, 1)
    assert (out == source * 4 + 1).all()


def test_without_the_short_way_kernels_are_called_as_usual(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "CPUS", ())
    run = Launch(_scale)
    source, out = arrays((2, 3), (2, 3))
    for place in range(3):
        run(source, out, 2.0, place)
        assert (out == source * 2 + place).all()


def test_one_render_thread_runs_loops_where_they_are_called(device: Device) -> None:
    try:
        devices.start("cpu", 1)
        assert LOOPS.serial
        source, out = arrays((2, 3), (2, 3))
        Launch(_scale)(source, out, 4.0, 1)
        assert (out == source * 4 + 1).all()
    finally:
        devices.start(device.backend, device.threads)
    assert not LOOPS.serial
