"""F-measure of event times, as mir_eval counts it: each event matches at most one within the window."""

from __future__ import annotations

from collections.abc import Sequence


def f_measure(reference: Sequence[float], found: Sequence[float], window: float) -> float:
    """2 * matches / (events of both); both ascending. Greedy from the left, which is optimal for equal windows."""
    matches = place = 0
    for time in reference:
        while place < len(found) and found[place] < time - window:
            place += 1
        if place < len(found) and abs(found[place] - time) <= window:
            matches += 1
            place += 1
    return 2 * matches / (len(reference) + len(found)) if len(reference) + len(found) else 0.0


def trimmed(times: Sequence[float]) -> list[float]:
    """Beats from 5 s on: a tracker may find its feet first (mir_eval's convention)."""
    return [time for time in times if time >= 5.0]
