"""Two pictures of packed RGBA8 that move while they are mixed: zoomed with a blur, or bent along waves.

A zoom is looked up in whole pixels and at half the size: its blur hides what that lacks. A bent picture is first moved
down, a row at a time, then across, linearly between pixels. Its rows stay in order: lookups that wander through many
rows are in no cache (1080p: twice the time). Coordinates past an edge are mirrored there.
"""

import taichi as ti

from engine.kernels import ieee
from engine.kernels.planes import in_vectors
from engine.kernels.raster import COLUMNS, LANES, PIXELS, VALUES, VEC
from engine.kernels.transitions import EVEN, ODD, blend
from engine.loops import LOOPS

WORDS = ti.types.vector(LANES, ti.i32)
RUN = ti.types.ndarray(dtype=ti.i32, ndim=1)
"""A picture as one run of pixels, for lookups."""
FEW, MANY = 2, 4
"""Lookups along a zoom: of each picture where both show, and where one does; then MANY of what they make together."""
FIELD = 5
"""Numbers a row of a warp's field: four for `bend_across`, then how far down it moves, in pixels."""


@ti.func
def whole(numbers):
    """Numbers without their fractions, as integers."""
    return WORDS([ti.cast(numbers[i], ti.i32) for i in ti.static(range(LANES))])


@ti.func
def mirrored(x, last):
    """A coordinate folded back into 0 .. last; good for those less than two pictures away."""
    back = last - ieee.high(x, 0.0 - x)
    return ieee.high(last - ieee.high(back, 0.0 - back), 0.0)


@ti.func
def look_up(picture: ti.template(), places):
    """The pixels at `places` of a run."""
    return WORDS([picture[places[i]] for i in ti.static(range(LANES))])


@in_vectors
@ti.kernel
def shrink(source: PIXELS, out: PIXELS):
    """out of half the size: means of 2 x 2 pixels."""
    ti.loop_config(serialize=LOOPS.serial)
    for y in range(out.shape[0]):
        upper = 2 * y
        lower = ti.min(upper + 1, source.shape[0] - 1)
        for x in range(out.shape[1]):
            right = ti.min(2 * x + 1, source.shape[1] - 1)
            a, b, c, d = source[upper, 2 * x], source[lower, 2 * x], source[upper, right], source[lower, right]
            p, q = (a & EVEN) + (b & EVEN), (c & EVEN) + (d & EVEN)
            r, s = ((a >> 8) & EVEN) + ((b >> 8) & EVEN), ((c >> 8) & EVEN) + ((d >> 8) & EVEN)
            low = WORDS([p[0] + p[1], p[2] + p[3], p[4] + p[5], p[6] + p[7],
                         q[0] + q[1], q[2] + q[3], q[4] + q[5], q[6] + q[7]])  # fmt: skip
            high = WORDS([r[0] + r[1], r[2] + r[3], r[4] + r[5], r[6] + r[7],
                          s[0] + s[1], s[2] + s[3], s[4] + s[5], s[6] + s[7]])  # fmt: skip
            low = ((low + 0x20002) >> 2) & EVEN
            high = ((high + 0x20002) << 6) & ODD
            out[y, x] = low | high


@ti.func
def _streak(picture: ti.template(), taps: ti.template(), x, y, scale, ratio, width, height, stride):
    """The mean of 2 or 4 lookups at x, y (pixels from the middle), scaled by scale, then by ever less."""
    bits = ti.static(taps.bit_length() - 1)
    low, high = WORDS(taps // 2 * 0x10001), WORDS(taps // 2 * 0x10001)
    factor = scale
    for _ in ti.static(range(taps)):
        line = ti.cast(mirrored(y * factor + 0.5 * (height - 1.0), height - 1.0) + 0.5, ti.i32)
        column = whole(mirrored(x * factor + 0.5 * (width - 1.0), width - 1.0) + 0.5)
        found = look_up(picture, column + line * stride)
        low = low + (found & EVEN)  # `+=` is an atomic addition, which Taichi lacks for whole vectors of integers
        high = high + ((found >> 8) & EVEN)
        factor *= 1.0 - ratio
    return ((low >> bits) & EVEN) | ((high << (8 - bits)) & ODD)


@in_vectors
@ti.kernel
def zoom(out: PIXELS, picture: RUN, scale: ti.f32, ratio: ti.f32, width: ti.f32):
    """A picture scaled about the middle and smeared: MANY lookups, each `ratio` nearer to the middle."""
    ti.loop_config(serialize=LOOPS.serial)
    for row in range(out.shape[0]):
        height, stride = ti.cast(out.shape[0], ti.f32), out.shape[1] * LANES
        y = ti.cast(row, ti.f32) - 0.5 * (height - 1.0)
        for strip in range(out.shape[1]):
            x = VEC([i + 0.5 for i in ti.static(range(LANES))]) + (ti.cast(strip * LANES, ti.f32) - 0.5 * width)
            out[row, strip] = _streak(picture, MANY, x, y, scale, ratio, width, height, stride)


@in_vectors
@ti.kernel
def zoom_both(
    out: PIXELS, old: RUN, new: RUN, share: ti.i32, old_scale: ti.f32, new_scale: ti.f32, ratio: ti.f32, width: ti.f32
):
    """Both pictures scaled and smeared by FEW lookups, mixed by the share of the new one, in 256ths."""
    ti.loop_config(serialize=LOOPS.serial)
    for row in range(out.shape[0]):
        height, stride = ti.cast(out.shape[0], ti.f32), out.shape[1] * LANES
        y = ti.cast(row, ti.f32) - 0.5 * (height - 1.0)
        for strip in range(out.shape[1]):
            x = VEC([i + 0.5 for i in ti.static(range(LANES))]) + (ti.cast(strip * LANES, ti.f32) - 0.5 * width)
            first = _streak(old, FEW, x, y, old_scale, ratio, width, height, stride)
            second = _streak(new, FEW, x, y, new_scale, ratio, width, height, stride)
            out[row, strip] = blend(second, first, share)


@ti.func
def _wider(here, left, right):
    """A strip of sums blown up linearly to two; left, right: the sums beside it. All four times as large."""
    before = WORDS([left, here[0], here[1], here[2], here[3], here[4], here[5], here[6]])
    after = WORDS([here[1], here[2], here[3], here[4], here[5], here[6], here[7], right])
    p, q = 3 * here + before, 3 * here + after
    return (
        WORDS([p[0], q[0], p[1], q[1], p[2], q[2], p[3], q[3]]),
        WORDS([p[4], q[4], p[5], q[5], p[6], q[6], p[7], q[7]]),
    )


@in_vectors
@ti.kernel
def enlarge(source: PIXELS, sharp: PIXELS, out: PIXELS, share: ti.i32):
    """out = source blown up bilinearly to twice its size, mixed with `share` 256ths of `sharp` (it may be `out`)."""
    ti.loop_config(serialize=LOOPS.serial)
    for y in range(out.shape[0]):
        near = ti.min(y // 2, source.shape[0] - 1)
        far = ti.min(ti.max(near + 2 * (y % 2) - 1, 0), source.shape[0] - 1)
        last = source.shape[1] - 1
        low = 3 * (source[near, 0] & EVEN) + (source[far, 0] & EVEN)
        high = 3 * ((source[near, 0] >> 8) & EVEN) + ((source[far, 0] >> 8) & EVEN)
        left = ti.Vector([low[0], high[0]])
        for strip in range(source.shape[1]):
            place = ti.min(strip + 1, last)
            next_low = 3 * (source[near, place] & EVEN) + (source[far, place] & EVEN)
            next_high = 3 * ((source[near, place] >> 8) & EVEN) + ((source[far, place] >> 8) & EVEN)
            l0, l1 = _wider(low, left[0], ti.select(strip < last, next_low[0], low[LANES - 1]))
            h0, h1 = _wider(high, left[1], ti.select(strip < last, next_high[0], high[LANES - 1]))
            at = 2 * strip
            wide = (((l0 + 0x80008) >> 4) & EVEN) | (((h0 + 0x80008) << 4) & ODD)
            out[y, at] = blend(sharp[y, at], wide, share)
            if at + 1 < out.shape[1]:
                wide = (((l1 + 0x80008) >> 4) & EVEN) | (((h1 + 0x80008) << 4) & ODD)
                out[y, at + 1] = blend(sharp[y, at + 1], wide, share)
            left = ti.Vector([low[LANES - 1], high[LANES - 1]])
            low, high = next_low, next_high


@in_vectors
@ti.kernel
def bend_down(out: PIXELS, picture: PIXELS, rows: VALUES, way: ti.f32):
    """A picture moved down by the rows' fields, times `way`: out's row y is between two rows of it."""
    ti.loop_config(serialize=LOOPS.serial)
    for y in range(out.shape[0]):
        last = out.shape[0] - 1
        v = mirrored(ti.cast(y, ti.f32) + rows[FIELD * y + 4] * way, ti.cast(last, ti.f32))
        place = ti.cast(v * 256.0, ti.i32)
        upper = place >> 8
        lower = ti.min(upper + 1, last)
        for strip in range(out.shape[1]):
            out[y, strip] = blend(picture[lower, strip], picture[upper, strip], place & 255)


@ti.func
def between(picture: ti.template(), x, start, last):
    """The pixels at columns x of the row that begins at `start`, linearly between two."""
    place = whole(mirrored(x, last) * 256.0)
    left = place >> 8
    right = whole(ieee.low(mirrored(x, last) + 1.0, last))
    return blend(look_up(picture, right + start), look_up(picture, left + start), place & 255)


def _compile_bend(both: bool):
    """The kernel bend_across(out, old, new, columns, rows, share, old_way, new_way, width).

    Pictures moved across by the sum of columns[k] * rows[FIELD y + k] over k = 0 .. 3, times their ways, and mixed by
    the share of the new one, in 256ths. both: False: of `old` alone.
    """

    @in_vectors
    @ti.kernel
    def bend_across(
        out: PIXELS, old: RUN, new: RUN, columns: COLUMNS, rows: VALUES, share: ti.i32, old_way: ti.f32,
        new_way: ti.f32, width: ti.f32,
    ):  # fmt: skip
        ti.loop_config(serialize=LOOPS.serial)
        for y in range(out.shape[0]):
            start = y * out.shape[1] * LANES
            for strip in range(out.shape[1]):
                x = VEC([ti.cast(i, ti.f32) for i in ti.static(range(LANES))]) + ti.cast(strip * LANES, ti.f32)
                across = VEC(0.0)
                for k in ti.static(range(4)):
                    across += columns[k, strip] * rows[FIELD * y + k]
                found = between(old, x + across * old_way, start, width - 1.0)
                if ti.static(both):
                    after = between(new, x + across * new_way, start, width - 1.0)
                    found = blend(after, found, share)
                out[y, strip] = found

    return bend_across


bend_one, bend_both = _compile_bend(both=False), _compile_bend(both=True)
