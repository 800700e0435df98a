"""A task's frames beside its golden: what is equal, and what differs, since when, and where."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from engine.errors import InputError
from engine.sinks.sketch import Sketch
from runner import golden as goldens
from runner import goldenfiles, goldenframes, goldenresult
from runner.framehashes import AGAIN, FrameHashError
from runner.golden import ENCODED, Golden
from runner.goldenfiles import HASHES
from runner.goldenframes import decibels
from runner.goldenresult import (
    CLOSE,
    DAMAGED,
    EQUAL,
    FOREIGN,
    MISMATCH,
    MISSING,
    STALE,
    UPDATE,
    Box,
    GoldenResult,
    Limits,
)
from runner.task import Task


def compare(
    task: Task, recorded: Golden, limits: Limits, now: Mapping[str, str], reference: Golden | None = None
) -> GoldenResult:
    """Compare what a run recorded of a task with its golden. now: the versions of what drew it.

    reference: of another backend than cpu, what the cpu drew, where both kept their frames: then whole frames are
    compared, as far as the cpu's own are the golden's.
    """
    start = GoldenResult(task.id, task.job, goldens.kind(task), EQUAL, "", frames=task.frame_count, recorded=recorded)
    start = replace(start, recipe=goldens.recipe(task))
    base = task.outputs.final.with_suffix("")
    try:
        golden = goldens.load(base) if has_golden(task) else None
        if golden is None:
            return replace(start, status=MISSING, message="there is no golden of it", hint=UPDATE)
        start = replace(start, golden=golden)
        return _compare(task, start, golden, (recorded, reference), limits, now)
    except InputError as error:
        file = f"{goldenfiles.place(base, HASHES).name}: " if isinstance(error, FrameHashError) else ""
        message = f"its golden is damaged: {file}{error.message}"
        return replace(start, status=DAMAGED, message=message, hint=error.hint)


def has_golden(task: Task) -> bool:
    """Whether there is anything to compare a task with. Never raises: what cannot be read is there."""
    try:
        return goldenfiles.read(task.outputs.final.with_suffix(""), HASHES) is not None
    except InputError:
        return True


def _compare(
    task: Task,
    start: GoldenResult,
    golden: Golden,
    drawn: tuple[Golden, Golden | None],
    limits: Limits,
    now: Mapping[str, str],
) -> GoldenResult:
    recorded, reference = drawn
    changed = goldens.changes(golden.note["recipe"], start.recipe)
    tools = {
        name: (golden.note["versions"][name], now[name])
        for name in (("ffmpeg",) if start.of == ENCODED else goldens.DRAWN_BY)
        if name in golden.note["versions"] and golden.note["versions"][name] != now.get(name)
    }
    start = replace(start, changed=changed, tools=tools)
    if golden.note["of"] != start.of:
        message = f"its golden is stale: it is of {golden.note['of']}, and the job compares {start.of}"
        return replace(start, status=STALE, message=message, hint=UPDATE)
    if start.of == ENCODED and tools and not changed:
        then, here = tools["ffmpeg"]
        message = f"not compared: its golden is of ffmpeg {then}, and this is {here}"
        return replace(start, status=FOREIGN, message=message, hint="use that ffmpeg, or record the golden anew")
    exact = start.of == ENCODED or task.backend == "cpu"
    if not changed:
        _check_shape(golden, recorded, int(golden.note["frames"]))
    if exact:
        return _explain(_exact(task, start, golden, recorded), golden)
    if reference is not None and golden.hashes.hashes != reference.hashes.hashes:
        # Nothing can be said of another backend where the cpu itself draws something else.
        found = _explain(_exact(task, replace(start, recorded=reference), golden, reference), golden)
        return replace(found, message=f"drawn on the cpu, {found.message}")
    return _explain(_tolerant(task, start, golden, drawn, limits), golden)


def _check_shape(golden: Golden, recorded: Golden, frames: int) -> None:
    """Raise FrameHashError where hashes of the same recipe are of other pictures than the task draws."""
    one, other = golden.hashes, recorded.hashes
    if (one.width, one.height) != (other.width, other.height):
        sizes = f"{one.width}x{one.height} pixels, and the task draws {other.width}x{other.height}"
        raise FrameHashError(f"a foreign header: it is of {sizes}", AGAIN)
    if one.tick != other.tick:
        raise FrameHashError(f"a foreign header: its time base is {one.tick}, and the task's is {other.tick}", AGAIN)
    if one.frame_bytes != other.frame_bytes:
        sizes = f"{one.frame_bytes} bytes a frame, and the task draws {other.frame_bytes}"
        raise FrameHashError(f"it is of another pixel format: {sizes}", AGAIN)
    count = len(one.hashes)
    if count == frames:
        return
    at = next((i for i, pair in enumerate(zip(one.hashes, other.hashes, strict=False)) if pair[0] != pair[1]), count)
    what = f"{count - frames} extra" if count > frames else f"{frames - count} missing"
    where = f", at frame {at}" if at < min(count, frames) else ", at its end"
    raise FrameHashError(f"it has {count} frames of {frames}: {what}{where}", AGAIN)


def _exact(task: Task, start: GoldenResult, golden: Golden, recorded: Golden) -> GoldenResult:
    was, is_now = golden.hashes.hashes, recorded.hashes.hashes
    differing = [i for i in range(len(is_now)) if i >= len(was) or was[i] != is_now[i]]
    return _located(task, replace(start, differing=differing), golden, recorded)


def _tolerant(
    task: Task, start: GoldenResult, golden: Golden, drawn: tuple[Golden, Golden | None], limits: Limits
) -> GoldenResult:
    """Means of blocks in every frame; and every pixel, of all frames with a reference, else of the pictures."""
    recorded, reference = drawn
    one, other = golden.sketch, recorded.sketch
    if one is None or other is None or one.blocks.shape != other.blocks.shape:
        raise InputError("it has no sketch of these frames to compare with", UPDATE)
    apart = np.abs(one.blocks[..., :3].astype(np.int64) - other.blocks[..., :3])
    block = apart.reshape(len(apart), -1).max(axis=1)
    psnr, pixel = [decibels(frame) for frame in apart], [0] * len(apart)
    if reference is None:
        for frame in golden.pictures():
            of = goldenframes.apart(golden.picture(frame), recorded.picture(frame))
            psnr[frame], pixel[frame] = min(psnr[frame], of.psnr), of.pixel
    else:
        whole = goldenframes.compare(reference, recorded)
        psnr, pixel = [of.psnr for of in whole], [of.pixel for of in whole]
    beyond = [
        i for i in range(len(psnr)) if psnr[i] < limits.psnr or block[i] > limits.block or pixel[i] > limits.pixel
    ]
    same = sum(map(operator.eq, golden.hashes.hashes, recorded.hashes.hashes))
    found = replace(start, differing=beyond, psnr=min(psnr), block=float(block.max()), pixel=max(pixel))
    found = replace(found, same=same, whole=reference is not None)
    if not beyond and same < task.frame_count:
        message = f"within the limits of {task.backend}: {goldenresult.worst(found)}"
        return replace(found, status=CLOSE, message=message)
    return _located(task, found, golden, recorded)


def _located(task: Task, found: GoldenResult, golden: Golden, recorded: Golden) -> GoldenResult:
    """With time and place of the first frame that differs."""
    if found.first is None:
        return found
    where = box(golden.sketch, recorded.sketch, found.first)
    return replace(found, status=MISMATCH, time=found.first / task.canvas.fps, where=where)


def box(one: Sketch | None, other: Sketch | None, frame: int) -> Box | None:
    """What differs of a frame, in whole blocks; None: not known, or no block does."""
    if one is None or other is None or one.blocks.shape[1:] != other.blocks.shape[1:]:
        return None
    if frame >= min(one.frames, other.frames):
        return None
    rows, columns = np.nonzero((one.blocks[frame] != other.blocks[frame]).any(axis=-1))
    if not len(rows):
        return None
    y, x = other.edges
    return int(x[columns.min()]), int(y[rows.min()]), int(x[columns.max() + 1]), int(y[rows.max() + 1])


def _explain(found: GoldenResult, golden: Golden) -> GoldenResult:
    """With its message, and another status where frames differ, or not, for another reason than the drawing."""
    damage = list(golden.damage())
    words = goldenresult.difference(found)
    if found.changed:
        same = "its frames are the same" if found.status in {EQUAL, CLOSE} else words
        message = f"its golden is stale: the recipe changed ({goldenresult.listed(found.changed)}); {same}"
        return replace(found, status=STALE, message=message, hint=UPDATE)
    if found.status in {EQUAL, CLOSE}:
        rest = [one for one in damage if f".{HASHES} " not in one]  # the hashes themselves were compared
        if rest:
            message = f"its frames are equal, but its golden is damaged: {'; '.join(rest)}"
            return replace(found, status=DAMAGED, message=message, hint=AGAIN)
        return found
    if damage:
        message = f"its golden is damaged: {'; '.join(damage)}; {words}"
        return replace(found, status=DAMAGED, message=message, hint=AGAIN)
    if found.tools:
        versions = ", ".join(f"{name} {then}, here {now}" for name, (then, now) in found.tools.items())
        return replace(
            found, status=FOREIGN, message=f"{words}; its golden is of another toolchain: {versions}", hint=UPDATE
        )
    return replace(found, message=words, hint=UPDATE)
