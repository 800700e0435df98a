"""What the drawing loops share: sizes, coordinates, strips and the kinds of their arrays.

Coordinates: the shorter side of the canvas spans -1..1; u points right, v up. `px` is the size of one sample in these
units, for analytic antialiasing.

A strip is LANES pixels (8 was fastest of 8, 16, 32: one AVX2 register), drawn into a local vector and stored at once:
storing straight to an array in the inner loop keeps LLVM from vectorising it (each store may alias the launch context),
and so does loading `a[r, x]` there (it cannot see that the places are consecutive). Arrays are therefore read and
written a strip at a time, as arrays of vectors: one address for eight numbers (a 1080p final pass: 22 ms with scalar
accesses, 9 with vectors). Rows are whole strips long; what is drawn past the right edge is cut off by the reader of the
frame.
"""

from dataclasses import dataclass

import taichi as ti

from engine.scene import LANES

T, EXTENT_U, EXTENT_V, PX, SEED, ONE, HEAD = 0, 1, 2, 3, 4, 5, 6
"""Places of the row's head: seconds, half extents of the canvas, pixel size, the seed as 0..1, 1; then the palette."""

BANDS_ROW, PEAKS_ROW, WAVE_ROW, ONSETS_ROW, BEATS_ROW, HISTORY_ROW = 0, 1, 2, 6, 9, 12
ART_ROW = HISTORY_ROW + 1 + 160
"""Rows of the tables: 64 bands, their held peaks; for left and right the waveform's height and slope a column; then the
last EVENTS onsets, newest first: seconds since each, its strength, its number; the last beats likewise; the last row is
the history's: the bands of HISTORY moments, newest first (see engine.past). Then the cover art (see engine.art): the
side of the square in pixels, then red, green, blue of each wave of the blurred picture; in the rows after it, from its
lower edge upwards, the picture's red side by side with its green and its blue."""
EVENTS = 16

VEC = ti.types.vector(LANES, ti.f32)
PLANES = ti.types.ndarray(dtype=VEC, ndim=3)
"""Linear light [planes, rows, strips]; an image is three planes. The memory must be aligned (see engine.planes)."""
COLUMNS = ti.types.ndarray(dtype=VEC, ndim=2)
"""What effects compute once a column: [numbers, strips]."""
CELLS = ti.types.ndarray(dtype=ti.f32, ndim=3)
"""COLUMNS seen as single numbers [numbers, strips, LANES]."""
TABLES = ti.types.ndarray(dtype=ti.f32, ndim=2)
VALUES = ti.types.ndarray(dtype=ti.f32, ndim=1)
FLAT = ti.types.ndarray(dtype=VEC, ndim=1)
"""PLANES or COLUMNS seen as one run of strips: the drawing pass finds a row's first strip once, then only adds."""
PIXELS = ti.types.ndarray(dtype=ti.types.vector(LANES, ti.i32), ndim=2)
FLAT_PIXELS = ti.types.ndarray(dtype=ti.types.vector(LANES, ti.i32), ndim=1)

BLOOM_SCALE = 4


@dataclass(frozen=True, slots=True)
class Raster:
    """Sizes of a frame's buffers for a canvas of width x height pixels."""

    width: int
    height: int

    @property
    def stride(self) -> int:
        """Pixels in a row of the output: whole strips."""
        return -(-self.width // LANES) * LANES

    def plane(self, scale: int) -> tuple[int, int]:
        """Rows and columns of planes at 1/scale (1, 2 or 4): all scales cover the same area, in whole strips."""
        cell = BLOOM_SCALE * LANES
        rows = -(-self.height // BLOOM_SCALE) * BLOOM_SCALE
        return rows // scale, -(-self.width // cell) * cell // scale


@ti.func
def lines_at(y, rows, scale: ti.template()):
    """The two lines of planes at 1/scale that row y of the canvas lies between, and the share of the second."""
    fy = (ti.cast(y, ti.f32) + 0.5) * (1.0 / scale) - 0.5
    upper = ti.max(ti.cast(ti.floor(fy), ti.i32), 0)
    return upper, ti.min(upper + 1, rows - 1), ti.max(fy - ti.cast(upper, ti.f32), 0.0)


@ti.func
def block_start(place, cells, width, px):
    """The left end of a block of cells: both drawing passes ask `touched` about the very same numbers."""
    return (ti.cast(place * cells, ti.f32) - 0.5 * width) * px
