"""Why an ffmpeg failed, in words a user can act on: from its exit status, its stderr and how far it came."""

from __future__ import annotations

import re
import signal
from pathlib import Path

from engine.errors import EncodeError, EncoderStoppedError, RenderError
from engine.sinks.output import disk_full, is_full

_HARMLESS = re.compile(r"^\s*(x265 |Svt)?\[(info|warn|warning|verbose|debug)\s*\]")
_DECODERS = r"mp3|mp3float|mp2|mp2float|flac|vorbis|opus|alac|wmav1|wmav2|wmapro|ape|tta|wavpack|ac3|eac3|aac|pcm_\w+"
_SOURCE = re.compile(rf"^\[(aist#1:0|dec:|in#1|({_DECODERS}) @ )[^\n]*\[error\]")
"""What ffmpeg says of the audio it reads. A failing encoder of the same name shows as `[aost` or `[enc:` as well."""
_PREFIX = re.compile(r"\[[^\]]* @ 0x[0-9a-f]+\] ?|\[(error|fatal|panic)\] ?")
_TOO_LARGE = getattr(signal, "SIGXFSZ", None)  # how a limit on the size of files (ulimit -f) ends a program
_SHOWN = 6  # lines of stderr in a message; the first ones name the cause, later ones its consequences

_HINTS = (
    ("Unknown encoder", "this ffmpeg lacks the encoder: see `trackreel doctor`, or choose another codec"),
    ("Unrecognized option", "this ffmpeg is too old: unset TRACKREEL_FFMPEG to use the one that was installed along"),
    ("Permission denied", "check the permissions of the output folder and of the audio"),
    ("Read-only file system", "choose another output folder"),
    ("Invalid data found", "the audio is damaged: try to convert it to WAV or FLAC first"),
    ("Header missing", "the audio is damaged: try to convert it to WAV or FLAC first"),
    ("Cannot allocate memory", "use a smaller size, fewer threads or fewer workers"),
)


def readable(stderr: list[str]) -> list[str]:
    """The lines of ffmpeg's stderr (run at -loglevel level+error) that mean something, without addresses and levels."""
    return [_PREFIX.sub("", line).strip() for line in stderr if line.strip() and not _HARMLESS.match(line)]


def error_lines(stderr: list[str]) -> list[str]:
    """The readable lines that fail an encode which exited with 0.

    Complaints of the audio's decoder are none: junk behind the music is common, and a decoder skips it. Audio that is
    truncated or no audio at all is refused before (engine.audio), and ffmpeg fails where nearly a third is bad.
    """
    return readable([line for line in stderr if not _SOURCE.match(line)])


def explain(status: int | None, stderr: list[str], written: int, expected: int, out: Path) -> RenderError:
    """The error of an ffmpeg that did not make its output.

    status: exit status, negative for a signal, None when it had to be stopped for not answering.
    written: frames sent to it; the pipe may hold some that it never read.
    A full disk is a StorageError, an ffmpeg that did not end by itself an EncoderStoppedError, all else an EncodeError.
    What it said last is a note of the error.
    """
    lines = readable(stderr)
    text = "\n".join(lines)
    if is_full(text) or (status is not None and -status == _TOO_LARGE):
        return _noted(disk_full(out), stderr)
    if written == 0:
        when = "before it took a frame"
    elif written < expected:
        when = f"after {written} of {expected} frames were sent"
    else:
        when = "while it completed the file"
    shown = f": {'; '.join(lines[:_SHOWN])}" if lines else ", and said nothing"
    kind = EncoderStoppedError if status is None or status < 0 else EncodeError
    return _noted(kind(f"ffmpeg {_ended(status)} {when}{shown}", _hint(status, text)), stderr)


def _noted(error: RenderError, stderr: list[str]) -> RenderError:
    if stderr:
        error.add_note("\n".join(["ffmpeg said:", *stderr]))
    return error


def _ended(status: int | None) -> str:
    if status is None:
        return "stopped answering"
    if status < 0:
        known = -status in {one.value for one in signal.Signals}
        return f"was killed by {signal.Signals(-status).name if known else f'signal {-status}'}"
    return "reported an error" if status == 0 else f"failed with status {status}"


def _hint(status: int | None, text: str) -> str:
    for words, hint in _HINTS:
        if words in text:
            return hint
    if status == -signal.SIGKILL:
        return "the system may be short of memory: use fewer workers or a smaller size"
    return "run it again with -v, and see `trackreel doctor`"
