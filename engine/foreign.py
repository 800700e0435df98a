"""Audio that only ffmpeg reads: AAC, ALAC in m4a, the sound of video files. PyAV probes, the ffmpeg program decodes."""

from __future__ import annotations

import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from engine import ffmpeg
from engine.errors import AudioError, EncoderStoppedError

PROTOCOLS = "file,pipe"


@dataclass(frozen=True, slots=True)
class Stream:
    """The first audio stream of a file; samples per channel, counted from its packets."""

    sample_rate: int
    channels: int
    samples: int
    codec: str
    container: str


def probe(path: Path) -> Stream:
    """Read every packet header of the first audio stream (nothing is decoded). Raises AudioError if there is none."""
    import av  # here: it takes 0.1 s, and most tracks need soundfile only

    options = {"protocol_whitelist": PROTOCOLS, "format_whitelist": ffmpeg.DEMUXERS}
    try:
        with av.open(f"file:{path}", options=options, metadata_errors="replace") as container:
            if not container.streams.audio:
                raise AudioError(f"'{path}' has no sound in it", "name a file with an audio stream")
            stream = container.streams.audio[0]
            samples = _count(container, stream)
            return Stream(
                int(stream.codec_context.sample_rate or 0), int(stream.codec_context.channels or 0), samples,
                str(stream.codec_context.name), str(container.format.name),
            )  # fmt: skip
    except (av.FFmpegError, OSError, ValueError) as error:
        raise AudioError(
            f"'{path}' is not audio that trackreel can read", "use WAV, FLAC, OGG, Opus, MP3, m4a or a video file"
        ) from error


def _count(container: Any, stream: Any) -> int:
    """Samples from the first packet's time (0, if it is priming before 0) to the last packet's end."""
    rate = int(stream.codec_context.sample_rate or 0)
    first: int | None = None
    end = 0
    for packet in container.demux(stream):
        if packet.pts is None or packet.size == 0:
            continue
        first = packet.pts if first is None else min(first, packet.pts)
        end = max(end, packet.pts + (packet.duration or 0))
    if first is None:
        return 0
    base: Fraction = stream.time_base
    length = (end - max(first, 0)) * base * rate
    return int(length + Fraction(1, 2))


def pieces(path: Path, channels: int, rate: int, size: int) -> Iterator[NDArray[np.float32]]:
    """Decode the first audio stream: float32 [n, channels], n <= size.

    Raises AudioError if ffmpeg fails, EncoderStoppedError if somebody killed it.
    """
    command = [
        str(ffmpeg.find()), "-nostdin", "-hide_banner", "-loglevel", "error", "-protocol_whitelist", PROTOCOLS,
        "-format_whitelist", ffmpeg.DEMUXERS, "-i", f"file:{path}", "-map", "0:a:0", "-vn", "-sn", "-dn",
        "-ac", str(channels), "-ar", str(rate), "-c:a", "pcm_f32le", "-f", "f32le", "pipe:1",
    ]  # fmt: skip
    width = channels * 4
    # A file takes stderr: nothing to drain, so ffmpeg can never block on it.
    with tempfile.TemporaryFile() as log, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log) as process:
        output = cast("BinaryIO", process.stdout)
        finished = False
        try:
            while data := output.read(size * width):
                whole = len(data) - len(data) % width
                yield np.frombuffer(data[:whole], np.dtype("<f4")).reshape(-1, channels).astype(np.float32)
            finished = True
        finally:
            if not finished:
                process.kill()
        if process.wait() in {-signal.SIGKILL, -signal.SIGTERM}:
            raise EncoderStoppedError(f"ffmpeg was killed while it decoded '{path}'", "run again")
        if process.returncode:
            log.seek(0)
            lines = log.read().decode("utf-8", "replace").strip().splitlines()
            raise AudioError(
                f"ffmpeg cannot decode '{path}': {lines[-1] if lines else f'exit status {process.returncode}'}",
                "the file may be damaged: play it, or fetch it again",
            )
