"""What a process used."""

from __future__ import annotations

import statistics
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from runner import usage

SECONDS = st.lists(st.floats(0, 1e6), min_size=1, max_size=50)


@given(SECONDS)
def test_the_half_quantile_is_the_median(values: list[float]) -> None:
    assert usage.percentile(values, 0.5) == statistics.median(values) or abs(
        usage.percentile(values, 0.5) - statistics.median(values)
    ) < 1e-9 * max(values)


@given(SECONDS, st.floats(0, 1))
def test_quantiles_lie_within_the_values(values: list[float], share: float) -> None:
    assert min(values) <= usage.percentile(values, share) <= max(values) * (1 + 1e-12)


def test_a_series_sums_up() -> None:
    series = usage.Series()
    for value in (0.1, 0.2, 0.3):
        series.add(value)
    assert series.summary() == {"seconds": 0.6, "median": 0.2, "p95": 0.29}
    assert usage.Series().summary() == {"seconds": 0, "median": 0.0, "p95": 0.0}


def test_a_child_does_not_inherit_its_parents_peak() -> None:
    block = bytearray(300 << 20)
    block[:: 1 << 12] = b"x" * len(block[:: 1 << 12])
    assert usage.peak_memory() >= 300 << 20
    script = "from runner.usage import peak_memory; print(peak_memory())"
    found = int(subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout)
    assert 1 << 20 < found < 200 << 20


def test_cpu_seconds_count_children() -> None:
    before = usage.cpu_seconds()
    subprocess.run([sys.executable, "-c", "sum(range(3_000_000))"], check=True)
    assert usage.cpu_seconds() > before
