"""The ffmpeg binary: where it is, what it can do, and how a path is named to it safely."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from functools import lru_cache
from pathlib import Path

from engine.errors import EncoderStoppedError, MissingError

VARIABLE = "TRACKREEL_FFMPEG"

DEMUXERS = (
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,dsf,dts,eac3,flac,flv,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,mp3,mpc,mpc8,"
    "mpeg,mpegts,nut,ogg,rm,tta,w64,wav,wv"
)
"""What an audio source may be. Playlists and scripts (hls, concat, dash ...) are left out: they name other files."""

_HINT = "run `make venv` (it brings one), install ffmpeg, or name a binary with TRACKREEL_FFMPEG or --ffmpeg"
_PROBE_SECONDS = 60  # a cold binary of 80 MB on a slow disk, not a measure of health


def find(explicit: str | None = None) -> Path:
    """The ffmpeg to use: `explicit` (--ffmpeg), then $TRACKREEL_FFMPEG, then imageio-ffmpeg's own, then PATH.

    A binary that was asked for by name is never replaced by another. Raises MissingError when there is none.
    """
    for origin, wanted in (("--ffmpeg", explicit), (VARIABLE, os.environ.get(VARIABLE))):
        if wanted:
            found = shutil.which(wanted)
            if found is None:
                raise MissingError(f"ffmpeg not found: {origin} names {wanted!r}, which is no executable file", _HINT)
            return Path(found).absolute()
    found = _packaged() or shutil.which("ffmpeg")
    if found is None:
        raise MissingError("ffmpeg not found", _HINT)
    return Path(found).absolute()


def _packaged() -> str | None:
    """imageio-ffmpeg's binary, if that package is here and has one for this platform."""
    try:
        from imageio_ffmpeg import get_ffmpeg_exe

        return shutil.which(str(get_ffmpeg_exe()))
    except (ImportError, RuntimeError, OSError):
        return None


@lru_cache(maxsize=8)
def version(path: Path) -> str:
    """The version as the binary states it, such as "7.1" or "n9.0.2-17-g2a571b6068". Raises MissingError."""
    line = _ask(path, "-version").splitlines()[:1]
    match = re.match(r"ffmpeg version (\S+)", line[0]) if line else None
    if match is None:
        raise MissingError(f"{path} does not answer like ffmpeg", _HINT)
    return match[1]


@lru_cache(maxsize=8)
def encoders(path: Path) -> frozenset[str]:
    """Names of the encoders built into this ffmpeg, such as "libx264". Raises MissingError."""
    return frozenset(re.findall(r"^ [VAS][.A-Z]{5} ([^\s=]\S*)", _ask(path, "-encoders"), re.MULTILINE))


@lru_cache(maxsize=8)
def muxers(path: Path) -> frozenset[str]:
    """Names of the muxers built into this ffmpeg, such as "mp4". Raises MissingError."""
    names = re.findall(r"^ +D?E +([^\s=]\S*)", _ask(path, "-muxers"), re.MULTILINE)
    return frozenset(name for entry in names for name in entry.split(","))


def _ask(path: Path, question: str) -> str:
    """What `ffmpeg -hide_banner QUESTION` prints.

    Raises MissingError when it cannot run or fails, EncoderStoppedError when somebody killed it.
    """
    try:
        done = subprocess.run(
            [str(path), *(() if question == "-version" else ("-hide_banner",)), question],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PROBE_SECONDS,
            check=False,
            env=environment(),
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise MissingError(f"cannot run {path}: {reason(error)}", _HINT) from error
    if done.returncode in {-signal.SIGKILL, -signal.SIGTERM}:
        raise EncoderStoppedError(f"{path} {question} was killed", "run again")
    if done.returncode:
        tail = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise MissingError(f"{path} {question} failed with status {done.returncode}: {' '.join(tail)}", _HINT)
    return done.stdout.decode(errors="replace")


def reason(error: BaseException) -> str:
    """An exception as a phrase for a message: the system's own words where it has some."""
    return str(getattr(error, "strerror", None) or error)


def environment() -> dict[str, str]:
    """The environment of every ffmpeg we start: ours, less what changes its output, plus quiet encoders."""
    kept = {key: value for key, value in os.environ.items() if key not in {"FFREPORT", "AV_LOG_FORCE_COLOR"}}
    # SVT-AV1 writes its banner past ffmpeg's -loglevel; 1 is its own level "error".
    return kept | {"SVT_LOG": "1", "AV_LOG_FORCE_NOCOLOR": "1"}


def url(path: Path) -> str:
    """The path as ffmpeg must be given it: with the protocol, so that `-` and `concat:` are just letters of a name."""
    return f"file:{path}"


def input_arguments(path: Path) -> list[str]:
    """Arguments that open the audio of `path` and nothing else: no other file, no network, no cover picture."""
    limits = ["-protocol_whitelist", "file,pipe", "-format_whitelist", DEMUXERS]
    return [*limits, "-vn", "-sn", "-dn", "-i", url(path)]
