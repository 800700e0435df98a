"""What a benchmark measures: from a bench job, the command line, or the defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.errors import InputError
from runner import job as jobs
from runner import jobvalues, preset
from runner.jobspec import presets_of

PROFILES: Mapping[str, tuple[int, int, str]] = {
    "720p30": (1280, 720, "30"),
    "900p60": (1600, 900, "60"),
    "1080p60": (1920, 1080, "60"),
}


@dataclass(frozen=True, slots=True)
class Options:
    """What to measure. `profiles`: name -> width, height, fps."""

    profiles: Mapping[str, tuple[int, int, str]]
    preset: str = "0"
    runs: int = 5
    seconds: float = 8.0
    audio: Path | None = None
    out: Path = Path("out/bench/bench.json")
    task: Mapping[str, Any] = field(default_factory=dict)
    """Further options of the exports, as of `export`."""


def options(job: Path | None, given: Mapping[str, Any]) -> Options:
    """The options of a bench job, or the defaults; what is `given` on the command line wins. Raises InputError."""
    found: dict[str, Any] = {"profiles": PROFILES, "preset": preset.names()[0]}
    if job is not None:
        found |= _of_job(job)
    found |= {name: value for name, value in given.items() if name != "profiles"}
    if "profiles" in given:
        known = {**PROFILES, **found["profiles"]}
        unknown = [name for name in given["profiles"] if name not in known]
        if unknown:
            raise InputError(f"unknown profile '{unknown[0]}'", f"one of: {', '.join(known)}")
        found["profiles"] = {name: known[name] for name in given["profiles"]}
    return Options(**found)


def _of_job(path: Path) -> dict[str, Any]:
    job = jobs.load(path, {})
    if job.kind != "bench":
        raise InputError(f"{path} is a job of kind '{job.kind}', not 'bench'", "use `trackreel run` for it")
    settings = job.settings(next(job.cells()))
    found: dict[str, Any] = {
        "preset": presets_of(settings)[0],
        "out": Path("out/bench") / f"{settings['name']}.json",
        "task": {
            "seed": settings["seed"],
            "quality": settings["engine"]["quality"],
            "threads": settings["engine"]["threads"],
        },
    }
    if "profiles" in settings:
        sizes = [(one["width"], one["height"], str(one["fps"])) for one in settings["profiles"]]
        found["profiles"] = {f"{height}p{fps.replace('/', '-')}": (width, height, fps) for width, height, fps in sizes}
    if "runs" in settings:
        found["runs"] = settings["runs"]
    audio_settings = settings.get("audio", {})
    if audio_settings.get("duration") is not None:
        found["seconds"] = float(jobvalues.seconds(audio_settings["duration"]))
    if audio_settings.get("source") is not None:
        found["audio"] = next(iter(job.audio))
    return found
