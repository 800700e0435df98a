"""What a process used: peak memory, CPU time, and per-frame seconds summed up."""

from __future__ import annotations

import resource
import sys
from array import array
from collections.abc import Sequence
from pathlib import Path


def peak_memory() -> int:
    """The most memory, in bytes, that this process ever held resident."""
    try:
        # Not getrusage: on Linux its figure survives exec, so a child would start at its parent's size.
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def cpu_seconds() -> float:
    """User and system seconds of this process and of the children it has waited for."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def percentile(values: Sequence[float], share: float) -> float:
    """The `share` (0..1) quantile by linear interpolation between order statistics; 0 for no values."""
    if not values:
        return 0.0
    ordered = sorted(values)
    position = share * (len(ordered) - 1)
    low = int(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)


class Series:
    """Seconds of one stage, a value a frame: 8 bytes each, so that a long track costs next to nothing."""

    def __init__(self) -> None:
        self._values = array("d")

    def add(self, seconds: float) -> None:
        """One frame's seconds."""
        self._values.append(seconds)

    def summary(self) -> dict[str, float]:
        """Total seconds, and seconds a frame: median and 95th percentile."""
        median, p95 = percentile(self._values, 0.5), percentile(self._values, 0.95)
        return {"seconds": round(sum(self._values), 6), "median": round(median, 7), "p95": round(p95, 7)}
