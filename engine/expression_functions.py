"""The functions that an expression may call, on whole tracks: float64 [frames] in, float64 [frames] out.

Those with a memory (smooth, hold, envelope, integrate) start at the track's first frame, whatever part of it is drawn.
Times are seconds, so that 30 and 60 fps give the same value at the same second, up to the sampling of their input.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine import portable
from engine.timeline import BANDS, Timeline

Array = NDArray[np.float64]

MASK64 = (1 << 64) - 1


@dataclass(frozen=True)
class Signals:
    """What functions see of the track: the timeline, times in seconds float64 [frames], and the job's seed."""

    timeline: Timeline
    seconds: Array
    seed: int


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


def hash_unit(seed: int, index: int, lattice: NDArray[np.int64]) -> Array:
    """A float in 0..1 for each lattice point, by integers alone (splitmix64's finaliser, Steele et al. 2014)."""
    start = (seed * 0x9E3779B97F4A7C15 + index * 0xD1B54A32D192ED03 + 0x632BE59BD9B4E019) & MASK64
    z = lattice.astype(np.uint64) * np.uint64(0xBF58476D1CE4E5B9) + np.uint64(start)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        z = (z ^ (z >> np.uint64(shift))) * np.uint64(factor)
    z ^= z >> np.uint64(31)
    return (z >> np.uint64(40)).astype(np.float64) / float((1 << 24) - 1)


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
    return _ease(_, (x - low) / (high - low))


def _ease(_: Signals, x: Array) -> Array:
    x = np.minimum(np.maximum(x, 0.0), 1.0)
    return x * x * (3.0 - 2.0 * x)


def _step_seconds(signals: Signals) -> float:
    fps = signals.timeline.fps
    return fps.denominator / fps.numerator


def _one_pole_gain(signals: Signals, seconds: float) -> float:
    """The share of a step that one frame covers, for a time constant in seconds; 1 for none."""
    if seconds <= 0.0:
        return 1.0
    return 1.0 - float(portable.exp(np.array([-_step_seconds(signals) / seconds]))[0])


def _smooth(signals: Signals, x: Array, attack: float, release: float) -> Array:
    rise, fall = _one_pole_gain(signals, attack), _one_pole_gain(signals, release)
    state = float(x[0])
    out = []
    for value in x.tolist():
        state += (value - state) * (rise if value > state else fall)
        out.append(state)
    return np.array(out)


def _envelope(signals: Signals, x: Array, attack: float, release: float) -> Array:
    step = _step_seconds(signals)
    rise = step / attack if attack > 0.0 else np.inf
    fall = step / release if release > 0.0 else np.inf
    state = float(x[0])
    out = []
    for value in x.tolist():
        state = min(value, state + rise) if value > state else max(value, state - fall)
        out.append(state)
    return np.array(out)


def _hold(signals: Signals, x: Array, seconds: float) -> Array:
    """The running maximum of a window by doubling: log2(window) passes, no loop over frames."""
    fps = signals.timeline.fps
    window = 1 + int(seconds * fps.numerator / fps.denominator + 1e-9)
    out, covered = x.copy(), 1
    while covered < window:
        shift = min(covered, window - covered)
        out[shift:] = np.maximum(out[shift:], out[:-shift])
        covered += shift
    return out


def _integrate(signals: Signals, x: Array) -> Array:
    # Features are multiples of 2**-16, so this sum of them is exact; the step is applied after it, once.
    fps = signals.timeline.fps
    steps = np.concatenate((np.zeros(1), x[:-1] + x[1:]))
    return np.cumsum(steps) * fps.denominator / (2.0 * fps.numerator)


def _turns(signals: Signals, hz: Array) -> Array:
    """Cycles since the track's start; a steady rate is multiplied, not summed, to stay exact on long tracks."""
    return hz * signals.seconds if np.all(hz == hz[0]) else _integrate(signals, hz)


def _lfo(signals: Signals, hz: Array, phase: Array) -> Array:
    turns = _turns(signals, hz) + phase
    return portable.sin((turns - np.floor(turns)) * (2.0 * np.pi))


def _noise(signals: Signals, hz: Array, index: float) -> Array:
    turns = _turns(signals, hz)
    # Beyond 2**52 a float has no fraction and a cast to integer means nothing: no value rather than a wrong one.
    turns = np.where(np.abs(turns) < 2.0**52, turns, np.nan)
    cell = np.floor(turns)
    lattice = np.nan_to_num(cell).astype(np.int64)
    left = hash_unit(signals.seed, int(index), lattice)
    right = hash_unit(signals.seed, int(index), lattice + 1)
    return 2.0 * (left + (right - left) * _ease(signals, turns - cell)) - 1.0


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
    "ease": Function("x clamped to 0..1, with a soft start and end", {"x": None}, _ease, {}),
    "smooth": Function(
        "x follows with time constants for rise and fall",
        {"x": None, "attack_s": None, "release_s": None},
        _smooth,
        _SMOOTHING,
        history=True,
    ),
    "envelope": Function(
        "x follows in straight lines: attack_s from 0 to 1, release_s back",
        {"x": None, "attack_s": None, "release_s": None},
        _envelope,
        _SMOOTHING,
        history=True,
    ),
    "hold": Function(
        "the highest x of the last seconds", {"x": None, "seconds": None}, _hold, {"seconds": _TIME}, history=True
    ),
    "integrate": Function(
        "the sum of x over the seconds since the track's start", {"x": None}, _integrate, {}, history=True
    ),
    "lfo": Function("a sine wave, -1..1", {"hz": None, "phase": 0.0}, _lfo, {}, history=True),
    "noise": Function(
        "smooth seeded noise, -1..1; each index is another one",
        {"hz": None, "index": 0.0},
        _noise,
        {"index": (0, 65535)},
        whole=True,
        history=True,
    ),
}
