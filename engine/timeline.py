"""The Timeline: what the music does, one row per video frame of the whole track; its files and its JSON forms."""

from __future__ import annotations

import base64
import binascii
import json
import shutil
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError, StorageError
from engine.timeline_lines import write_jsonl
from engine.wavestream import SUBSAMPLE, WAVE, StreamWaves

__all__ = [
    "BANDS", "GRID", "SUBSAMPLE", "WAVE", "StreamWaves", "Timeline", "Waves", "load", "pack", "save", "to_grid",
    "unpack", "write_jsonl",
]  # fmt: skip

GRID = 65536.0
"""Every value that reaches a kernel is rounded to a multiple of 1/GRID, so that float64 noise cannot move it."""

BANDS = 64
ARRAYS = ("beats", "onsets", "sections")
STREAM, TABLE = "waves.s16", "timeline.npz"
VERSION = 1
MOST_FRAMES = 6 * 3600 * 240
MOST_STREAM = 6 * 3600 * 12500 * 4


class Waves(Protocol):
    """Waveform windows, read one at a time so that a long track costs no memory."""

    def row(self, index: int) -> NDArray[np.int16]:
        """The window of frame `index`: int16 [2, WAVE], left and right (mono: twice the same), full scale 32767."""
        ...


@dataclass(frozen=True)
class Timeline:
    """Audio features of a whole track at the video rate; row i describes the time i / fps, seen without lag.

    features: name -> float32 [frames], on the 1/GRID grid; names, units and ranges in engine.analysis.
    bands:    float32 [frames, BANDS], log-spaced, 0..1, attack and release applied.
    beats:    float64 [n] seconds;  onsets: float64 [m] seconds;  sections: float64 [k] start seconds, first is 0.
    tempo:    bpm; 120 where no beat was found (beats is empty then).
    """

    fps: Fraction
    frames: int
    sample_rate: int
    channels: int
    samples: int
    tempo: float
    features: Mapping[str, NDArray[np.float32]]
    bands: NDArray[np.float32]
    waves: Waves
    beats: NDArray[np.float64]
    onsets: NDArray[np.float64]
    sections: NDArray[np.float64]


def to_grid(values: NDArray[np.float64]) -> NDArray[np.float32]:
    """Round to the nearest multiple of 1/GRID (float64 in, float32 out; exact for magnitudes up to 256)."""
    return (np.floor(values * GRID + 0.5) / GRID).astype(np.float32)


def save(timeline: Timeline, folder: Path) -> None:
    """Write `timeline.npz` and the wave stream to `folder` (made if missing). Raises StorageError."""
    waves = _stream(timeline)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / STREAM
        if not (target.exists() and waves.path.samefile(target)):
            shutil.copyfile(waves.path, folder / (STREAM + ".part"))
            (folder / (STREAM + ".part")).replace(target)
        arrays: dict[str, Any] = {f"feature_{name}": values for name, values in timeline.features.items()}
        arrays |= {name: getattr(timeline, name) for name in (*ARRAYS, "bands")}
        arrays["starts"] = waves.starts
        arrays["meta"] = np.frombuffer(json.dumps(_meta(timeline)).encode(), np.uint8)
        with (folder / (TABLE + ".part")).open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)
        (folder / (TABLE + ".part")).replace(folder / TABLE)
    except OSError as error:
        message = f"cannot write the timeline to '{folder}': {error.strerror}"
        raise StorageError(message, "free some space there") from error


def load(folder: Path) -> Timeline:
    """Read what `save` wrote; the waves stay in the file. Raises InputError if it is damaged or missing."""
    try:
        # Opened here: np.load would leave a damaged file open.
        with (folder / TABLE).open("rb") as file, np.load(file, allow_pickle=False) as table:
            meta = json.loads(table["meta"].tobytes())
            features = {name: table[f"feature_{name}"] for name in meta["features"]}
            arrays = {name: table[name] for name in ARRAYS}
            waves = StreamWaves(folder / STREAM, table["starts"], meta["gain"])
            return _build(meta, features, table["bands"], waves, arrays)
    except (OSError, EOFError, KeyError, TypeError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise InputError(f"the timeline in '{folder}' cannot be read: {error}", "run the analysis again") from error


def pack(timeline: Timeline) -> dict[str, Any]:
    """A JSON-serialisable form, waves included; `unpack` gives back an equal timeline."""
    waves = _stream(timeline)
    return {
        **_meta(timeline),
        "features": {name: _text(np.asarray(values, "<f4")) for name, values in timeline.features.items()},
        "bands": _text(np.asarray(timeline.bands, "<f4")),
        "starts": _text(np.asarray(waves.starts, "<i8")),
        "stream": _text(np.fromfile(waves.path, "<i2")),
        "stream_bytes": waves.path.stat().st_size,
        **{name: getattr(timeline, name).tolist() for name in ARRAYS},
    }


def unpack(data: Mapping[str, Any], workdir: Path) -> Timeline:
    """The inverse of `pack`; the wave stream goes to `workdir`.

    Raises InputError for data that `pack` did not write.
    """
    try:
        frames, size = _sizes(data)
        features = {str(name): _floats(text, frames) for name, text in data["features"].items()}
        bands = _floats(data["bands"], frames * BANDS).reshape(frames, BANDS)
        starts = np.frombuffer(_bytes(data["starts"], frames * 8), "<i8").astype(np.int64)
        stream = _bytes(data["stream"], size)
        arrays = {name: np.asarray(data[name], np.float64) for name in ARRAYS}
        workdir.mkdir(parents=True, exist_ok=True)
        (workdir / STREAM).write_bytes(stream)
        return _build(data, features, bands, StreamWaves(workdir / STREAM, starts, float(data["gain"])), arrays)
    except (KeyError, TypeError, ValueError, AttributeError, ZeroDivisionError, zlib.error, binascii.Error) as error:
        message = f"the plan's timeline is damaged: {error}"
        raise InputError(message, "write the plan again with export-plan") from error


def _sizes(data: Mapping[str, Any]) -> tuple[int, int]:
    """(frames, bytes of the wave stream), checked before anything is inflated. Raises ValueError."""
    if data["version"] != VERSION:
        raise ValueError(f"version {data['version']} is not {VERSION}")
    frames, size = int(data["frames"]), int(data["stream_bytes"])
    if not (0 < frames <= MOST_FRAMES and 0 <= size <= MOST_STREAM and size % 4 == 0):
        raise ValueError("its sizes are out of range")
    return frames, size


def _meta(timeline: Timeline) -> dict[str, Any]:
    return {
        "version": VERSION, "fps": str(timeline.fps), "frames": timeline.frames, "sample_rate": timeline.sample_rate,
        "channels": timeline.channels, "samples": timeline.samples, "tempo": timeline.tempo,
        "gain": _stream(timeline).gain, "features": list(timeline.features),
    }  # fmt: skip


def _build(
    meta: Mapping[str, Any],
    features: Mapping[str, NDArray[np.float32]],
    bands: NDArray[np.float32],
    waves: StreamWaves,
    arrays: Mapping[str, NDArray[np.float64]],
) -> Timeline:
    return Timeline(
        fps=Fraction(meta["fps"]), frames=int(meta["frames"]), sample_rate=int(meta["sample_rate"]),
        channels=int(meta["channels"]), samples=int(meta["samples"]), tempo=float(meta["tempo"]),
        features=features, bands=bands, waves=waves,
        beats=arrays["beats"], onsets=arrays["onsets"], sections=arrays["sections"],
    )  # fmt: skip


def _stream(timeline: Timeline) -> StreamWaves:
    if not isinstance(timeline.waves, StreamWaves):
        raise TypeError("only timelines of engine.analysis can be stored")
    return timeline.waves


def _text(values: NDArray[Any]) -> str:
    return base64.b64encode(zlib.compress(values.tobytes(), 6)).decode("ascii")


def _bytes(text: str, size: int) -> bytes:
    """Exactly `size` bytes, never more: a small text may claim to unpack to gigabytes."""
    out = zlib.decompressobj().decompress(base64.b64decode(text, validate=True), size + 1)
    if len(out) != size:
        raise ValueError(f"{len(out)} bytes where {size} belong")
    return out


def _floats(text: str, count: int) -> NDArray[np.float32]:
    values = np.frombuffer(_bytes(text, count * 4), "<f4").astype(np.float32)
    if not np.isfinite(values).all():
        raise ValueError("a value is not finite")
    return values
