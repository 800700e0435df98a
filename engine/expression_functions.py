"""The functions that an expression may call, on whole tracks: float64 [frames] in, float64 [frames] out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from engine import portable
from engine.expression_memory import Array, Signals, ease, envelope, hold, integrate, lfo, noise, smooth
from engine.timeline import BANDS


@dataclass(frozen=True)
class Function:
    """A callable of the language.

    parameters: name -> default; None is required.
    constants:  parameters that must be plain numbers, with their closed range; they reach `call` as float.
    whole:      keeps integers alone for its constants (a band's number).
    variadic:   any number of arguments, at least two.
    history:    a value depends on other frames, so a condition around it must not blank its input.
    """

    description: str
    parameters: Mapping[str, float | None]
    call: Callable[..., Array]
    constants: Mapping[str, tuple[float, float]]
    whole: bool = False
    variadic: bool = False
    history: bool = False


def _band(signals: Signals, i: float) -> Array:
    return signals.timeline.bands[:, int(i)].astype(np.float64)


def _minimum(_: Signals, *values: Array) -> Array:
    result = values[0]
    for one in values[1:]:
        result = np.minimum(result, one)
    return result


def _maximum(_: Signals, *values: Array) -> Array:
    result = values[0]
    for one in values[1:]:
        result = np.maximum(result, one)
    return result


def _clamp(_: Signals, x: Array, low: Array, high: Array) -> Array:
    return np.minimum(np.maximum(x, low), high)


def _lerp(_: Signals, a: Array, b: Array, x: Array) -> Array:
    return a + (b - a) * x


def _smoothstep(_: Signals, low: Array, high: Array, x: Array) -> Array:
    return ease(_, (x - low) / (high - low))


def _simple(description: str, call: Callable[[Array], Array]) -> Function:
    return Function(description, {"x": None}, lambda _, x: call(x), {})


_TIME = (0.0, 60.0)
_SMOOTHING = {"attack_s": _TIME, "release_s": _TIME}

FUNCTIONS: Mapping[str, Function] = {
    "band": Function(
        "band i of the spectrum, 0 (low) to 63 (high), 0..1", {"i": None}, _band, {"i": (0, BANDS - 1)}, whole=True
    ),
    "abs": _simple("absolute value", np.abs),
    "min": Function("the smallest argument", {}, _minimum, {}, variadic=True),
    "max": Function("the largest argument", {}, _maximum, {}, variadic=True),
    "clamp": Function("x kept between low and high", {"x": None, "low": 0.0, "high": 1.0}, _clamp, {}),
    "lerp": Function("a at x = 0, b at x = 1", {"a": None, "b": None, "x": None}, _lerp, {}),
    "smoothstep": Function(
        "0 at low, 1 at high, smooth between", {"low": None, "high": None, "x": None}, _smoothstep, {}
    ),
    "floor": _simple("the integer below", np.floor),
    "fract": _simple("the part after the point: x - floor(x)", lambda x: x - np.floor(x)),
    "sqrt": _simple("square root", np.sqrt),
    "sin": _simple("sine of x radians", portable.sin),
    "cos": _simple("cosine of x radians", portable.cos),
    "exp": _simple("e to the power of x", portable.exp),
    "ease": Function("x clamped to 0..1, with a soft start and end", {"x": None}, ease, {}),
    "smooth": Function(
        "x follows with time constants for rise and fall",
        {"x": None, "attack_s": None, "release_s": None},
        smooth,
        _SMOOTHING,
        history=True,
    ),
    "envelope": Function(
        "x follows in straight lines: attack_s from 0 to 1, release_s back",
        {"x": None, "attack_s": None, "release_s": None},
        envelope,
        _SMOOTHING,
        history=True,
    ),
    "hold": Function(
        "the highest x of the last seconds", {"x": None, "seconds": None}, hold, {"seconds": _TIME}, history=True
    ),
    "integrate": Function(
        "the sum of x over the seconds since the track's start", {"x": None}, integrate, {}, history=True
    ),
    "lfo": Function("a sine wave, -1..1", {"hz": None, "phase": 0.0}, lfo, {}, history=True),
    "noise": Function(
        "smooth seeded noise, -1..1; each index is another one",
        {"hz": None, "index": 0.0},
        noise,
        {"index": (0, 65535)},
        whole=True,
        history=True,
    ),
}
