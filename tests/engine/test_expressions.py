from __future__ import annotations

import os
import pickle
import string
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ExpressionError
from engine.expression_functions import FUNCTIONS
from engine.expressions import FEATURES, Environment, evaluate, parse, signature
from tests.engine.timelines import FEATURE_NAMES, make_timeline

ENV = Environment(
    make_timeline(bass=lambda t: t / 4, rms=lambda t: np.where(t < 1, 0.0, 0.5), onset=lambda t: (t % 1 < 0.01) * 1.0),
    seed=42,
    locals={"glow": np.full(120, 0.25)},
)


def value(text: str | float, environment: Environment = ENV) -> np.ndarray:
    return evaluate(parse(text), environment)


def at(text: str, seconds: float, fps: int = 30) -> float:
    return float(value(text)[round(seconds * fps)])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2*3 - 4/8", 6.5),
        ("-2**2", -4.0),
        ("(-2)**3", -8.0),
        ("2**-1", 0.5),
        ("9**0.5", 3.0),
        ("-1 % 3", 2.0),
        ("1 < 2 < 3", 1.0),
        ("1 < 2 < 2", 0.0),
        ("not 0.5", 0.0),
        ("0 or 0.3", 1.0),
        ("0 and 1/0", 0.0),
        ("1 or 1/0", 1.0),
        ("3 if glow > 0.2 else 4", 3.0),
        ("min(3, 1, 2)", 1.0),
        ("max(3, 1, 2)", 3.0),
        ("clamp(1.5)", 1.0),
        ("clamp(5, low=0, high=4)", 4.0),
        ("lerp(1, 3, 0.25)", 1.5),
        ("smoothstep(0, 2, 1)", 0.5),
        ("floor(-1.5)", -2.0),
        ("fract(-1.25)", 0.75),
        ("ease(2)", 1.0),
        ("band(32)", 0.5),
        ("band(i=+8)", 0.125),
        ("abs(-3)", 3.0),
        ("exp(0) + sin(0) + cos(0)", 2.0),
        ("  1\n + 1", 2.0),
        (0.25, 0.25),
        (-3, -3.0),
    ],
)
def test_values(text, expected) -> None:
    assert np.all(value(text) == expected)


def test_features_and_times() -> None:
    assert set(FEATURES) == {*FEATURE_NAMES, "t", "progress", "seed"}
    assert at("bass", 2.0) == 0.5
    assert at("t", 3.5) == 3.5
    assert at("progress", 2.0) == 0.5
    assert 0.0 <= at("seed", 0.0) <= 1.0
    assert at("glow", 1.0) == 0.25


def test_a_branch_not_taken_is_not_computed() -> None:
    assert at("bass / rms if rms > 0 else 7", 0.5) == 7.0
    assert at("bass / rms if rms > 0 else 7", 2.0) == 1.0
    assert at("rms > 0 and bass / rms >= 1", 2.0) == 1.0


def test_a_condition_does_not_blank_the_past_of_a_function_with_memory() -> None:
    assert at("integrate(bass) if t > 2 else 0", 3.0) == at("integrate(bass)", 3.0)


@pytest.mark.parametrize("fps", [24, 30, 60])
def test_motion_is_the_same_at_every_frame_rate(fps) -> None:
    environment = Environment(make_timeline(fps=Fraction(fps), bass=lambda t: t / 4), seed=1)
    assert value("integrate(bass)", environment)[2 * fps] == pytest.approx(0.5, abs=1e-5)
    assert value("integrate(0.2)", environment)[3 * fps] == pytest.approx(0.6, abs=1e-12)
    assert value("lfo(0.25)", environment)[fps] == 1.0
    assert value("lfo(0.25, phase=0.75)", environment)[0] == -1.0
    assert value("smooth(t >= 1, 0.5, 0.5)", environment)[2 * fps] == pytest.approx(1 - np.exp(-2), abs=0.012)
    assert value("smooth(t >= 1, 0, 0.5)", environment)[2 * fps] == 1.0
    assert value("smooth(t < 1, 0.1, 0.5)", environment)[2 * fps] == pytest.approx(np.exp(-2), abs=0.012)
    assert value("envelope(t >= 1, 2, 0.5)", environment)[2 * fps] == pytest.approx(0.5, abs=0.03)
    reference = Environment(make_timeline(fps=Fraction(120)), seed=1)
    assert value("noise(3)", environment)[2 * fps] == value("noise(3)", reference)[240]


def test_hold_keeps_a_peak_for_its_seconds() -> None:
    held = value("hold(onset, 0.5)")
    assert held[30:46].min() == 1.0
    assert held[46] == 0.0
    assert np.array_equal(value("hold(bass, 0)"), value("bass"))


def test_envelope_with_no_times_is_the_signal() -> None:
    assert np.array_equal(value("envelope(onset, 0, 0)"), value("onset"))
    assert np.array_equal(value("smooth(onset, 0, 0)"), value("onset"))


def test_noise_is_seeded_smooth_and_spread() -> None:
    noise = value("noise(4)")
    assert not np.array_equal(noise, value("noise(4, 1)"))
    assert not np.array_equal(noise, value("noise(4)", Environment(ENV.timeline, 43)))
    assert np.array_equal(noise, value("noise(4)"))
    assert np.abs(np.diff(noise)).max() < 0.5
    assert noise.min() < -0.5
    assert noise.max() > 0.5
    assert np.abs(noise).max() <= 1.0


@pytest.mark.parametrize(
    ("text", "message", "hint", "column"),
    [
        ("0.3 + bas", "unknown name `bas`", "did you mean `bass`?", 7),
        ("é + 1", "unknown name `é`", "known names", 1),
        ("1 + smoth(bass, 1, 1)", "unknown function `smoth`", "did you mean `smooth`?", 5),
        ("bass.__class__", "attribute access", "feature", 1),
        ("().__class__", "attribute access", "", 1),
        ("bass[0]", "brackets", "band(3)", 1),
        ("'text'", "text is not part", "numbers", 1),
        ("f'{bass}'", "text is not part", "number", 1),
        ("True", "True is not part", "1 is true", 1),
        ("2j", "2j is not part", "", 1),
        ("bass ^ 2", "`^`", "`**`", 1),
        ("bass // 2", "`//`", "floor(a / b)", 1),
        ("bass << 2", "LShift", "", 1),
        ("~bass", "Invert", "", 1),
        ("bass is 1", "Is is not", "", 1),
        ("1 in bass", "In is not", "", 1),
        ("lambda: 1", "lambda", "", 1),
        ("(x := 1)", "`:=`", "", 2),
        ("[1 for x in bass]", "ListComp", "", 1),
        ("sin", "`sin` is a function", "sin(x)", 1),
        ("sin()", "`sin` got 0 arguments", "sin(x)", 1),
        ("sin(1, 2)", "`sin` got 2 arguments", "sin(x)", 1),
        ("max(1)", "`max` got 1 argument", "max(a, b, ...)", 1),
        ("lfo(1, hz=2)", "`lfo` got 2 arguments", "lfo(hz, phase=0)", 1),
        ("lfo(1, phas=2)", "no argument `phas`", "lfo(hz, phase=0)", 1),
        ("max(1, 2, key=3)", "no argument `key`", "", 1),
        ("max(*bass, 1)", "starred", "", 1),
        ("sin(**bass)", "starred", "", 1),
        ("band(64)", "`i` of `band` must be a whole number in 0..63", "band(i)", 6),
        ("band(1.5)", "must be a whole number", "", 6),
        ("band(bass)", "must be a whole number", "", 6),
        ("hold(bass, 1e9)", "`seconds` of `hold` must be a number in 0..60", "", 12),
        ("smooth(bass, bass, 1)", "`attack_s` of `smooth`", "", 14),
        ("(1)(2)", "Constant", "", 2),
        ("bass.real()", "attribute access", "", 1),
        ("2 ** 1000", "the power 1000 is too large", "-64 to 64", 6),
        ("9**9**9**9**9", "overflows", "clamp", 7),
        ("9" * 400, "number is too large", "", 1),
        ("1e999", "number is too large", "", 1),
        ("1 +", "cannot be parsed", "for example", 0),
        ("bass && mid", "cannot be parsed", "`and`", 0),
        ("1; 2", "cannot be parsed", "", 0),
        ("import os", "cannot be parsed", "", 0),
        ("bass # loud", "`#`", "", 6),
        ("bass\0", "cannot be parsed", "", 0),
        ("", "empty", "", 1),
        ("   ", "empty", "", 1),
        ("1+" * 500 + "1", "1001 characters", "", 1),
        ("-" * 900 + "1", "nested", "", 0),
        ("(" * 300 + "1" + ")" * 300, "", "", 0),
        ("+".join(["1"] * 60), "nested more than 40 deep", "split", 0),
        (float("nan"), "not a finite number", "", 1),
        (float("inf"), "not a finite number", "", 1),
    ],
)
def test_what_is_refused_says_why_and_where(text, message, hint, column) -> None:
    with pytest.raises(ExpressionError) as caught:
        evaluate(parse(text, known=FEATURES), ENV)
    assert message in caught.value.message
    assert hint in caught.value.hint
    if column:  # where Python's own parser fails, its versions disagree on the place
        assert caught.value.column == column


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 / rms", "`1 / rms` divides by zero at 0.00 s"),
        ("2 + 1 / (t - 1.5)", "`1 / (t - 1.5)` in `2 + 1 / (t - 1.5)` divides by zero at 1.50 s"),
        ("bass % rms", "divides by zero at 0.00 s"),
        ("sqrt(0.5 - bass)", "`sqrt(0.5 - bass)` has no value (NaN) at 2.03 s"),
        ("(0.5 - bass) ** 0.5", "has no value (NaN) at 2.03 s"),
        ("(0.5 - bass) ** 0.3", "has no value (NaN) at 2.03 s"),
        ("rms ** -1", "overflows at 0.00 s"),
        ("exp(1000)", "overflows at 0.00 s"),
        ("1e300 * 1e300", "overflows at 0.00 s"),
        ("exp(t) ** 64 ** t", "overflows at"),
        ("smoothstep(1, 1, 1)", "has no value (NaN) at 0.00 s"),
        ("noise(1e300)", "has no value (NaN) at 0.03 s"),
        ("integrate(1e308)", "overflows"),
        ("1 if 1/rms > 2 else 0", "`1 / rms` in `1 if 1/rms > 2 else 0` divides by zero at 0.00 s"),
    ],
)
def test_no_finite_value_names_expression_and_time(text, message) -> None:
    with pytest.raises(ExpressionError) as caught:
        value(text)
    assert message in caught.value.message
    assert caught.value.hint


def test_evaluating_an_unknown_name_fails_even_if_it_was_parsed_without_a_list() -> None:
    expression = parse("glow + bsas")
    assert expression.names == {"glow", "bsas"}
    with pytest.raises(ExpressionError, match="unknown name `bsas`"):
        evaluate(expression, ENV)


def test_an_expression_survives_pickling() -> None:
    expression = pickle.loads(pickle.dumps(parse("bass + glow")))
    assert expression == parse("bass + glow")
    assert np.array_equal(evaluate(expression, ENV), value("bass + glow"))


def test_every_function_is_described_and_can_be_called_as_its_signature_says() -> None:
    for name, function in FUNCTIONS.items():
        assert function.description
        count = 2 if function.variadic else len(function.parameters)
        assert np.isfinite(value(f"{name}({', '.join(str(i + 1) for i in range(count))})")).all(), signature(name)


atoms = st.one_of(
    st.sampled_from([*sorted(FEATURES), "glow", "0", "1", "0.5", "1e-3", "3", "64", "1e308"]),
    st.floats(0, 1e6).map(repr),
)


def extend(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "%", "**", "<", "<=", "==", "and", "or"]), inner).map(
            lambda x: f"({' '.join(x)})"
        ),
        st.tuples(inner, inner, inner).map(lambda x: f"({x[0]} if {x[1]} else {x[2]})"),
        st.tuples(
            st.sampled_from(["abs", "sqrt", "sin", "exp", "ease", "fract", "integrate", "noise", "lfo"]), inner
        ).map(lambda x: f"{x[0]}({x[1]})"),
        st.tuples(inner, inner).map(lambda x: f"max({x[0]}, {x[1]})"),
        inner.map(lambda x: f"-{x}"),
        inner.map(lambda x: f"smooth({x}, 0.1, 0.3)"),
    )


SMALL = Environment(make_timeline(0.5, bass=lambda t: t), locals={"glow": np.full(15, 0.25)})


@settings(max_examples=150, deadline=None)
@given(st.recursive(atoms, extend, max_leaves=12))
def test_what_is_well_formed_gives_finite_numbers_or_a_clear_error(text) -> None:
    try:
        result = value(text, SMALL)
    except ExpressionError as error:
        assert error.hint or "nested" in error.message
    else:
        assert result.shape == (15,)
        assert result.dtype == np.float64
        assert np.isfinite(result).all()


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=string.printable + "éß\0\u2028", max_size=60))
def test_any_text_parses_or_is_refused(text) -> None:
    try:
        assert parse(text).source == text
    except ExpressionError as error:
        assert error.message
        assert 1 <= error.column <= max(len(text), 1)


DIGEST = """
import hashlib, sys
import numpy as np
from engine.expressions import Environment, evaluate, parse
from tests.engine.timelines import make_timeline
timeline = make_timeline(20.0, bass=lambda t: (t * 0.37) % 1)
text = "exp(sin(t * 3.3) + cos(bass)) + (0.1 + bass) ** 0.37 + integrate(noise(2))"
text += " + lfo(0.3 + bass) + smooth(bass, 0.1, 1)"
print(hashlib.sha256(evaluate(parse(text), Environment(timeline, 5)).tobytes()).hexdigest())
"""


def test_the_same_bits_without_the_processors_vector_units() -> None:
    root = Path(__file__).parents[2]
    disabled = "AVX2 FMA3 AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX512_SPR X86_V3 X86_V4"
    outputs = set()
    for extra in ({}, {"NPY_DISABLE_CPU_FEATURES": disabled}):
        command = [sys.executable, "-W", "ignore", "-c", DIGEST]
        done = subprocess.run(command, cwd=root, env=os.environ | extra, capture_output=True, text=True, check=True)
        outputs.add(done.stdout.strip())
    assert len(outputs) == 1
    assert len(outputs.pop()) == 64
