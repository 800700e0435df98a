"""The names of the expression language, and how a call's arguments find its parameters."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Collection, Mapping

from engine.expression_functions import FUNCTIONS, Function

FEATURES: Mapping[str, str] = {
    "rms": "loudness of this instant, linear, 0..1",
    "lufs": "EBU R128 short-term loudness in LUFS, -70 and up",
    "loudness": "lufs over the whole track's range, 0..1",
    "bass": "20 to 150 Hz, 0..1",
    "mid": "150 to 2000 Hz, 0..1",
    "treble": "2000 to 16000 Hz, 0..1",
    "centroid": "brightness of the sound, 0 (dark) to 1",
    "flux": "how much the spectrum is changing, 0..1",
    "onset": "1 at the start of a sound, fading in about 0.15 s",
    "beat": "1 on a beat, fading in about 0.25 s",
    "beat_phase": "0 on a beat, rising to 1 at the next",
    "bar_phase": "0 on a bar's first beat, rising to 1 over four beats",
    "beat_conf": "how sure the beat is, 0..1",
    "tempo": "beats a minute",
    "energy": "intensity of this part of the track, 0..1",
    "section": "number of the section, from 0",
    "stereo": "stereo width, 0..1",
    "t": "seconds from the track's start",
    "progress": "0 at the track's start, 1 at its end",
    "seed": "a number in 0..1 made from the job's seed",
}


def suggest(name: str, known: Collection[str]) -> str:
    """The words "did you mean ...?", or the list of what there is."""
    close = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return f"did you mean `{close[0]}`?" if close else "known names: " + ", ".join(sorted(known))


def bind(node: ast.Call, function: Function) -> dict[str, ast.expr]:
    """The arguments of a call by parameter name (variadic: by position), as far as they fit."""
    names = [str(i) for i in range(len(node.args))] if function.variadic else list(function.parameters)
    bound = dict(zip(names, node.args, strict=False))
    for keyword in node.keywords:
        bound.setdefault(str(keyword.arg), keyword.value)
    return bound


def constant(node: ast.expr) -> float | None:
    """The value of a number with signs before it, or None."""
    sign = 1.0
    while isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        sign = -sign if isinstance(node.op, ast.USub) else sign
        node = node.operand
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return sign * float(node.value)
    return None


def signature(name: str) -> str:
    """How a function is called: `lfo(hz, phase=0)`."""
    function = FUNCTIONS[name]
    if function.variadic:
        return f"{name}(a, b, ...)"
    shown = [one if default is None else f"{one}={default:g}" for one, default in function.parameters.items()]
    return f"{name}({', '.join(shown)})"
