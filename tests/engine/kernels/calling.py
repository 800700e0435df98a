"""Calls a ti.func from Python: each argument an array of numbers, the result an array."""

from collections.abc import Callable
from typing import Any

import numpy as np
import taichi as ti
from numpy.typing import NDArray

FLOATS = ti.types.ndarray(dtype=ti.f32, ndim=1)
WORDS = ti.types.ndarray(dtype=ti.i32, ndim=1)


def call(function: Callable[..., Any], *arguments: NDArray[Any]) -> NDArray[np.float32]:
    """`function` of one or two float32 arrays, element by element; a result of n numbers gives [n, elements]."""
    columns = [np.ascontiguousarray(one, np.float32) for one in arguments]
    out = np.zeros_like(columns[0])
    if len(columns) == 1:
        _unary(function)(columns[0], out)
    else:
        _binary(function)(columns[0], columns[1], out)
    return out


def _unary(function: Callable[..., Any]) -> Any:
    @ti.kernel
    def run(x: FLOATS, out: FLOATS):
        for i in range(x.shape[0]):
            out[i] = function(x[i])

    return run


def _binary(function: Callable[..., Any]) -> Any:
    @ti.kernel
    def run(x: FLOATS, y: FLOATS, out: FLOATS):
        for i in range(x.shape[0]):
            out[i] = function(x[i], y[i])

    return run
