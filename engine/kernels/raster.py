"""The loops: strips of pixels, supersampling and packing; no effect repeats them.

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

from engine.loops import LOOPS
from engine.scene import LANES

T, EXTENT_U, EXTENT_V, PX, SEED, ONE, HEAD = 0, 1, 2, 3, 4, 5, 6
"""Places of the row's head: seconds, half extents of the canvas, pixel size, the seed as 0..1, 1; then the palette."""

BANDS_ROW, PEAKS_ROW, WAVE_ROW, TABLE_ROWS = 0, 1, 2, 6
"""Rows of the tables: 64 bands, their held peaks; then for left and right the waveform's height and slope a column."""

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

PATTERNS = {
    1: ((0.0, 0.0),),
    2: ((0.25, 0.25), (-0.25, -0.25)),
    4: ((0.125, 0.375), (0.375, -0.125), (-0.125, -0.375), (-0.375, 0.125)),
}
"""Subpixel offsets for 1, 2 and 4 samples a pixel (rotated grid)."""

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


def compile_draw(
    pixel, touched, finish, size: int, columns: int, used, samples: int, textures: int, texture_scale: int,
    light: int, by_rows: bool,
):  # fmt: skip
    """The kernel of a scene's full frame.

    pixel: ti.func (u, v, px, row, tables, col, tex) -> linear RGB; col: numbers of the column, tex: of the textures.
    touched: ti.func (u0, u1, v, row, most, place) -> i32 from a block's ends; where it is 0 nothing is drawn (see
    engine.kernels.calm). most[n, place]: the largest of the column's number n in the block. None: everything is drawn.
    finish: ti.func (color, u, v, x, y, salt, row) -> packed RGBA8 of linear light, bloom included.
    size, columns: how many numbers a row and a column have; used: which of the column's are read.
    textures: how many images there are, at 1/texture_scale; light: which of them is the bloom, -1 if it is in another.
    by_rows: one parallel task a row (CPU: the row's numbers are fetched once, 14 -> 6 ms for a 1080p shader), else one
    a block (GPU).
    Returns draw(out, values, tables, cols, images, most, salt, height, width, strips, narrow, rows), arrays flat:
    `strips` to a row, `narrow` to a row of the images, `rows` of them.

    A block is texture_scale strips, what one strip of an image grows to: images are blown up in registers (writing
    them out at the canvas' width first took twice the time, and memory that the encoder needs).
    """
    offsets = PATTERNS[samples]
    weight = 1.0 / samples
    wide = max(columns, 1)
    taps_count = max(3 * textures, 1)
    bounded = touched is not None
    block = texture_scale if textures else 1
    cells = block * LANES

    @ti.func
    def mixed(images: ti.template(), upper, lower, share, place):
        """One strip between two lines of an image."""
        a = images[upper + place]
        return a + (images[lower + place] - a) * share

    @ti.func
    def shade(
        packed: ti.template(), x0, y, v, row: ti.template(), tables: ti.template(),
        own: ti.template(), taps: ti.template(), salt, width,
    ):  # fmt: skip
        px = row[PX]
        for i in range(cells):
            u = (ti.cast(x0 + i, ti.f32) + 0.5 - 0.5 * width) * px
            tex = ti.Vector([taps[c, i] for c in ti.static(range(taps_count))])
            col = ti.Vector([own[c, i] for c in ti.static(range(wide))])
            color = ti.Vector([0.0, 0.0, 0.0])
            for s in ti.static(range(samples)):
                color += pixel(u + offsets[s][0] * px, v + offsets[s][1] * px, px, row, tables, col, tex)
            color *= weight
            if ti.static(light >= 0):
                color += ti.Vector([tex[3 * light], tex[3 * light + 1], tex[3 * light + 2]])
            packed[i] = finish(color, u, v, x0 + i, y, salt, row)

    @ti.func
    def draw_row(
        out: ti.template(), y, first, last, row: ti.template(), tables: ti.template(), cols: ti.template(),
        images: ti.template(), most: ti.template(), salt, height, width, strips, narrow, rows,
    ):  # fmt: skip
        """Blocks first .. last - 1 of row y; `narrow` strips to a row of the images, `rows` of them."""
        px = row[PX]
        v = (0.5 * height - ti.cast(y, ti.f32) - 0.5) * px
        upper, lower, share = lines_at(y, rows, texture_scale)
        across = cols.shape[0] // wide
        for place in range(first, last):
            reached = 1
            if ti.static(bounded):
                start = block_start(place, cells, width, px)
                reached = touched(start, start + cells * px, v, row, most, place)
            if reached != 0:
                own = ti.Matrix([[0.0] * cells] * wide)
                for part in ti.static(range(block)):
                    for c in ti.static(used):
                        loaded = cols[c * across + place * block + part]
                        for i in ti.static(range(LANES)):
                            own[c, part * LANES + i] = loaded[i]
                taps = ti.Matrix([[0.0] * cells] * taps_count)
                for c in ti.static(range(3 * textures)):
                    above, below = (c * rows + upper) * narrow, (c * rows + lower) * narrow
                    here = mixed(images, above, below, share, place)
                    if ti.static(block == 1):
                        for i in ti.static(range(LANES)):
                            taps[c, i] = here[i]
                    else:
                        # Only the one number beside the strip is wanted; at the edges it is the strip's own.
                        left, right = here[0], here[LANES - 1]
                        if place > 0:
                            left = mixed(images, above, below, share, place - 1)[LANES - 1]
                        if place + 1 < narrow:
                            right = mixed(images, above, below, share, place + 1)[0]
                        for i in ti.static(range(LANES)):
                            before, after = left, right
                            if ti.static(i > 0):
                                before = here[max(i - 1, 0)]
                            if ti.static(i < LANES - 1):
                                after = here[min(i + 1, LANES - 1)]
                            for p in ti.static(range(block)):
                                at = ti.static((p + 0.5) / block - 0.5)
                                beside = after
                                if ti.static(at < 0.0):
                                    beside = before
                                taps[c, i * block + p] = here[i] + (beside - here[i]) * ti.static(abs(at))
                packed = ti.Vector([0] * cells, dt=ti.i32)
                shade(packed, place * cells, y, v, row, tables, own, taps, salt, width)
                for part in ti.static(range(block)):
                    if place * block + part < strips:
                        out[y * strips + place * block + part] = ti.Vector(
                            [packed[part * LANES + i] for i in ti.static(range(LANES))]
                        )

    @ti.kernel
    def draw_rows(
        out: FLAT_PIXELS, values: VALUES, tables: TABLES, cols: FLAT, images: FLAT, most: TABLES,
        salt: ti.i32, height: ti.f32, width: ti.f32, strips: ti.i32, narrow: ti.i32, rows: ti.i32,
    ):  # fmt: skip
        for y in range(out.shape[0] // strips):
            row = ti.Vector([0.0] * size)
            for k in ti.static(range(size)):
                row[k] = values[k]
            draw_row(
                out, y, 0, (strips + block - 1) // block, row, tables, cols, images, most, salt, height, width,
                strips, narrow, rows,
            )  # fmt: skip

    @ti.kernel
    def draw_blocks(
        out: FLAT_PIXELS, values: VALUES, tables: TABLES, cols: FLAT, images: FLAT, most: TABLES,
        salt: ti.i32, height: ti.f32, width: ti.f32, strips: ti.i32, narrow: ti.i32, rows: ti.i32,
    ):  # fmt: skip
        ti.loop_config(serialize=LOOPS.serial)
        for block_index in range((strips + block - 1) // block * (out.shape[0] // strips)):
            row = ti.Vector([0.0] * size)
            for k in ti.static(range(size)):
                row[k] = values[k]
            blocks = (strips + block - 1) // block
            place = block_index % blocks
            draw_row(
                out, block_index // blocks, place, place + 1, row, tables, cols, images, most, salt, height, width,
                strips, narrow, rows,
            )  # fmt: skip

    return draw_rows if by_rows else draw_blocks


def compile_coarse(pixel, size: int, columns: int, used, scale: int, textures: int):
    """The kernel that draws light at 1/scale, one sample a cell, into an image.

    pixel as for compile_draw. Effects antialias by `px`, so that thin lines keep their light.
    Returns coarse(out, image, values, tables, cols, source, height, width, strips, rows), arrays flat: image `image` of
    `out` is written; `tex` comes from `source`, images of the size of `out`; `cols` are the columns at 1/scale.
    """
    wide = max(columns, 1)
    images = max(textures, 1)

    @ti.kernel
    def coarse(
        out: FLAT, image: ti.i32, values: VALUES, tables: TABLES, cols: FLAT, source: FLAT,
        height: ti.f32, width: ti.f32, strips: ti.i32, rows: ti.i32,
    ):  # fmt: skip
        ti.loop_config(serialize=LOOPS.serial)
        for y in range(rows):
            row = ti.Vector([0.0] * size)
            for k in ti.static(range(size)):
                row[k] = values[k]
            px = row[PX]
            v = (0.5 * height - (ti.cast(y, ti.f32) + 0.5) * scale) * px
            for strip in range(strips):
                own = ti.Matrix([[0.0] * LANES] * wide)
                for c in ti.static(used):
                    loaded = cols[c * strips + strip]
                    for i in ti.static(range(LANES)):
                        own[c, i] = loaded[i]
                taps = ti.Matrix([[0.0] * LANES] * (3 * images))
                for c in ti.static(range(3 * textures)):
                    loaded = source[(c * rows + y) * strips + strip]
                    for i in ti.static(range(LANES)):
                        taps[c, i] = loaded[i]
                light = ti.Matrix([[0.0] * LANES] * 3)
                for i in range(LANES):
                    u = ((ti.cast(strip * LANES + i, ti.f32) + 0.5) * scale - 0.5 * width) * px
                    tex = ti.Vector([taps[c, i] for c in ti.static(range(3 * images))])
                    col = ti.Vector([own[c, i] for c in ti.static(range(wide))])
                    color = pixel(u, v, px * scale, row, tables, col, tex)
                    for c in ti.static(range(3)):
                        light[c, i] = color[c]
                for c in ti.static(range(3)):
                    out[((3 * image + c) * rows + y) * strips + strip] = VEC(
                        [light[c, i] for i in ti.static(range(LANES))]
                    )

    return coarse


def compile_columns(functions, size: int):
    """The kernel columns(values, tables, cols, scale, width) that fills what effects compute once a column, at 1/scale.

    functions: [(ti.func (u, x, row, tables) -> numbers, how many, place of the first)]; x is a column of the tables.
    """
    count = len(functions)
    calls, sizes, places = zip(*functions, strict=True)

    @ti.kernel
    def fill(values: VALUES, tables: TABLES, cols: CELLS, scale: ti.i32, width: ti.f32):
        ti.loop_config(serialize=LOOPS.serial)
        for strip in range(cols.shape[1]):
            row = ti.Vector([0.0] * size)
            for k in ti.static(range(size)):
                row[k] = values[k]
            for i in range(LANES):
                x = (strip * LANES + i) * scale + scale // 2
                u = ((ti.cast(strip * LANES + i, ti.f32) + 0.5) * ti.cast(scale, ti.f32) - 0.5 * width) * row[PX]
                for k in ti.static(range(count)):
                    found = calls[k](u, x, row, tables)
                    for j in ti.static(range(sizes[k])):
                        cols[places[k] + j, strip, i] = found[j]

    return fill
