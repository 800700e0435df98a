"""The parts of a frame without fine detail: graded at a fraction of the size, blown up, dithered and packed.

The display curve costs a root and a division a channel; where a picture has no detail below two pixels it is applied
before the enlargement, to a quarter of the cells (1080p: 8.4 -> 4.5 ms). The encoded values are interpolated then.
All of it is written in vectors of LANES cells (see engine.kernels.planes.in_vectors), casts a lane at a time: Taichi
cannot cast vectors.
"""

import taichi as ti

from engine.kernels import ieee
from engine.kernels.planes import in_vectors
from engine.kernels.raster import FLAT, FLAT_PIXELS, LANES, PX, TABLES, VALUES, VEC, block_start, lines_at
from engine.loops import LOOPS

WORDS = ti.types.vector(LANES, ti.i32)
LEVELS = 255.0


@ti.func
def _mixed(image: ti.template(), upper, lower, share, place):
    """One strip between two lines of an image."""
    a = image[upper + place]
    return a + (image[lower + place] - a) * share


@ti.func
def _whole(numbers):
    """Numbers without their fractions, as integers."""
    return WORDS([ti.cast(numbers[i], ti.i32) for i in ti.static(range(LANES))])


@ti.func
def _level(value, offset):
    return _whole(ieee.high(ieee.low(value + offset, LEVELS), 0.0))


@ti.func
def _dice(x, y, salt):
    """engine.kernels.color.dice for a vector of columns: the same numbers, with integers that have a sign."""
    h = ((x + salt) * ti.i32(-1640531535)) ^ (y * ti.i32(-2048144777))
    h = (h ^ ((h >> 15) & 0x1FFFF)) * ti.i32(-2073254261)
    h = h ^ ((h >> 16) & 0xFFFF)
    upper = (h >> 8) & 0xFFFFFF
    return VEC([ti.cast(upper[i], ti.f32) for i in ti.static(range(LANES))]) * (1.0 / 16777216.0)


@ti.func
def _pack(red, green, blue, x, y, salt, strength):
    """engine.kernels.color.pack for vectors of levels 0..255."""
    dice = _dice(x, y, salt)
    turned = dice + ti.select(dice < 0.5, 0.5, -0.5)
    base = 0.5 - 0.5 * strength
    r = _level(red, base + dice * strength)
    g = _level(green, base + turned * strength)
    b = _level(blue, base + (1.0 - dice) * strength)
    return r | (g << 8) | (b << 16) | ti.i32(-16777216)


def compile_calm(touched, scale: int, dither: int, by_rows: bool):
    """The kernel calm(out, values, image, most, salt, height, width, strips, narrow, rows), arrays flat.

    image: encoded levels 0..255 at 1/scale (2 or 4), three planes of `rows` lines of `narrow` strips. Blocks of `scale`
    strips for which touched (see engine.kernels.fine) is not 0 are left alone. dither: the place of its
    strength among the values. by_rows: as for compile_draw.
    """
    bounded = touched is not None
    cells = scale * LANES
    shifts = [(p + 0.5) / scale - 0.5 for p in range(scale)]

    @ti.func
    def show(place, p: ti.template(), red, green, blue, ends, y, salt, strength):
        """Every scale-th pixel of a block, from pixel p on, packed; ends: left and right of each channel."""
        at = ti.static(shifts[p])
        r, g, b = red, green, blue
        if ti.static(at < 0.0):
            r = VEC([ends[0], *[red[i] for i in ti.static(range(LANES - 1))]])
            g = VEC([ends[1], *[green[i] for i in ti.static(range(LANES - 1))]])
            b = VEC([ends[2], *[blue[i] for i in ti.static(range(LANES - 1))]])
        else:
            r = VEC([*[red[i] for i in ti.static(range(1, LANES))], ends[3]])
            g = VEC([*[green[i] for i in ti.static(range(1, LANES))], ends[4]])
            b = VEC([*[blue[i] for i in ti.static(range(1, LANES))], ends[5]])
        share = ti.static(abs(at))
        columns = WORDS([i * scale + p for i in ti.static(range(LANES))]) + place * cells
        return _pack(
            red + (r - red) * share, green + (g - green) * share, blue + (b - blue) * share, columns, y, salt, strength
        )

    @ti.func
    def draw_row(
        out: ti.template(), y, first, last, values: ti.template(), image: ti.template(), most: ti.template(), salt,
        height, width, strips, narrow, rows,
    ):  # fmt: skip
        px = values[PX]
        strength = values[dither]
        v = (0.5 * height - ti.cast(y, ti.f32) - 0.5) * px
        upper, lower, share = lines_at(y, rows, scale)
        r0, r1 = upper * narrow, lower * narrow
        g0, g1 = r0 + rows * narrow, r1 + rows * narrow
        b0, b1 = g0 + rows * narrow, g1 + rows * narrow
        red, green, blue = (
            _mixed(image, r0, r1, share, first),
            _mixed(image, g0, g1, share, first),
            _mixed(image, b0, b1, share, first),
        )
        left = ti.Vector([red[0], green[0], blue[0]])
        if first > 0:
            left[0] = _mixed(image, r0, r1, share, first - 1)[LANES - 1]
            left[1] = _mixed(image, g0, g1, share, first - 1)[LANES - 1]
            left[2] = _mixed(image, b0, b1, share, first - 1)[LANES - 1]
        for place in range(first, last):
            following = ti.min(place + 1, narrow - 1)
            next_red = _mixed(image, r0, r1, share, following)
            next_green = _mixed(image, g0, g1, share, following)
            next_blue = _mixed(image, b0, b1, share, following)
            reached = 0
            if ti.static(bounded):
                start = block_start(place, cells, width, px)
                reached = touched(start, start + cells * px, v, values, most, place)
            if reached == 0:
                whole = place + 1 < narrow
                ends = ti.Vector([
                    left[0], left[1], left[2],
                    ti.select(whole, next_red[0], red[LANES - 1]),
                    ti.select(whole, next_green[0], green[LANES - 1]),
                    ti.select(whole, next_blue[0], blue[LANES - 1]),
                ])  # fmt: skip
                target = y * strips + place * scale
                left_in = strips - place * scale
                p0 = show(place, 0, red, green, blue, ends, y, salt, strength)
                p1 = show(place, 1, red, green, blue, ends, y, salt, strength)
                if ti.static(scale == 2):
                    out[target] = WORDS([p0[0], p1[0], p0[1], p1[1], p0[2], p1[2], p0[3], p1[3]])
                    if left_in > 1:
                        out[target + 1] = WORDS([p0[4], p1[4], p0[5], p1[5], p0[6], p1[6], p0[7], p1[7]])
                else:
                    p2 = show(place, 2, red, green, blue, ends, y, salt, strength)
                    p3 = show(place, 3, red, green, blue, ends, y, salt, strength)
                    out[target] = WORDS([p0[0], p1[0], p2[0], p3[0], p0[1], p1[1], p2[1], p3[1]])
                    if left_in > 1:
                        out[target + 1] = WORDS([p0[2], p1[2], p2[2], p3[2], p0[3], p1[3], p2[3], p3[3]])
                    if left_in > 2:
                        out[target + 2] = WORDS([p0[4], p1[4], p2[4], p3[4], p0[5], p1[5], p2[5], p3[5]])
                    if left_in > 3:
                        out[target + 3] = WORDS([p0[6], p1[6], p2[6], p3[6], p0[7], p1[7], p2[7], p3[7]])
            left = ti.Vector([red[LANES - 1], green[LANES - 1], blue[LANES - 1]])
            red, green, blue = next_red, next_green, next_blue

    @in_vectors
    @ti.kernel
    def calm_rows(
        out: FLAT_PIXELS, values: VALUES, image: FLAT, most: TABLES, salt: ti.i32, height: ti.f32, width: ti.f32,
        strips: ti.i32, narrow: ti.i32, rows: ti.i32,
    ):  # fmt: skip
        ti.loop_config(serialize=LOOPS.serial)
        for y in range(out.shape[0] // strips):
            blocks = (strips + scale - 1) // scale
            draw_row(out, y, 0, blocks, values, image, most, salt, height, width, strips, narrow, rows)

    @in_vectors
    @ti.kernel
    def calm_blocks(
        out: FLAT_PIXELS, values: VALUES, image: FLAT, most: TABLES, salt: ti.i32, height: ti.f32, width: ti.f32,
        strips: ti.i32, narrow: ti.i32, rows: ti.i32,
    ):  # fmt: skip
        ti.loop_config(serialize=LOOPS.serial)
        for place in range((strips + scale - 1) // scale * (out.shape[0] // strips)):
            blocks = (strips + scale - 1) // scale
            first = place % blocks
            draw_row(
                out, place // blocks, first, first + 1, values, image, most, salt, height, width, strips, narrow, rows
            )

    return calm_rows if by_rows else calm_blocks
