"""The table and the limits of ci/bench/presets.py."""

from __future__ import annotations

from typing import Any

from tests.ci.scripts import load

presets = load("bench/presets")


def costs(**frames: float) -> list[dict[str, Any]]:
    return [{"preset": name, "frame": ms, "compile": 2.0} for name, ms in frames.items()]


def test_the_dearest_is_first_and_the_median_last() -> None:
    lines = presets.table(costs(aurora=10.0, kifs=30.0, scope=4.0))
    assert [line.split()[0] for line in lines[1:]] == ["kifs", "aurora", "scope", "median"]
    assert [line.split()[-1] for line in lines[1:4]] == ["3.00", "1.00", "0.40"]
    assert "10.0 ms" in lines[-1]


def test_what_is_above_a_limit_is_named() -> None:
    assert presets.broken(costs(a=39.0, b=14.0, c=3.0)) == []
    assert presets.broken(costs(a=41.0, b=14.0, c=3.0)) == ["a: 41.0 ms"]
    assert presets.broken(costs(a=16.0, b=17.0)) == ["the median: 16.5 ms"]


def test_sizes_are_read_from_words() -> None:
    assert presets.drawing.size_of("322x181") == (322, 181)
