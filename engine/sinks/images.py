"""Numbered PNG files, and one PNG on its own. RGB without alpha, tagged sRGB."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import time
from pathlib import Path

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from engine.errors import EncodeError, InputError
from engine.scene import Canvas
from engine.sinks.base import Pixels, SinkResult, check_frame
from engine.sinks.output import Partial, output_error, sync_folder
from engine.sinks.pump import Pump, Stalled

_PATIENCE = 600.0
_NAME = re.compile(r"\d{6,}\.png")
_PERCEPTUAL = b"\0"  # the sRGB chunk's rendering intent


def frame_name(index: int) -> str:
    """The file of frame `index`: "000000.png"; ffmpeg and editors read the folder as %06d.png."""
    return f"{index:06d}.png"


def write_png(pixels: Pixels, out: Path) -> int:
    """Write one RGBA frame as an opaque PNG, complete or not at all; its size in bytes. Raises OutputError."""
    partial = Partial(out)
    try:
        _save(pixels, partial.path)
    except OSError as error:
        partial.discard()
        raise output_error(out, error) from error
    except BaseException:
        partial.discard()
        raise
    return partial.commit()


def _save(pixels: Pixels, path: Path) -> None:
    tags = PngInfo()
    tags.add(b"sRGB", _PERCEPTUAL)
    # A copy without alpha: Pillow then also owns its memory, whatever becomes of the frame's.
    image = Image.fromarray(np.ascontiguousarray(pixels[..., :3]))
    with path.open("wb") as file:
        image.save(file, format="PNG", pnginfo=tags)
        file.flush()
        os.fsync(file.fileno())  # before the folder gets its name: what has a final name is whole after a power cut


def check_folder(folder: Path, overwrite: bool) -> None:  # noqa: FBT001 - the option's own name
    """Refuse a folder that an image sequence may not replace. Raises InputError.

    Even with `overwrite` only a folder that holds nothing but numbered PNG files is replaced.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise InputError(f"the output is no folder: {folder}", "an image sequence needs a folder's name")
    names = [one.name for one in folder.iterdir()]
    if names and not overwrite:
        raise InputError(f"the output exists: {folder}", "pass --overwrite, or set output.overwrite: true")
    if not all(_NAME.fullmatch(name) for name in names):
        raise InputError(f"will not replace {folder}: it holds other files", "name a new folder")


class ImageSink:
    """Writes frames as 000000.png, 000001.png ... into `folder`, which appears complete. Raises OutputError."""

    def __init__(self, canvas: Canvas, frame_count: int, folder: Path) -> None:
        self._canvas, self._expected, self._folder = canvas, frame_count, folder
        self._shape = (canvas.height, canvas.width, 4)
        self._given, self._bytes = 0, 0
        self._partial = folder.with_name(f".{folder.name}.part")
        try:
            if self._partial.exists():  # what a killed run left
                shutil.rmtree(self._partial)
            self._partial.mkdir()
        except OSError as error:
            raise output_error(folder, error) from error
        self._pump = Pump(self._store, _PATIENCE, "images")

    def write(self, frame: Pixels) -> None:
        """Store one frame (see engine.sinks.base). Raises OutputError."""
        check_frame(frame, self._shape, self._given, self._expected)
        self._check()
        try:
            self._pump.put(frame)
        except Stalled:
            self.abort()
            raise EncodeError("writing the pictures stopped", "the disk may not answer") from None
        self._given += 1

    def finish(self) -> SinkResult:
        """Bring the folder under its final name. Raises OutputError, EncodeError."""
        begin = time.perf_counter()
        try:
            self._pump.close()
        except Stalled:
            self.abort()
            raise EncodeError("writing the pictures stopped", "the disk may not answer") from None
        self._check()
        if self._given != self._expected:
            self.abort()
            raise EncodeError(f"{self._folder} would have {self._given} frames instead of {self._expected}")
        try:
            if self._folder.exists():
                shutil.rmtree(self._folder)
            self._partial.replace(self._folder)
            sync_folder(self._folder.parent)
        except OSError as error:
            self.abort()
            raise output_error(self._folder, error) from error
        return SinkResult(self._given, self._bytes, self._pump.seconds, time.perf_counter() - begin)

    def abort(self) -> None:
        """Remove what was written so far."""
        self._pump.stop()
        with contextlib.suppress(OSError):
            shutil.rmtree(self._partial)

    def _check(self) -> None:
        failure = self._pump.failure
        if failure is None:
            return
        self.abort()
        if isinstance(failure, OSError):
            raise output_error(self._folder, failure) from failure
        raise EncodeError(f"cannot write {self._folder}: {failure}") from failure

    def _store(self, view: memoryview) -> None:
        path = self._partial / frame_name(self._pump.frames)
        _save(np.frombuffer(view, np.uint8).reshape(self._shape), path)
        self._bytes += path.stat().st_size
