"""The drawing at the canvas' own size: strips of pixels, supersampling, images blown up; no effect repeats it."""

import taichi as ti

from engine.kernels.raster import (
    FLAT,
    FLAT_PIXELS,
    LANES,
    PX,
    TABLES,
    VALUES,
    block_start,
    lines_at,
)
from engine.loops import LOOPS

PATTERNS = {
    1: ((0.0, 0.0),),
    2: ((0.25, 0.25), (-0.25, -0.25)),
    4: ((0.125, 0.375), (0.375, -0.125), (-0.125, -0.375), (-0.375, 0.125)),
}
"""Subpixel offsets for 1, 2 and 4 samples a pixel (rotated grid)."""


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
            elif ti.static(not LOOPS.partial):
                for part in ti.static(range(block)):
                    if place * block + part < strips:
                        kept = out[y * strips + place * block + part]
                        out[y * strips + place * block + part] = kept | reached

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
