"""The frames of an encoded video, decoded again and hashed: for goldens of encoders."""

from __future__ import annotations

import re
import subprocess

from engine import ffmpeg
from engine.errors import EncodeError
from engine.sinks.framemd5 import header, row
from runner.manifest import write_atomic
from runner.task import Task

_PATIENCE_S = 600.0
_ROW = re.compile(r"^0, *-?\d+, *-?\d+, *\d+, *(\d+), *([0-9a-f]{32})$", re.ASCII | re.MULTILINE)


def write(task: Task) -> None:
    """Write `<output>.framemd5` beside the task's finished video: its pictures as the decoder gives them.

    Times are left out: they are the container's, and frames are counted. Raises EncodeError, OutputError.
    """
    video = task.outputs.final
    arguments = [str(ffmpeg.find()), "-hide_banner", "-nostdin", "-loglevel", "error", "-xerror", "-threads", "1"]
    arguments += ["-protocol_whitelist", "file", "-i", ffmpeg.url(video), "-map", "0:v:0", "-fps_mode", "passthrough"]
    arguments += ["-fflags", "+bitexact", "-f", "framemd5", "pipe:1"]
    try:
        done = subprocess.run(
            arguments,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE_S,
            check=False,
            env=ffmpeg.environment(),
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EncodeError(f"cannot decode {video}: {ffmpeg.reason(error)}") from error
    rows = _ROW.findall(done.stdout.decode(errors="replace"))
    if done.returncode or len(rows) != task.frame_count:
        said = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise EncodeError(f"{video} decodes to {len(rows)} frames instead of {task.frame_count}", " ".join(said))
    lines = [row(index, int(size), digest) for index, (size, digest) in enumerate(rows)]
    write_atomic(video.with_suffix(".framemd5"), header(task.canvas) + "".join(lines))
