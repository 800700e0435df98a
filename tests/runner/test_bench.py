"""The benchmark: its options and its record."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

import schemas
from engine.errors import InputError
from runner import bench
from tests.trackreel import ROOT, leftovers, run

JOB = """\
version: 1
kind: bench
name: small
runs: 2
profiles: [{width: 64, height: 36, fps: 30000/1001}]
audio: {source: demo.wav, duration: 0.5}
"""


def test_without_a_job_there_are_the_three_profiles() -> None:
    options = bench.options(None, {"runs": 3, "profiles": ("720p30",)})
    assert options.profiles == {"720p30": (1280, 720, "30")}
    assert options.runs == 3
    assert list(bench.options(None, {}).profiles) == ["720p30", "900p60", "1080p60"]
    with pytest.raises(InputError, match="unknown profile '4k'"):
        bench.options(None, {"profiles": ("4k",)})


def test_the_shipped_job_is_the_default() -> None:
    assert bench.options(ROOT / "jobs/bench.yaml", {}).profiles == bench.PROFILES


def test_spreads_have_median_and_p95() -> None:
    assert bench.spread([3.0, 1.0, 2.0]) == {"median": 2.0, "p95": 2.9, "values": [3.0, 1.0, 2.0]}


def test_a_job_is_measured_and_recorded(tmp_path: Path) -> None:
    (tmp_path / "demo.wav").symlink_to(ROOT / "jobs/assets/demo.wav")
    (tmp_path / "small.yaml").write_text(JOB)
    done = run("bench", "small.yaml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    record = json.loads((tmp_path / "out/bench/small.json").read_text())
    jsonschema.validate(record, schemas.load("bench"))
    (first,) = record["profiles"]
    assert (first["frames"], first["fps"]) == (15, "30000/1001")
    assert len(first["ratios"]["values"]) == 2
    assert first["ratio_to_floor"] == first["ratios"]["median"] > 0
    assert first["export"]["stages"]["analyse"]["seconds"]["median"] > 0
    assert first["export"]["stages"]["render"]["median_ms"] > 0
    assert first["benchmark_all"]["encode_video"]["calls"] >= 15
    assert done.stdout.splitlines()[0].startswith("36p30000-1001: 15 frames in ")
    assert leftovers(tmp_path) == ["demo.wav", "out/bench/small.json", "small.yaml"]
