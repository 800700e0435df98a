"""The versions of everything that decides the bytes of an output, for manifests, benchmarks and bug reports."""

from __future__ import annotations

import platform
from functools import cache
from importlib import metadata
from pathlib import Path

import soundfile

from engine import ffmpeg


@cache
def trackreel() -> str:
    """Our own version; `0+unknown` in a checkout that was never installed."""
    try:
        return metadata.version("trackreel")
    except metadata.PackageNotFoundError:
        return "0+unknown"


def libsndfile() -> str:
    """The version of the library that decodes audio."""
    return str(soundfile.__libsndfile_version__)


@cache
def freetype() -> str:
    """The version of the library that draws letters, which comes with Pillow."""
    from PIL import features

    return str(features.version("freetype2"))


def collect(binary: Path | None) -> dict[str, str]:
    """Name -> version, ffmpeg's where there is one; reads package metadata, so that Taichi need not be imported."""
    return {
        "trackreel": trackreel(),
        "python": platform.python_version(),
        "taichi": metadata.version("taichi"),
        "numpy": metadata.version("numpy"),
        "soundfile": metadata.version("soundfile"),
        "libsndfile": libsndfile(),
        "pillow": metadata.version("pillow"),
        "freetype": freetype(),
        **({} if binary is None else {"ffmpeg": ffmpeg.version(binary)}),
        "platform": platform.platform(),
        "cpu": cpu_name(),
    }


@cache
def cpu_name() -> str:
    """The processor's model, as the system calls it."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
