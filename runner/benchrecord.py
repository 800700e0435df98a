"""The figures of a benchmark's record: spreads over runs, a profile in a line, the machine."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from runner import versions
from runner.usage import percentile


def export_figures(runs: Sequence[Mapping[str, Any]], duration: float) -> dict[str, Any]:
    """The figures of the measured exports."""
    stages: dict[str, Any] = {}
    for name in ("decode", "analyse", "render", "pipe_write", "encode_wait"):
        stage = stages[name] = {"seconds": spread([one["stages"][name]["seconds"] for one in runs])}
        for figure in ("median", "p95"):
            values = [1000 * one["stages"][name][figure] for one in runs if figure in one["stages"][name]]
            if values:
                stage[f"{figure}_ms"] = round(percentile(values, 0.5), 4)
    memory = {name: max(one["peak_memory"][name] for one in runs) for name in ("runner", "renderer")}
    return {
        "wall": spread([one["seconds"] for one in runs]),
        "cpu": spread([one["cpu_seconds"] for one in runs]),
        "realtime": spread([duration / one["seconds"] for one in runs]),
        "peak_memory": {**memory, "together": sum(memory.values())},
        "stages": stages,
    }


def spread(values: Sequence[float]) -> dict[str, Any]:
    """Median and 95th percentile of the runs, and the runs themselves."""
    return {
        "median": round(percentile(values, 0.5), 4),
        "p95": round(percentile(values, 0.95), 4),
        "values": [round(one, 4) for one in values],
    }


def summary(profile: Mapping[str, Any]) -> str:
    """A profile in a line."""
    export, lone = profile["export"], profile["floor"]
    memory = export["peak_memory"]["together"] / 2**20
    return (
        f"{profile['name']}: {profile['frames']} frames in {export['wall']['median']:.2f} s "
        f"({export['realtime']['median']:.2f}x realtime), ffmpeg alone {lone['wall']['median']:.2f} s, "
        f"ratio {profile['ratio_to_floor']:.2f} (cold {profile['cold']['ratio_to_floor']:.2f}), "
        f"render {export['stages']['render']['median_ms']:.1f} ms a frame, {memory:.0f} MiB"
    )


def hardware() -> dict[str, Any]:
    """What the figures were measured on; the load of the last minute with it."""
    return {
        "cpu": versions.cpu_name(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "load": round(os.getloadavg()[0], 2),
    }
