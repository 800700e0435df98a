"""Halving, doubling, laying and reducing against plain numpy, whole and cut strips, odd rows."""

from __future__ import annotations

import gc

import numpy as np
import pytest
import taichi as ti
from numpy.typing import NDArray

from engine.device import Device
from engine.kernels.planes import TENT, compile_lay, compile_reduce, double_into, halve, in_vectors
from engine.kernels.raster import PLANES, VEC
from engine.planes import ALIGNMENT, Planes, aligned, flat
from engine.scene import LANES

Doubles = NDArray[np.float64]


def noisy(rows: int, columns: int, images: int = 1) -> Planes:
    planes = Planes(images, rows, columns)
    planes.cells[:] = np.random.default_rng(rows * 1000 + columns).uniform(0.0, 4.0, planes.cells.shape)
    return planes


def taken(source: Doubles, axis: int, places: NDArray[np.int64]) -> Doubles:
    """The source at places along an axis; beyond its ends the outermost."""
    return np.take(source, np.clip(places, 0, source.shape[axis] - 1), axis)


def halved(source: Doubles, rows: int, columns: int) -> Doubles:
    down = sum(TENT[j] * taken(source, 1, 2 * np.arange(rows) + j - 1) for j in range(4))
    return np.asarray(sum(TENT[j] * taken(down, 2, 2 * np.arange(columns) + j - 1) for j in range(4)))


def blown(source: Doubles, axis: int, scale: int, count: int) -> Doubles:
    """Linear interpolation between cell centres, `scale` cells for one."""
    place = (np.arange(count) + 0.5) / scale - 0.5
    low = np.floor(place).astype(np.int64)
    share = (place - low).reshape([-1 if one == axis else 1 for one in range(3)])
    return taken(source, axis, low) * (1.0 - share) + taken(source, axis, low + 1) * share


@pytest.mark.parametrize(("rows", "columns"), [(8, 32), (9, 16), (1, 8), (2, 48), (45, 64)])
def test_halve_is_a_tent(device: Device, rows: int, columns: int) -> None:
    source = noisy(rows, columns)
    out = Planes(1, (rows + 1) // 2, -(-columns // (2 * LANES)) * LANES)
    halve(source.strips, out.strips)
    assert np.abs(out.cells - halved(source.cells.astype(np.float64), out.rows, out.columns)).max() < 1e-6


@pytest.mark.parametrize(("rows", "columns"), [(8, 32), (9, 16), (1, 8), (2, 48), (45, 64)])
@pytest.mark.parametrize("spread", [0.0, 0.25, 1.0])
def test_double_into_is_bilinear(device: Device, rows: int, columns: int, spread: float) -> None:
    out = noisy(rows, columns)
    source = noisy((rows + 1) // 2, -(-columns // (2 * LANES)) * LANES)
    before = out.cells.astype(np.float64)
    wide = blown(blown(source.cells.astype(np.float64), 1, 2, rows), 2, 2, columns)
    double_into(source.strips, out.strips, spread)
    assert np.abs(out.cells - (before + (wide - before) * spread)).max() < 2e-6


@pytest.mark.parametrize("scale", [1, 2, 4])
@pytest.mark.parametrize(("rows", "columns", "kept"), [(3, 8, 8), (1, 16, 24), (5, 24, 40)])
@pytest.mark.parametrize("alone", [True, False])
def test_lay_is_bilinear_and_may_be_cut(
    device: Device, scale: int, rows: int, columns: int, kept: int, alone: bool
) -> None:
    source, out = noisy(rows, columns), noisy(rows * scale, min(kept, columns * scale), 2)
    before = out.cells.astype(np.float64)
    wide = blown(blown(source.cells.astype(np.float64), 1, scale, out.rows), 2, scale, out.columns)
    compile_lay(scale, alone=alone)(source.strips, out.strips, 3, 0.75)
    assert (out.cells[:3] == before[:3]).all(), "the other image"
    assert np.abs(out.cells[3:] - (wide * 0.75 + (0.0 if alone else before[3:]))).max() < 2e-6


@pytest.mark.parametrize("ratio", [2, 4])
@pytest.mark.parametrize(("rows", "columns"), [(1, 8), (3, 16), (13, 24)])
def test_reduce_is_a_mean(device: Device, ratio: int, rows: int, columns: int) -> None:
    source, out = noisy(rows * ratio, columns * ratio, 2), Planes(2, rows, columns)
    compile_reduce(ratio)(source.strips, out.strips)
    blocks = source.cells.astype(np.float64).reshape(6, rows, ratio, columns, ratio)
    assert np.abs(out.cells - blocks.mean(axis=(2, 4))).max() < 1e-6


def test_in_vectors_holds_when_a_kernel_is_compiled_at_its_first_call(device: Device) -> None:
    seen: list[bool] = []

    def kernel() -> None:
        seen.append(ti.lang.impl.current_cfg().real_matrix_scalarize)

    def failing() -> None:
        seen.append(ti.lang.impl.current_cfg().real_matrix_scalarize)
        raise ValueError("never mind")

    in_vectors(kernel)()
    with pytest.raises(ValueError, match="never mind"):
        in_vectors(failing)()
    assert seen == [False, False]
    assert ti.lang.impl.current_cfg().real_matrix_scalarize is True, "the drawing kernels need it"


@pytest.mark.parametrize("shape", [(1,), (7, 8), (3, 5, 1, 8), (2, 97)])
def test_aligned_arrays_are_aligned_zeros(shape: tuple[int, ...]) -> None:
    for kind in (np.float32, np.int32):
        kept = [aligned(shape, kind) for _ in range(20)]
        assert all(one.ctypes.data % ALIGNMENT == 0 for one in kept)
        assert all(one.flags.c_contiguous and one.shape == shape and one.dtype == kind for one in kept)
        assert all((one == 0).all() for one in kept)
        kept[0][...] = 1
        assert all((one == 0).all() for one in kept[1:])
        del kept
        gc.collect()


def test_planes_are_one_memory_seen_twice() -> None:
    planes = Planes(2, 3, 16)
    planes.cells[4, 2, 11] = 7.0
    assert planes.strips[4, 2, 1, 3] == 7.0
    assert flat(planes.strips)[(4 * 3 + 2) * 2 + 1, 3] == 7.0
    assert flat(planes.strips).ctypes.data == planes.cells.ctypes.data


def test_a_strip_is_a_vector_of_lanes() -> None:
    assert VEC.n == LANES
    assert PLANES.ndim == 3
