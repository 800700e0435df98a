"""Layers without fine detail put together in vectors of LANES cells: images, and what depends on the row alone.

Scalar drawing kernels (engine.kernels.raster) take 2.9 ms where this takes 1.5 for half of 1080p.
"""

import taichi as ti

from engine.kernels.blend import alpha, cover_of
from engine.kernels.planes import in_vectors
from engine.kernels.raster import FLAT, LANES, PX, TABLES, VALUES, VEC
from engine.loops import LOOPS

Layer = tuple[object, object, int, int]
"""How a layer is composed: (pixel function or None, blend, place of its opacity, its image)."""


def compile_compose(layers, light: int, grade, scale: int):
    """The kernel compose(out, values, tables, images, height, width, strips, rows), arrays flat.

    out: the first image of `strips` x `rows` strips at 1/scale, as are `images`. layers, bottom first: Layer each; the
    pixel function of one that has no image is asked once a row. light: the image that is added at the end, -1: none.
    grade: a ti.func (red, green, blue, u, v, row) -> three encoded channels, stored as levels 0..255; None: linear
    light is stored.
    """
    count = len(layers)
    shown = grade is not None
    pixels = [one[0] for one in layers]
    blends = [one[1] for one in layers]
    places = [one[2] for one in layers]
    sources = [one[3] for one in layers]
    drawn = [one[0] is not None for one in layers]
    covering = [one[1] is alpha for one in layers]

    @in_vectors
    @ti.kernel
    def compose(
        out: FLAT, values: VALUES, tables: TABLES, images: FLAT, height: ti.f32, width: ti.f32, strips: ti.i32,
        rows: ti.i32,
    ):  # fmt: skip
        ti.loop_config(serialize=LOOPS.serial)
        for y in range(rows):
            px = values[PX]
            v = (0.5 * height - (ti.cast(y, ti.f32) + 0.5) * scale) * px
            even = ti.Matrix([[0.0] * 3] * max(count, 1))
            for k in ti.static(range(count)):
                if ti.static(drawn[k]):
                    color = pixels[k](0.0, v, px * scale, values, tables, 0, 0)
                    for c in ti.static(range(3)):
                        even[k, c] = color[c]
            first = VEC([(i + 0.5) * scale for i in ti.static(range(LANES))]) - 0.5 * width
            for strip in range(strips):
                red, green, blue = VEC(0.0), VEC(0.0), VEC(0.0)
                for k in ti.static(range(count)):
                    amount = values[places[k]]
                    if ti.static(covering[k]):
                        over_r, over_g, over_b = VEC(0.0), VEC(0.0), VEC(0.0)
                        if ti.static(drawn[k]):
                            over_r += even[k, 0]
                            over_g += even[k, 1]
                            over_b += even[k, 2]
                        else:
                            at = (3 * sources[k] * rows + y) * strips + strip
                            over_r += images[at]
                            over_g += images[at + rows * strips]
                            over_b += images[at + 2 * rows * strips]
                        cover = cover_of(over_r, over_g, over_b)
                        red = blends[k](red, over_r, amount, cover)
                        green = blends[k](green, over_g, amount, cover)
                        blue = blends[k](blue, over_b, amount, cover)
                    elif ti.static(drawn[k]):
                        red = blends[k](red, even[k, 0], amount)
                        green = blends[k](green, even[k, 1], amount)
                        blue = blends[k](blue, even[k, 2], amount)
                    else:
                        at = (3 * sources[k] * rows + y) * strips + strip
                        red = blends[k](red, images[at], amount)
                        green = blends[k](green, images[at + rows * strips], amount)
                        blue = blends[k](blue, images[at + 2 * rows * strips], amount)
                if ti.static(light >= 0):
                    at = (3 * light * rows + y) * strips + strip
                    red += images[at]
                    green += images[at + rows * strips]
                    blue += images[at + 2 * rows * strips]
                place = y * strips + strip
                if ti.static(shown):
                    u = (first + ti.cast(strip * LANES * scale, ti.f32)) * px
                    r, g, b = grade(red, green, blue, u, v, values)
                    out[place] = r * 255.0
                    out[place + rows * strips] = g * 255.0
                    out[place + 2 * rows * strips] = b * 255.0
                else:
                    out[place] = red
                    out[place + rows * strips] = green
                    out[place + 2 * rows * strips] = blue

    return compose
