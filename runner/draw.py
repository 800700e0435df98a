"""What the render process does with a request: a task's frames into its sinks, one still, or a dump of raw frames.

Imported in the render process alone (see runner.renderer_process): this module loads the engine's kernels.
"""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from engine import ffmpeg
from engine import timeline as timelines
from engine.art import Art, square
from engine.device import Device
from engine.effects.catalog import EFFECTS
from engine.overlay.values import Frames
from engine.render import Renderer
from engine.rows import seeds
from engine.sinks import raw
from engine.sinks.base import Sink, SinkResult, Tee
from engine.sinks.ffmpeg import FfmpegSink
from engine.sinks.framemd5 import FrameMd5Sink
from engine.sinks.output import Partial, make_folder, output_error, partial_path
from engine.sinks.raw import RawSink
from engine.sinks.sketch import SketchSink
from runner import assets, leftovers
from runner.diagnostics import printable
from runner.task import RECORDING, Task
from runner.usage import Series, cpu_seconds, peak_memory

PROGRESS_S = 0.1
"""Seconds between two progress events."""

Request = dict[str, Any]


class Send(Protocol):
    """Sends one event to the parent."""

    def __call__(self, event: str, **values: Any) -> None:
        """Send `event` with its values."""
        ...


class HasSink(Protocol):
    """Where the sink at work is left, so that another thread can abort it."""

    sink: Any


def serve(request: Request, device: Device, send: Send, holder: HasSink) -> None:
    """Do what `request` asks and send events, `done` at the end. Raises RenderError, OSError."""
    task = Task.from_dict(request["task"])
    renderer: Frames = Renderer(
        task.scenes,
        timelines.load(Path(request["timeline"])),
        task.canvas,
        seed=task.seed,
        quality=task.quality,
        switch=task.switch,
        device=device,
        art=_art(task),
    )
    if task.overlay:
        from engine.overlay.painter import Overlaid, Painter  # exports without do without Pillow

        painter = Painter(task.overlay, task.canvas, task.first_frame, task.frame_count, assets.read)
        renderer = Overlaid(renderer, painter)
    if request["command"] == "still":
        _still(renderer, request["frame"], Path(request["out"]))
        send("done", peak_memory=peak_memory())
    elif request["command"] == "dump":
        _dump(renderer, task, Path(request["out"]))
        send("done", peak_memory=peak_memory())
    else:
        send("done", **_render(renderer, task, request["timeline"], send, holder))


def _art(task: Task) -> Art | None:
    """The picture of scenes that show one; where there is none the track chooses the artwork that stands in for it."""
    if not any("art" in EFFECTS[layer.effect].reads for scene in task.scenes for layer in scene.layers):
        return None
    if task.cover is None:
        return Art(seed=seeds((task.seed, int(task.audio_sha256[:8], 16))))
    from engine.overlay import pictures

    picture = pictures.read(assets.read(task.cover), printable(Path(task.cover.path).name))
    return Art(square(np.asarray(picture)))


def _render(renderer: Frames, task: Task, folder: str, send: Send, holder: HasSink) -> dict[str, Any]:
    """Draw and encode a task; the figures for its manifest."""
    cpu = cpu_seconds()
    begin = time.perf_counter()
    renderer.prepare(task.first_frame, task.frame_count)
    prepared = time.perf_counter() - begin
    series = {"render": Series(), "pipe_write": Series()}
    sink = holder.sink = _Claiming(task, _open(task, send))
    try:
        _pump(renderer, task, sink, series, send)
        result = sink.finish()
    except BaseException:
        sink.abort()
        raise
    finally:
        holder.sink = None
    if task.outputs.timeline is not None:
        _write_timeline(renderer, task, Path(folder), task.outputs.timeline)
    stages = {name: one.summary() for name, one in series.items()}
    return {
        "frames": result.frames,
        "bytes": result.bytes,
        "cpu_seconds": cpu_seconds() - cpu,
        "peak_memory": peak_memory(),
        "stages": {
            "prepare": {"seconds": round(prepared, 6)},
            **stages,
            "encode_wait": {"seconds": round(result.wait_seconds, 6)},
        },
    }


class _Claiming:
    """A sink that says whose output it is while the output gets its name: the manifest follows only after that."""

    def __init__(self, task: Task, sink: Sink) -> None:
        self._task, self._sink = task, sink
        self.write = sink.write

    def finish(self) -> SinkResult:
        """Complete the output. Raises OutputError, EncodeError."""
        try:
            leftovers.claim(self._task)
        except OSError as error:
            raise output_error(self._task.outputs.final, error) from error
        return self._sink.finish()

    def abort(self) -> None:
        """Remove what was written so far."""
        self._sink.abort()
        leftovers.release(self._task)


def _open(task: Task, send: Send) -> Sink:
    """The task's sinks, the video last: it gets its name when everything else is complete."""
    outputs = task.outputs
    make_folder(outputs.final)
    if task.action in RECORDING:
        return _recorder(task)
    send("partial", path=str(partial_path(outputs.final)))
    video = FfmpegSink(
        ffmpeg.find(),
        task.encode,
        task.canvas,
        None if task.encode.audio_codec == "none" else task.audio,
        task.first_frame,
        task.frame_count,
        outputs.final,
    )
    if outputs.framemd5 is None:
        return video
    try:
        make_folder(outputs.framemd5)
        send("partial", path=str(partial_path(outputs.framemd5)))
        return Tee([FrameMd5Sink(task.canvas, task.frame_count, outputs.framemd5), video])
    except BaseException:
        video.abort()
        raise


def _recorder(task: Task) -> Sink:
    """The sinks of a golden: a hash of each frame, and beside it the sketch with its pictures. No ffmpeg.

    Where frames are kept they are beside these, raw.
    """
    final = task.outputs.final
    folder = final.with_suffix("")
    make_folder(folder / "sketch.gz")
    sinks: list[Sink] = [SketchSink(task.canvas, task.frame_count, folder)]
    try:
        if task.action == "keep":
            sinks.append(RawSink(task.canvas, task.frame_count, folder / raw.NAME))
        return Tee([*sinks, FrameMd5Sink(task.canvas, task.frame_count, final)])
    except BaseException:
        for sink in sinks:
            sink.abort()
        raise


def _pump(renderer: Frames, task: Task, sink: Sink, series: dict[str, Series], send: Send) -> None:
    """Every frame into the sink; the seconds of drawing and of handing over, frame by frame."""
    told = begin = time.perf_counter()
    for done, frame in enumerate(renderer.frames(task.first_frame, task.frame_count), start=1):
        drawn = time.perf_counter()
        sink.write(frame)
        written = time.perf_counter()
        series["render"].add(drawn - begin)
        series["pipe_write"].add(written - drawn)
        begin = written
        if written - told > PROGRESS_S or done in {1, task.frame_count}:
            told = written
            send("progress", done=done, total=task.frame_count)


def _write_timeline(renderer: Frames, task: Task, folder: Path, out: Path) -> None:
    """The features beside the video, complete or not at all."""
    make_folder(out)
    frames = task.first_frame, task.frame_count
    presets, changes = renderer.presets_at(*frames), renderer.transitions_at(*frames)
    partial = Partial(out)
    try:
        timelines.write_jsonl(timelines.load(folder), partial.path, *frames, presets, changes)
        partial.commit()
    finally:
        partial.discard()


def _still(renderer: Frames, index: int, out: Path) -> None:
    """One frame as an opaque 8-bit sRGB PNG."""
    from PIL import Image  # exports do without these

    from runner.manifest import write_atomic

    frame = renderer.frame(index)
    buffer = io.BytesIO()
    Image.fromarray(frame[..., :3]).save(buffer, "PNG", compress_level=6)
    make_folder(out)
    write_atomic(out, buffer.getvalue())


def _dump(renderer: Frames, task: Task, out: Path) -> None:
    """Every frame as raw RGBA, one after the other: what the encoder is fed, for the benchmark's floor."""
    with out.open("wb") as file:
        for frame in renderer.frames(task.first_frame, task.frame_count):
            file.write(frame.data)
