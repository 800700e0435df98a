"""Packed RGBA8 seen through something: a lens that magnifies colours unlike, a kaleidoscope, a shutter.

Coordinates past an edge are mirrored there. Lookups between pixels are linear, in encoded values.
"""

from functools import cache

import taichi as ti

from engine.kernels import ieee
from engine.kernels.bending import RUN, WORDS, look_up, mirrored, whole
from engine.kernels.planes import in_vectors
from engine.kernels.raster import LANES, PIXELS, VEC
from engine.kernels.transitions import blend
from engine.loops import LOOPS

STACK = ti.types.ndarray(dtype=WORDS, ndim=3)
"""Pictures of one size: [pictures, rows, strips]."""
RED, GREEN, BLUE = 0xFF, 0xFF00, 0xFF0000
WHITE = 1.06
"""Light is taken as s / (WHITE - s) of a squared encoded value s: near the inverse of the display curve, so that what
is bright stays bright while it moves."""


@in_vectors
@ti.kernel
def part_down(out: PIXELS, picture: PIXELS, amount: ti.f32):
    """out: a picture magnified vertically, red by 1 + 2 amount, green by 1 + amount, blue not at all."""
    ti.loop_config(serialize=LOOPS.serial)
    for y in range(out.shape[0]):
        end = ti.cast(out.shape[0] - 1, ti.f32)
        off = (ti.cast(y, ti.f32) - 0.5 * end) * amount
        first, second = (
            ti.cast((ti.cast(y, ti.f32) - 2.0 * off) * 256.0, ti.i32),
            ti.cast((ti.cast(y, ti.f32) - off) * 256.0, ti.i32),
        )
        red_line, green_line = first >> 8, second >> 8
        for strip in range(out.shape[1]):
            below = ti.min(red_line + 1, out.shape[0] - 1)
            red = blend(picture[below, strip], picture[red_line, strip], first & 255)
            below = ti.min(green_line + 1, out.shape[0] - 1)
            green = blend(picture[below, strip], picture[green_line, strip], second & 255)
            out[y, strip] = (red & RED) | (green & GREEN) | (picture[y, strip] & BLUE)


@ti.func
def _beside(picture: ti.template(), y, strip, off):
    """A strip moved by `off`, numbers that differ little: one shift for all, and of each what is left of it.

    Two strips are loaded and shifted bit by bit: eight lookups cost three times as much.
    """
    shift = ti.cast(ti.floor(0.5 * (off[0] + off[LANES - 1])), ti.i32)
    share = whole(ieee.clamp01(off - ti.cast(shift, ti.f32)) * 256.0)
    last = picture.shape[1] - 1
    place = ti.max(strip * LANES + shift, 0)
    a, b = picture[y, ti.min(place >> 3, last)], picture[y, ti.min((place >> 3) + 1, last)]
    if (place & 4) != 0:
        a = WORDS([a[4], a[5], a[6], a[7], b[0], b[1], b[2], b[3]])
        b = WORDS([b[4], b[5], b[6], b[7], b[7], b[7], b[7], b[7]])
    if (place & 2) != 0:
        a = WORDS([a[2], a[3], a[4], a[5], a[6], a[7], b[0], b[1]])
        b = WORDS([b[2], b[3], b[4], b[5], b[6], b[7], b[7], b[7]])
    if (place & 1) != 0:
        a = WORDS([a[1], a[2], a[3], a[4], a[5], a[6], a[7], b[0]])
        b = WORDS([b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[7]])
    return blend(WORDS([a[1], a[2], a[3], a[4], a[5], a[6], a[7], b[0]]), a, share)


@in_vectors
@ti.kernel
def part_across(out: PIXELS, picture: PIXELS, amount: ti.f32, width: ti.f32):
    """The same across; `picture` is what `part_down` made."""
    ti.loop_config(serialize=LOOPS.serial)
    for y in range(out.shape[0]):
        for strip in range(out.shape[1]):
            x = VEC([ti.cast(i, ti.f32) for i in ti.static(range(LANES))]) + ti.cast(strip * LANES, ti.f32)
            off = (0.5 * (width - 1.0) - x) * amount
            red = _beside(picture, y, strip, 2.0 * off)
            green = _beside(picture, y, strip, off)
            out[y, strip] = (red & RED) | (green & GREEN) | (picture[y, strip] & BLUE) | ti.i32(-16777216)


@ti.func
def _sector(u, v, segments, spin):
    """The number of the sector that a point lies in."""
    return ti.floor(ieee.angle(v, u) * (segments * (1.0 / ieee.TAU)) - spin + 0.5) + spin


@in_vectors
@ti.kernel
def fold(
    out: PIXELS, picture: RUN, segments: ti.f32, spin: ti.f32, cosine: ti.f32, sine: ti.f32, scale: ti.f32,
    width: ti.f32,
):  # fmt: skip
    """A kaleidoscope of so many segments: the sector beside the direction (cosine, sine), mirrored all around.

    spin: turns what is seen, in segments. scale: pixels of the picture to one of out. Angles are computed once a strip,
    as most strips lie in one sector (1080p: 24 -> 13 ms).
    """
    ti.loop_config(serialize=LOOPS.serial)
    for y in range(out.shape[0]):
        stride = out.shape[1] * LANES
        end_x, end_y = width - 1.0, ti.cast(out.shape[0] - 1, ti.f32)
        v = ti.cast(y, ti.f32) - 0.5 * end_y
        ahead = _sector(-0.5 * end_x, v, segments, spin)
        sines, cosines = VEC(0.0), VEC(1.0)
        known = -1000.0
        for strip in range(out.shape[1]):
            first = ti.cast(strip * LANES, ti.f32) - 0.5 * end_x
            here = ahead
            ahead = _sector(first + LANES, v, segments, spin)
            if here != ahead:
                turns = ti.Vector([
                    _sector(first + i, v, segments, spin) * (ieee.TAU / segments) for i in ti.static(range(LANES))
                ])  # fmt: skip
                sines = VEC([ieee.sincos(turns[i])[0] for i in ti.static(range(LANES))])
                cosines = VEC([ieee.sincos(turns[i])[1] for i in ti.static(range(LANES))])
                known = -1000.0
            elif here != known:
                s, c = ieee.sincos(here * (ieee.TAU / segments))
                sines, cosines = VEC(s), VEC(c)
                known = here
            u = VEC([ti.cast(i, ti.f32) for i in ti.static(range(LANES))]) + first
            off = v * cosines - u * sines
            along, beside = (u * cosines + v * sines) * scale, ieee.high(off, 0.0 - off) * scale
            px = mirrored(along * cosine - beside * sine + 0.5 * end_x, end_x)
            py = mirrored(along * sine + beside * cosine + 0.5 * end_y, end_y)
            across, down = whole(px * 256.0), whole(py * 256.0)
            right = whole(ieee.low(px + 1.0, end_x))
            upper, lower = (down >> 8) * stride, whole(ieee.low(py + 1.0, end_y)) * stride
            share = across & 255
            left = across >> 8
            above = blend(look_up(picture, upper + right), look_up(picture, upper + left), share)
            below = blend(look_up(picture, lower + right), look_up(picture, lower + left), share)
            out[y, strip] = blend(below, above, down & 255)


@ti.func
def _light(levels):
    """Light of encoded levels 0..255."""
    y = VEC([ti.cast(levels[i], ti.f32) for i in ti.static(range(LANES))]) * (1.0 / 255.0)
    s = y * y
    return s / (WHITE - s)


@ti.func
def _levels(light):
    """The inverse of `_light`, to the nearest level."""
    return whole(ti.sqrt(WHITE * light / (1.0 + light)) * 255.0 + 0.5)


@cache
def compile_mean(count: int):
    """The kernel mean(out, pictures): the mean of the first `count` pictures of a stack, in light."""
    share = 1.0 / count

    @in_vectors
    @ti.kernel
    def mean(out: PIXELS, pictures: STACK):
        ti.loop_config(serialize=LOOPS.serial)
        for y in range(out.shape[0]):
            for x in range(out.shape[1]):
                red, green, blue = VEC(0.0), VEC(0.0), VEC(0.0)
                for k in ti.static(range(count)):
                    found = pictures[k, y, x]
                    red += _light(found & 255)
                    green += _light((found >> 8) & 255)
                    blue += _light((found >> 16) & 255)
                r, g, b = _levels(red * share), _levels(green * share), _levels(blue * share)
                out[y, x] = r | (g << 8) | (b << 16) | ti.i32(-16777216)

    return mean
