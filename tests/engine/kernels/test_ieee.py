"""The portable maths against float64: every stated error, and the edges of every domain."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import taichi as ti
from numpy.typing import NDArray

from engine.device import Device
from engine.kernels import ieee
from tests.engine.kernels.calling import call

COUNT = 400_000


@ti.func
def step_to_one(x):
    return ieee.smoothstep(0.0, 1.0, x)


Doubles = NDArray[np.float64]


def spread(low: float, high: float) -> Doubles:
    """Float32 numbers from low to high, ends included, as float64."""
    return np.linspace(low, high, COUNT).astype(np.float32).astype(np.float64)


def log_uniform(low: float, high: float) -> Doubles:
    """Numbers whose exponents are spread evenly from 2^low to 2^high."""
    exponents = np.random.default_rng(1).uniform(low, high, COUNT)
    return np.exp2(exponents).astype(np.float32).astype(np.float64)


@ti.func
def sine_of_both(x):
    sine, _ = ieee.sincos(x)
    return sine


@ti.func
def cosine_of_both(x):
    _, cosine = ieee.sincos(x)
    return cosine


@pytest.mark.parametrize(
    ("function", "exact", "reach", "bound"),
    [
        (ieee.sin, np.sin, 4.0, 2e-7),
        (ieee.sin, np.sin, 1e4, 2e-7),
        (ieee.cos, np.cos, 4.0, 2e-7),
        (ieee.cos, np.cos, 1e4, 2e-7),
        (sine_of_both, np.sin, 1e4, 2e-7),
        (cosine_of_both, np.cos, 1e4, 9e-6),
        (ieee.tanh, np.tanh, 20.0, 2e-7),
    ],
)
def test_absolute_errors(
    device: Device, function: Callable[..., Any], exact: Callable[[Doubles], Doubles], reach: float, bound: float
) -> None:
    x = spread(-reach, reach)
    assert np.abs(call(function, x) - exact(x)).max() < bound


@pytest.mark.parametrize(
    ("function", "exact", "low", "high", "bound"),
    [
        (ieee.exp2, np.exp2, -126.0, 127.0, 1.2e-7),
        (ieee.exp2, np.exp2, -1.0, 1.0, 1.2e-7),
        (ieee.exp, np.exp, -87.0, 88.0, 4e-6),
        (ieee.exp, np.exp, -4.0, 4.0, 4e-7),
    ],
)
def test_relative_errors(
    device: Device,
    function: Callable[..., Any],
    exact: Callable[[Doubles], Doubles],
    low: float,
    high: float,
    bound: float,
) -> None:
    x = spread(low, high)
    assert np.abs(call(function, x) / exact(x) - 1.0).max() < bound


def test_log2_is_as_near_as_its_last_place_allows(device: Device) -> None:
    x = np.concatenate((log_uniform(-125.9, 127.9), spread(0.5, 2.0)))
    exact = np.log2(x)
    last_place = np.spacing(np.abs(exact).astype(np.float32)).astype(np.float64)
    assert (np.abs(call(ieee.log2, x) - exact) - 0.5 * last_place).max() < 1e-7


def test_power(device: Device) -> None:
    x, y = log_uniform(-20.0, 20.0), np.random.default_rng(2).uniform(-10.0, 10.0, COUNT)
    y = y.astype(np.float32).astype(np.float64)
    exact = x**y
    inside = (exact > 1e-6) & (exact < 1e6)
    assert inside.sum() > COUNT / 4
    assert np.abs(call(ieee.power, x, y) / exact - 1.0)[inside].max() < 2e-6


@pytest.mark.parametrize(("function", "bound"), [(ieee.atan2, 4e-7), (ieee.angle, 1e-4)])
def test_angles_in_every_quadrant(device: Device, function: Callable[..., Any], bound: float) -> None:
    turn, radius = spread(-np.pi, np.pi), log_uniform(-20.0, 20.0)
    y = (radius * np.sin(turn)).astype(np.float32).astype(np.float64)
    x = (radius * np.cos(turn)).astype(np.float32).astype(np.float64)
    assert np.abs(call(function, y, x) - np.arctan2(y, x)).max() < bound


@pytest.mark.parametrize(
    ("function", "arguments", "expected"),
    [
        (ieee.sin, ([0.0, -0.0],), [0.0, 0.0]),
        (ieee.exp2, ([0.0, 1.0, -1.0, 10.0],), [1.0, 2.0, 0.5, 1024.0]),
        (ieee.exp2, ([-126.0, -127.0, -1e30],), [2.0**-126] * 3),
        (ieee.exp2, ([127.0, 128.0, 1e30],), [2.0**127] * 3),
        (ieee.log2, ([1.0, 2.0, 0.5, 2.0**-126],), [0.0, 1.0, -1.0, -126.0]),
        (ieee.power, ([0.0, 0.0, 1.0, 2.0, -1.0], [1.0, 2.5, 7.0, -1.0, 2.0]), [0.0, 0.0, 1.0, 0.5, 0.0]),
        (ieee.tanh, ([0.0, 100.0, -100.0],), [0.0, 1.0, -1.0]),
        (ieee.fract, ([-0.25, 0.0, 1.0, 2.5, -1e-9],), [0.75, 0.0, 0.0, 0.5, 1.0]),
        (ieee.clamp01, ([-1.0, 0.0, 0.25, 1.0, 7.0],), [0.0, 0.0, 0.25, 1.0, 1.0]),
        (ieee.low, ([1.0, -2.0], [0.5, 3.0]), [0.5, -2.0]),
        (ieee.high, ([1.0, -2.0], [0.5, 3.0]), [1.0, 3.0]),
    ],
)
def test_edges_are_exact(
    device: Device, function: Callable[..., Any], arguments: tuple[list[float], ...], expected: list[float]
) -> None:
    assert call(function, *map(np.array, arguments)).tolist() == expected


@pytest.mark.parametrize(("function", "bound"), [(ieee.atan2, 4e-7), (ieee.angle, 1e-4)])
def test_angles_on_the_axes(device: Device, function: Callable[..., Any], bound: float) -> None:
    y, x = np.array([0.0, 0.0, 0.0, 1.0, -1.0, 1.0, -1.0]), np.array([0.0, 1.0, -1.0, 0.0, 0.0, -1.0, -1.0])
    expected = np.array([0.0, 0.0, 1.0, 0.5, -0.5, 0.75, -0.75]) * np.pi
    assert np.abs(call(function, y, x) - expected).max() < bound


def test_smoothstep_rises_from_0_to_1(device: Device) -> None:
    x = spread(-1.0, 2.0)
    found = call(step_to_one, x)
    assert found[0] == 0.0
    assert found[-1] == 1.0
    t = np.clip(x, 0.0, 1.0)
    assert np.abs(found - t * t * (3.0 - 2.0 * t)).max() < 3e-7
