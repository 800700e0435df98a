"""Audio files: what is in them (`probe`), their samples in blocks (`blocks`), their digest (`sha256`).

soundfile reads WAV, FLAC, OGG, Opus, MP3 and the other formats of libsndfile; ffmpeg reads the rest (m4a, aac, video
files). Every way in which a file cannot be used raises AudioError with its own message and hint.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from engine import foreign, truncation
from engine.errors import AudioError
from engine.source import check_file

BLOCK = 65536
MIN_RATE, MAX_RATE = 8000, 192000
MAX_CHANNELS = 32
MAX_SECONDS = 6 * 3600
LOUDEST = 16.0
"""Samples beyond this (24 dB over full scale) are clipped: only broken float files hold them."""


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """What a file holds. samples: per channel; duration: seconds, exact; decoder: 'soundfile' or 'ffmpeg'."""

    path: Path
    sample_rate: int
    channels: int
    samples: int
    duration: Fraction
    codec: str
    container: str
    decoder: str


def probe(path: Path) -> AudioInfo:
    """Read the headers of `path` and check that its samples can be used; decodes next to nothing.

    Raises AudioError (missing, a directory, unreadable, empty, not audio, 0 samples, truncated, too long, too many
    channels, a sample rate out of range) or, for files that only ffmpeg reads, MissingError where there is no ffmpeg.
    """
    path = Path(path)
    check_file(path)
    truncation.check(path)
    info = _probe_soundfile(path)
    if info is None:
        found = foreign.probe(path)
        info = AudioInfo(
            path, found.sample_rate, found.channels, found.samples, _seconds(found.samples, found.sample_rate),
            found.codec, found.container, "ffmpeg",
        )  # fmt: skip
    _check_limits(info)
    if info.decoder == "soundfile":
        _check_end(info)
    return info


def blocks(source: Path | AudioInfo, size: int = BLOCK) -> Iterator[NDArray[np.float32]]:
    """Yield the whole track as float32 [n, channels], n = size but for the last block; full scale is 1.0.

    Exactly `AudioInfo.samples` samples come: a decoder that ends up to 0.1 s early (the priming of lossy codecs) is
    padded with silence, one that ends earlier raises AudioError. NaN becomes 0.
    """
    info = source if isinstance(source, AudioInfo) else probe(source)
    pieces = _soundfile_pieces(info, size) if info.decoder == "soundfile" else foreign.pieces(
        info.path, info.channels, info.sample_rate, size
    )  # fmt: skip
    left = info.samples
    for piece in pieces:
        if left <= 0:
            break
        kept = piece[:left]
        left -= len(kept)
        yield _sane(kept)
    if left > max(info.sample_rate // 10, 1):
        done = float(_seconds(info.samples - left, info.sample_rate))
        raise truncation.error(info.path, f"it ends after {done:.2f} of {float(info.duration):.2f} seconds")
    while left > 0:
        count = min(left, size)
        left -= count
        yield np.zeros((count, info.channels), np.float32)


def sha256(path: Path) -> str:
    """The SHA-256 of the file's bytes, as 64 hexadecimal digits; raises AudioError if it cannot be read."""
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise AudioError(f"cannot read '{path}': {error.strerror}", "check the path and its permissions") from error


def _seconds(samples: int, rate: int) -> Fraction:
    return Fraction(samples, rate)


def _probe_soundfile(path: Path) -> AudioInfo | None:
    """None where libsndfile cannot read the file, or cannot say how long it is: ffmpeg may."""
    try:
        with soundfile.SoundFile(str(path)) as file:
            samples, rate = int(file.frames), int(file.samplerate)
            if samples > 2**60 or rate <= 0:
                return None
            return AudioInfo(
                path, rate, file.channels, samples, _seconds(samples, rate), file.subtype, file.format, "soundfile"
            )
    except (soundfile.LibsndfileError, UnicodeEncodeError):
        return None


def _check_limits(info: AudioInfo) -> None:
    name = info.path
    if info.samples <= 0:
        raise AudioError(f"'{name}' holds no samples", "it is a valid but empty recording: export it again")
    if not MIN_RATE <= info.sample_rate <= MAX_RATE:
        raise AudioError(
            f"'{name}' has a sample rate of {info.sample_rate} Hz; {MIN_RATE} to {MAX_RATE} Hz are supported",
            "resample it, for example: ffmpeg -i in.wav -ar 48000 out.flac",
        )
    if info.channels > MAX_CHANNELS:
        raise AudioError(
            f"'{name}' has {info.channels} channels; at most {MAX_CHANNELS} are supported",
            "mix it down, for example: ffmpeg -i in.wav -ac 2 out.flac",
        )
    if info.duration > MAX_SECONDS:
        raise AudioError(
            f"'{name}' lasts {float(info.duration) / 3600:.1f} hours; at most {MAX_SECONDS // 3600} are supported",
            "cut it into parts first",
        )


def _check_end(info: AudioInfo) -> None:
    """The last sample must be there: a cut FLAC still promises its full length."""
    try:
        with soundfile.SoundFile(str(info.path)) as file:
            if not file.seekable():
                return
            file.seek(info.samples - 1)
            got = len(file.read(1, dtype="float32", always_2d=True))
    except soundfile.LibsndfileError:
        got = 0
    if got < 1 and info.container != "MP3":
        raise truncation.error(info.path, "its end cannot be read")


class _Forward(soundfile.SoundFile):  # type: ignore[misc]
    """A file read from its start to its end.

    soundfile seeks to where it already is after each read of a seekable file; an MP3 decoder loses what it had in
    store and gives silence for a while.
    """

    def seekable(self) -> bool:
        """False: no seek after a read."""
        return False


def _soundfile_pieces(info: AudioInfo, size: int) -> Iterator[NDArray[np.float32]]:
    try:
        with _Forward(str(info.path)) as file:
            while True:
                piece = file.read(size, dtype="float32", always_2d=True)
                if len(piece) == 0:
                    return
                yield piece
    except soundfile.LibsndfileError as error:
        raise AudioError(
            f"cannot decode '{info.path}': {error.error_string}", "the file may be damaged: play it, or fetch it again"
        ) from error


def _sane(piece: NDArray[np.float32]) -> NDArray[np.float32]:
    # One pass for the usual case: the comparison is false for NaN too.
    if piece.size and not (float(piece.min()) >= -LOUDEST and float(piece.max()) <= LOUDEST):
        return np.clip(np.nan_to_num(piece, nan=0.0, posinf=LOUDEST, neginf=-LOUDEST), -LOUDEST, LOUDEST)
    return piece
