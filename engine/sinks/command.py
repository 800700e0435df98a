"""The one place that makes an encoding command line; the sink executes exactly this, `--dry-run` prints it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from engine.ffmpeg import input_arguments, url
from engine.scene import Canvas
from engine.sinks.codecs import AUDIO, CONTAINERS, VIDEO, Container, EncodeSettings, check_settings
from engine.sinks.output import partial_path

_SCALE = (
    # Full-range sRGB in, limited-range BT.709 out. Without accurate_rnd and bitexact the SIMD paths round differently
    # from CPU to CPU. The tags on the frames are what the encoders write into the stream.
    "scale=in_range=pc:out_range=tv:out_color_matrix=bt709:flags=bicubic+accurate_rnd+bitexact+full_chroma_int,"
    "format={pixel_format},setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709"
)
_TAGS = ["-color_range", "tv", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"]
_LAYOUTS = "mono|stereo|5.1|7.1"  # what every audio encoder and every container here takes; others are mixed to these


def command(
    ffmpeg: Path,
    settings: EncodeSettings,
    canvas: Canvas,
    audio: Path | None,
    first_frame: int,
    frame_count: int,
    out: Path,
) -> list[str]:
    """The arguments that encode `frame_count` raw RGBA frames from stdin, with the audio beside them, to `out`.

    The audio is cut to first_frame / fps .. (first_frame + frame_count) / fps, padded with silence where the source
    ends earlier; `copy` keeps whole packets and cannot pad. What is written is `partial_path(out)`: the sink renames
    it. Raises InputError for what no encoder could do. The caller has run `codecs.check`.
    """
    check_settings(settings, canvas.width, canvas.height)
    container = CONTAINERS[out.suffix.lower()]
    sound = settings.audio_codec if audio is not None else "none"
    start, length = first_frame / canvas.fps, frame_count / canvas.fps
    arguments = [str(ffmpeg), "-hide_banner", "-nostdin", "-loglevel", "repeat+level+error"]
    # No -xerror: it would fail a whole export for a tag or some zeros behind the music, which the analysis and every
    # player skip. The sink reads stderr instead, and lets pass only what the audio's decoder complains of.
    arguments += ["-max_error_rate", "0.3"]
    # The filters' own threads would multiply with the number of cores; the budget is the job's.
    arguments += ["-abort_on", "empty_output_stream", "-filter_threads", "1", "-filter_complex_threads", "1", "-y"]
    arguments += ["-f", "rawvideo", "-pixel_format", "rgba", "-video_size", f"{canvas.width}x{canvas.height}"]
    arguments += ["-framerate", str(canvas.fps), "-protocol_whitelist", "pipe", "-i", "pipe:0"]
    if sound != "none" and audio is not None:
        cut = ["-ss", seconds(start)] if sound == "copy" and start else []
        arguments += ["-threads", "1", *cut, *input_arguments(audio)]
    arguments += ["-map", "0:v:0", *([] if sound == "none" else ["-map", "1:a:0"])]
    arguments += ["-map_metadata", "-1", "-map_chapters", "-1"]
    arguments += _video(settings, container)
    arguments += _audio(sound, start, length)
    if settings.bitexact:
        arguments += ["-fflags", "+bitexact", "-flags:v", "+bitexact"]
        arguments += ["-flags:a", "+bitexact"] if sound not in {"none", "copy"} else []
    return [*arguments, *container.arguments, "-f", container.muxer, url(partial_path(out))]


def _video(settings: EncodeSettings, container: Container) -> list[str]:
    profile = VIDEO[settings.codec]
    if settings.crf is None and profile.crf:
        settings = replace(settings, crf=profile.crf[1])
    # passthrough: one packet for one frame, whatever the clock of the container.
    options = ["-vf", _SCALE.format(pixel_format=profile.pixel_format), "-fps_mode:v", "passthrough"]
    # No -frames:v: it would make ffmpeg drop copied audio packets after the last frame's time. The sink counts.
    options += ["-c:v", profile.encoder, *profile.options(settings)]
    # Apple's players take HEVC only under this name.
    options += ["-tag:v", "hvc1"] if settings.codec == "hevc" and container.muxer in {"mp4", "mov"} else []
    return [*options, "-threads:v", str(settings.threads), *_TAGS]


def _audio(sound: str, start: Fraction, length: Fraction) -> list[str]:
    if sound == "none":
        return ["-an"]
    if sound == "copy":
        # Packets from before the cut would get negative times, and Matroska would then delay the video instead. The
        # length cuts the audio to the packet; the last video frame begins well before it.
        return ["-c:a", "copy", *(["-copypriorss:a", "0"] if start else []), "-t", seconds(length)]
    encoder, options = AUDIO[sound]
    # Times are counted in decoded samples, as the analysis counts them, not by the source's timestamps; the silence
    # appended is endless, and the cut ends it.
    chain = f"asetpts=N/SR/TB,apad,atrim=start={seconds(start)}:end={seconds(start + length)},asetpts=PTS-STARTPTS"
    return ["-af", f"{chain},aformat=channel_layouts={_LAYOUTS}", "-c:a", str(encoder), *options]


def seconds(value: Fraction) -> str:
    """A time as ffmpeg reads it: decimal seconds, rounded to its microseconds; never in exponent form."""
    micro = int(value * 1_000_000 + Fraction(1, 2))
    return f"{micro // 1_000_000}.{micro % 1_000_000:06d}"
