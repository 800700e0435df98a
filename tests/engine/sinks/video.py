"""Small frames and sounds for the sinks' tests, and PyAV to look into what came out."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import soundfile
from numpy.typing import NDArray

from engine.ffmpeg import find
from engine.scene import Canvas
from engine.sinks.base import Pixels, SinkResult
from engine.sinks.ffmpeg import EncodeSettings, FfmpegSink

CANVAS = Canvas(64, 36, Fraction(30))
RATE = 44100


def frames(count: int, canvas: Canvas = CANVAS) -> list[Pixels]:
    """Opaque frames, each one different: a gradient that moves."""
    y, x = np.mgrid[0 : canvas.height, 0 : canvas.width]
    made = []
    for index in range(count):
        frame = np.full((canvas.height, canvas.width, 4), 255, np.uint8)
        frame[..., 0], frame[..., 1], frame[..., 2] = (x * 4 + index * 8) % 256, y * 7 % 256, (x + y + index) % 256
        made.append(frame)
    return made


def write_sound(path: Path, seconds: float, clicks: tuple[float, ...] = (), channels: int = 2) -> Path:
    """A WAV (or what the suffix says): a quiet tone with clicks at the given seconds."""
    time = np.arange(round(seconds * RATE)) / RATE
    wave = 0.05 * np.sin(2 * np.pi * 220 * time)
    for click in clicks:
        start = round(click * RATE)
        wave[start : start + 40] = 0.9 * np.sin(np.arange(40) * 1.2)[: len(wave) - start]
    soundfile.write(path, np.stack([wave] * channels, 1), RATE)
    return path


def encode(
    out: Path,
    pictures: list[Pixels],
    audio: Path | None = None,
    first: int = 0,
    canvas: Canvas = CANVAS,
    ffmpeg: Path | None = None,
    patience: float = 60,
    **settings: object,
) -> SinkResult:
    """Encode with the smallest effort; settings are EncodeSettings' fields."""
    chosen = EncodeSettings(**({"threads": 1, "speed": "ultrafast", "audio_codec": "aac"} | settings))  # type: ignore[arg-type]
    binary = ffmpeg or find()
    sink = FfmpegSink(binary, chosen, canvas, audio, first, len(pictures), out, patience=patience)
    try:
        for picture in pictures:
            sink.write(picture)
        return sink.finish()
    finally:
        sink.abort()


@dataclass(frozen=True)
class Seen:
    """What PyAV found: streams by type, tags as (primaries, trc, space, range), lengths in seconds from time 0."""

    video: int
    audio: int
    frames: int
    tags: tuple[int, int, int, int]
    codec_tag: str
    pixel_format: str
    rate: Fraction
    video_start: float
    audio_end: float


def look(path: Path) -> Seen:
    """Look into a file: packets, tags and times."""
    with av.open(str(path)) as file:
        video = file.streams.video[0]
        context = video.codec_context
        first, count, audio_end = None, 0, 0.0
        for packet in file.demux():
            if packet.pts is None or packet.time_base is None:
                continue
            time = float(packet.pts * packet.time_base)
            if packet.stream.type == "video":
                count += 1
                first = time if first is None else min(first, time)
            else:
                audio_end = max(audio_end, time + float((packet.duration or 0) * packet.time_base))
        return Seen(
            len(file.streams.video),
            len(file.streams.audio),
            count,
            (context.color_primaries, context.color_trc, context.colorspace, context.color_range),
            context.codec_tag,
            str(context.pix_fmt),
            Fraction(video.average_rate or 0),
            first or 0.0,
            audio_end,
        )


def pictures(path: Path) -> tuple[list[float], list[NDArray[np.uint8]]]:
    """Times in seconds and RGB pictures [h, w, 3] of a file, converted with the matrix that its tags state."""
    with av.open(str(path)) as file:
        video = file.streams.video[0]
        decoded = list(file.decode(video))
        times = [float(one.pts * one.time_base) for one in decoded]
        return times, [one.to_ndarray(format="rgb24") for one in decoded]


def samples(path: Path) -> tuple[float, NDArray[np.float64]]:
    """Time of the first sample, and the first channel's samples at RATE."""
    with av.open(str(path)) as file:
        stream = file.streams.audio[0]
        resampler = av.AudioResampler(format="fltp", layout="stereo", rate=RATE)
        parts, start = [], None
        for one in file.decode(stream):
            start = float(one.pts * one.time_base) if start is None else start
            parts += [part.to_ndarray()[0] for part in resampler.resample(one)]
        parts += [part.to_ndarray()[0] for part in resampler.resample(None)]
        return start or 0.0, np.concatenate(parts).astype(np.float64)
