"""What `plan` and `run --dry-run` print of chosen tasks."""

from __future__ import annotations

import json
import os
import shlex
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from engine import ffmpeg
from engine.scene import Canvas
from engine.sinks.codecs import EncodeSettings
from engine.sinks.output import partial_path
from runner import estimate, overlays, plan, shard
from runner.choose import Chosen
from runner.diagnostics import printable
from runner.status import WORDS, status
from runner.task import Task

_quote = json.encoder.encode_basestring_ascii
_float = lru_cache(maxsize=256)(float)


def listing(chosen: Chosen, *, short: bool) -> Iterator[str]:
    """Each task in lines for a person: id, frames, why it would run, output, ffmpeg command; at the end their sum.

    `short`: the ids alone.
    """
    counts = Counter[str]()
    expected = estimate.Estimate() if short else estimate.look(chosen.out_root)
    for task in chosen.tasks():
        if short:
            yield task.id
            continue
        canvas, now = task.canvas, status(task)
        counts[now.state] += 1
        yield f"{task.id}: {now}"
        yield f"  output  {task.outputs.final}"
        size = f"{canvas.width}x{canvas.height} at {canvas.fps} fps"
        yield f"  frames  {task.frame_count} from {task.first_frame} ({size})"
        if task.overlay:
            yield f"  overlay {overlays.summary(task.overlay)}"
        if task.cover is not None:
            yield f"  cover   {printable(Path(task.cover.path).name)}{' (tags)' if task.cover.part else ''}"
        yield f"  ffmpeg  {shlex.join(_arguments(task))}"
        if not now.current:
            expected.add(task)
    goldens = False
    for task in chosen.goldens().tasks():
        goldens = True
        yield task.id if short else f"{task.id}: compared with {task.outputs.final.with_suffix('.framemd5')}"
    if not short and (counts or not goldens):
        total = sum(counts.values())
        parts = ", ".join(f"{counts[state]} {WORDS[state]}" for state in WORDS if counts[state])
        yield f"{total} {'task' if total == 1 else 'tasks'}{f': {parts}' if parts else ''}"
        if total > counts["current"]:
            yield f"to do: {expected}"


def json_lines(chosen: Chosen) -> Iterator[str]:
    """Each task as a JSON object in a line; those of verify jobs have the status `golden` and no command."""
    for task in chosen.goldens().tasks():
        facts = {"id": task.id, "job": task.job, "status": "golden", "frames": task.frame_count}
        yield json.dumps({**facts, "output": str(task.outputs.final.with_suffix(".framemd5"))})
    for task in chosen.tasks():
        canvas, now = task.canvas, status(task)
        cost = shard.megapixels(shard.cost(task.frame_count, canvas.width, canvas.height, task.quality))
        # Put together here, since json.dumps of each line would take a third of all the time. What follows "ffmpeg" is
        # the same for many tasks but for the last word.
        laid = [one.to_dict() for one in task.overlay]
        more = f'"overlay": {json.dumps(laid)}, ' if laid else ""
        yield (
            f'{{"id": {_quote(task.id)}, "job": {_quote(task.job)}, "status": {_quote(now.state)}, '
            f'"reason": {_quote(now.reason)}, "detail": {_quote(now.detail)}, '
            f'"output": {_quote(str(task.outputs.final))}, "frames": {task.frame_count}, "fps": {_float(canvas.fps)}, '
            f'"width": {canvas.width}, "height": {canvas.height}, "audio": {_quote(str(task.audio))}, '
            f'"cost": {cost!r}, {more}"ffmpeg": [{_text(*_parts(task))}, {_quote(_out(task))}]}}'
        )


def commands(chosen: Chosen) -> Iterator[str]:
    """The very ffmpeg command of each task."""
    return (shlex.join(_arguments(task)) for task in chosen.tasks())


def _arguments(task: Task) -> list[str]:
    return [*_common(*_parts(task)), _out(task)]


def _out(task: Task) -> str:
    return ffmpeg.url(partial_path(task.outputs.final))


def _parts(task: Task) -> tuple[str | None, Path, int, int, Canvas, EncodeSettings, str]:
    """What the command depends on, but for the output's name; and which ffmpeg was asked for."""
    named, suffix = os.environ.get(ffmpeg.VARIABLE), task.outputs.final.suffix
    return named, task.audio, task.first_frame, task.frame_count, task.canvas, task.encode, suffix


@lru_cache(maxsize=4096)
def _common(
    _named: str | None, audio: Path, first: int, count: int, canvas: Canvas, encode: EncodeSettings, suffix: str
) -> tuple[str, ...]:
    """The command without its last word, the output."""
    return tuple(plan.encoder_command(audio, first, count, canvas, encode, Path(f"video{suffix}"))[:-1])


@lru_cache(maxsize=4096)
def _text(*parts: Any) -> str:
    return json.dumps(_common(*parts))[1:-1]
