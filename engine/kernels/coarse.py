"""The drawing at a fraction of the canvas' size, and what is computed once a column."""

import taichi as ti

from engine.kernels.raster import CELLS, FLAT, LANES, PX, TABLES, VALUES, VEC
from engine.loops import LOOPS


def compile_coarse(pixel, size: int, columns: int, used, scale: int, textures: int):
    """The kernel that draws light at 1/scale, one sample a cell, into an image.

    pixel as for engine.kernels.fine. Effects antialias by `px`, so that thin lines keep their light.
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
                    at = ((3 * image + c) * rows + y) * strips + strip
                    found = VEC([light[c, i] for i in ti.static(range(LANES))])
                    if ti.static(not LOOPS.partial):
                        found += 0.0 * out[at]
                    out[at] = found

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
