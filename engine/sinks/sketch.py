"""The sketch sink: of every frame the mean colour of each block of the picture, and of a few frames the picture.

What a golden keeps besides hashes: it says where in the picture a frame differs, and how much on a backend whose frames
are not the same bit for bit. See `Sketch` for the format.
"""

from __future__ import annotations

import gzip
import json
import time
import zlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import EncodeError, InputError
from engine.scene import Canvas
from engine.sinks.base import Pixels, SinkResult, check_frame
from engine.sinks.images import frame_name, write_png
from engine.sinks.output import Partial, output_error

VERSION = 1
LONG, SHORT = 16, 9
"""Blocks along the longer and the shorter side."""
MAX_FRAMES = 1_000_000
_PRIME = np.uint32(2654435761)


@dataclass(frozen=True)
class Sketch:
    """Blocks of every frame of a video.

    blocks: uint8 [frame, row, column, 4]: the block's mean of R, G and B, rounded half up, and a checksum of its
    pixels, which differs where nothing but the last bit of one pixel does (but for 1 in 256).
    """

    width: int
    height: int
    blocks: NDArray[np.uint8]

    @property
    def frames(self) -> int:
        """How many frames there are."""
        return len(self.blocks)

    @cached_property
    def edges(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where the rows and the columns begin, and at the end the height and the width, in pixels."""
        return _edges(self.height, self.blocks.shape[1]), _edges(self.width, self.blocks.shape[2])

    def pack(self) -> bytes:
        """The sketch as a file: gzip of a line of JSON (version, width, height, frames, rows, columns) and `blocks`."""
        frames, rows, columns, _ = self.blocks.shape
        head = {"version": VERSION, "width": self.width, "height": self.height}
        head |= {"frames": frames, "rows": rows, "columns": columns}
        # No time in its head: the same sketch is the same bytes.
        return gzip.compress(json.dumps(head).encode() + b"\n" + self.blocks.tobytes(), 9, mtime=0)


def unpack(data: bytes) -> Sketch:
    """The inverse of `Sketch.pack`. Raises InputError for anything else."""
    try:
        unzip = zlib.decompressobj(wbits=31)
        plain = unzip.decompress(data, LONG * LONG * 4 * MAX_FRAMES + 4096)  # a bomb is cut off, and then refused
        line, _, body = plain.partition(b"\n")
        head: dict[str, Any] = json.loads(line)
        shape = tuple(int(head[name]) for name in ("frames", "rows", "columns"))
        blocks = np.frombuffer(body, np.uint8).reshape((*shape, 4))
        found = Sketch(int(head["width"]), int(head["height"]), blocks)
        if head["version"] == VERSION and unzip.eof:
            return found
    except (ValueError, KeyError, TypeError, RecursionError, zlib.error):
        pass
    raise InputError("it is no sketch, or a damaged one", "record the golden anew")


def grid(width: int, height: int) -> tuple[int, int]:
    """Rows and columns of the sketch of a picture."""
    return (SHORT, LONG) if width >= height else (LONG, SHORT)


def block_means(frame: Pixels) -> NDArray[np.uint8]:
    """One frame's blocks: uint8 [row, column, 4] (see `Sketch`). Whole numbers throughout, so the same everywhere."""
    height, width = frame.shape[:2]
    rows, columns = (_edges(length, count) for length, count in zip((height, width), grid(width, height), strict=True))
    colours = np.add.reduceat(frame[..., :3], rows[:-1], axis=0, dtype=np.int64)
    colours = np.add.reduceat(colours, columns[:-1], axis=1)
    areas = (np.diff(rows)[:, None] * np.diff(columns)[None, :])[..., None]
    means = (2 * colours + areas) // (2 * areas)
    marks = frame.view(np.uint32)[..., 0] * _weights(height, width)  # modulo 2^32; odd weights lose no bit
    marks = np.add.reduceat(np.add.reduceat(marks, rows[:-1], axis=0, dtype=np.uint32), columns[:-1], axis=1)
    marks ^= marks >> np.uint32(16)
    marks ^= marks >> np.uint32(8)
    return np.concatenate((means, (marks & np.uint32(0xFF))[..., None]), axis=2).astype(np.uint8)


def pictured(frame_count: int) -> tuple[int, ...]:
    """The frames of which a picture is kept: first, middle and last."""
    return tuple(sorted({0, frame_count // 2, frame_count - 1}))


def _edges(length: int, count: int) -> NDArray[np.int64]:
    return np.arange(count + 1, dtype=np.int64) * length // count


def _weights(height: int, width: int) -> NDArray[np.uint32]:
    places = np.arange(height * width, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    return (places * _PRIME).reshape(height, width)


class SketchSink:
    """Writes `sketch.gz` and the pictures 000000.png ... into `folder`, which is there. Raises OutputError."""

    def __init__(self, canvas: Canvas, frame_count: int, folder: Path) -> None:
        self._canvas, self._expected, self._folder = canvas, frame_count, folder
        self._shape = (canvas.height, canvas.width, 4)
        self._blocks: list[NDArray[np.uint8]] = []
        self._pictures: dict[int, Pixels] = {}
        self._wanted = pictured(frame_count)
        self._partial = Partial(folder / "sketch.gz")

    def write(self, frame: Pixels) -> None:
        """Sketch one frame (see engine.sinks.base)."""
        index = len(self._blocks)
        check_frame(frame, self._shape, index, self._expected)
        self._blocks.append(block_means(frame))
        if index in self._wanted:
            self._pictures[index] = frame.copy()

    def finish(self) -> SinkResult:
        """Write the files. Raises OutputError, EncodeError (another number of frames than announced)."""
        begin = time.perf_counter()
        if len(self._blocks) != self._expected:
            self.abort()
            raise EncodeError(f"a sketch of {len(self._blocks)} frames instead of {self._expected}")
        try:
            for index, picture in self._pictures.items():
                write_png(picture, self._folder / frame_name(index))
            sketch = Sketch(self._canvas.width, self._canvas.height, np.stack(self._blocks))
            self._partial.path.write_bytes(sketch.pack())
        except OSError as error:
            self.abort()
            raise output_error(self._folder, error) from error
        except BaseException:
            self.abort()
            raise
        size = self._partial.commit()
        return SinkResult(self._expected, size, 0.0, time.perf_counter() - begin)

    def abort(self) -> None:
        """Drop everything."""
        self._partial.discard()
