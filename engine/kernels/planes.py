"""Planes at fractions of the canvas: halving, doubling, widening. All in strips (see engine.kernels.raster)."""

from collections.abc import Callable
from functools import cache, wraps
from typing import Any

import taichi as ti

from engine.kernels.raster import LANES, PLANES, VEC, lines_at
from engine.launch import whole_vectors
from engine.loops import LOOPS

TENT = (0.125, 0.375, 0.375, 0.125)


def in_vectors(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a kernel with whole vector loads and stores; its arrays must be aligned (see engine.planes).

    Taichi takes vectors apart by default, and then stores them number by number with seven instructions each. These
    kernels move much and compute little: 3.2 -> 0.7 ms for one of them. The drawing kernels are the other way round
    (13 -> 67 ms), so that the switch cannot be thrown for all.
    """

    @wraps(kernel)
    def call(*arguments: Any) -> None:
        with whole_vectors():
            kernel(*arguments)

    call.in_vectors = kernel
    return call


@ti.func
def _tent(source: ti.template(), c, y, strip):
    """Four lines around line 2 y weighted by the tent: strip `strip`, the last one for those past the edge."""
    total = VEC(0.0)
    for j in ti.static(range(4)):
        line = ti.min(ti.max(2 * y + j - 1, 0), source.shape[1] - 1)
        total += TENT[j] * source[c, line, ti.min(strip, source.shape[2] - 1)]
    return total


@ti.func
def _halve(source: ti.template(), out: ti.template()):
    """out of half the size: a 4 x 4 tent over the source, which does not flicker as a 2 x 2 box would."""
    ti.loop_config(serialize=LOOPS.serial)
    for c, y in ti.ndrange(out.shape[0], out.shape[1]):
        a = _tent(source, c, y, 0)
        left = a[0]
        for strip in range(out.shape[2]):
            b = _tent(source, c, y, 2 * strip + 1)
            following = _tent(source, c, y, 2 * strip + 2)
            if 2 * strip + 1 >= source.shape[2]:
                b = VEC(a[LANES - 1])
            right = ti.select(2 * strip + 2 < source.shape[2], following[0], b[LANES - 1])
            even = VEC([a[0], a[2], a[4], a[6], b[0], b[2], b[4], b[6]])
            odd = VEC([a[1], a[3], a[5], a[7], b[1], b[3], b[5], b[7]])
            before = VEC([left, odd[0], odd[1], odd[2], odd[3], odd[4], odd[5], odd[6]])
            after = VEC([even[1], even[2], even[3], even[4], even[5], even[6], even[7], right])
            left = b[LANES - 1]
            out[c, y, strip] = TENT[0] * (before + after) + TENT[1] * (even + odd)
            a = following


@ti.func
def _beside(here, left, right):
    """A strip moved by one cell to the right and to the left; left, right: the numbers that come in."""
    before = VEC([left, here[0], here[1], here[2], here[3], here[4], here[5], here[6]])
    after = VEC([here[1], here[2], here[3], here[4], here[5], here[6], here[7], right])
    return before, after


@ti.func
def _doubled(here, left, right):
    """A strip blown up linearly to two. Whole vectors are mixed, then shuffled: a loop over cells costs twice that."""
    before, after = _beside(here, left, right)
    p = here + (before - here) * 0.25
    q = here + (after - here) * 0.25
    return VEC([p[0], q[0], p[1], q[1], p[2], q[2], p[3], q[3]]), VEC([p[4], q[4], p[5], q[5], p[6], q[6], p[7], q[7]])


@ti.func
def _quadrupled(here, left, right):
    """A strip blown up linearly to four."""
    before, after = _beside(here, left, right)
    p = here + (before - here) * 0.375
    q = here + (before - here) * 0.125
    r = here + (after - here) * 0.125
    s = here + (after - here) * 0.375
    return (
        VEC([p[0], q[0], r[0], s[0], p[1], q[1], r[1], s[1]]),
        VEC([p[2], q[2], r[2], s[2], p[3], q[3], r[3], s[3]]),
        VEC([p[4], q[4], r[4], s[4], p[5], q[5], r[5], s[5]]),
        VEC([p[6], q[6], r[6], s[6], p[7], q[7], r[7], s[7]]),
    )


@ti.func
def _double_into(source: ti.template(), out: ti.template(), spread):
    """out = mix(out, source blown up bilinearly to twice its size, spread)."""
    ti.loop_config(serialize=LOOPS.serial)
    for c, y in ti.ndrange(out.shape[0], out.shape[1]):
        near = ti.min(y // 2, source.shape[1] - 1)
        far = ti.min(ti.max(near + 2 * (y % 2) - 1, 0), source.shape[1] - 1)
        here = 0.75 * source[c, near, 0] + 0.25 * source[c, far, 0]
        left = here[0]
        for strip in range(source.shape[2]):
            following = ti.min(strip + 1, source.shape[2] - 1)
            ahead = 0.75 * source[c, near, following] + 0.25 * source[c, far, following]
            right = ti.select(strip + 1 < source.shape[2], ahead[0], here[LANES - 1])
            first, second = _doubled(here, left, right)
            own = out[c, y, 2 * strip]
            out[c, y, 2 * strip] = own + (first - own) * spread
            if 2 * strip + 1 < out.shape[2]:
                own = out[c, y, 2 * strip + 1]
                out[c, y, 2 * strip + 1] = own + (second - own) * spread
            left = here[LANES - 1]
            here = ahead


@in_vectors
@ti.kernel
def halve(source: PLANES, out: PLANES):
    """out of half the size: a 4 x 4 tent over the source, which does not flicker as a 2 x 2 box would."""
    _halve(source, out)


@in_vectors
@ti.kernel
def double_into(source: PLANES, out: PLANES, spread: ti.f32):
    """out = mix(out, source blown up bilinearly to twice its size, spread)."""
    _double_into(source, out, spread)


@cache
def compile_blur(levels: int):
    """The kernel blur(finest, ..., coarsest, spread) of a pyramid: halve down, then double back up into `finest`.

    It takes five levels, of which the first `levels` (2 to 5) count. One launch instead of eight: a launch costs about
    0.08 ms, half of what all of them compute for a 720p frame.
    """

    @in_vectors
    @ti.kernel
    def blur(a: PLANES, b: PLANES, c: PLANES, d: PLANES, e: PLANES, spread: ti.f32):
        _halve(a, b)
        if ti.static(levels > 2):
            _halve(b, c)
        if ti.static(levels > 3):
            _halve(c, d)
        if ti.static(levels > 4):
            _halve(d, e)
            _double_into(e, d, spread)
        if ti.static(levels > 3):
            _double_into(d, c, spread)
        if ti.static(levels > 2):
            _double_into(c, b, spread)
        _double_into(b, a, spread)

    return blur


def compile_lay(scale: int, *, alone: bool):
    """The kernel lay(source, out, first, strength): light of another size added to an image.

    Planes first .. first + 2 of `out` plus strength times the three planes of `source`, blown up bilinearly by `scale`
    (1, 2 or 4); `out` may have fewer strips. alone: without what is in `out` already.
    """

    @ti.func
    def put(out: ti.template(), plane, y, strip, light):
        if strip < out.shape[2]:
            if ti.static(alone and LOOPS.partial):
                out[plane, y, strip] = light
            elif ti.static(alone):
                out[plane, y, strip] = light + 0.0 * out[plane, y, strip]
            else:
                out[plane, y, strip] = out[plane, y, strip] + light

    @in_vectors
    @ti.kernel
    def lay(source: PLANES, out: PLANES, first: ti.i32, strength: ti.f32):
        ti.loop_config(serialize=LOOPS.serial)
        for c, y in ti.ndrange(3, out.shape[1]):
            upper, lower, share = lines_at(y, source.shape[1], scale)
            last = source.shape[2] - 1
            here = (source[c, upper, 0] + (source[c, lower, 0] - source[c, upper, 0]) * share) * strength
            left = here[0]
            for strip in range((out.shape[2] + scale - 1) // scale):
                place = ti.min(strip + 1, last)
                ahead = source[c, upper, place] + (source[c, lower, place] - source[c, upper, place]) * share
                ahead *= strength
                right = ti.select(strip < last, ahead[0], here[LANES - 1])
                if ti.static(scale == 1):
                    put(out, first + c, y, strip, here)
                elif ti.static(scale == 2):
                    p, q = _doubled(here, left, right)
                    put(out, first + c, y, 2 * strip, p)
                    put(out, first + c, y, 2 * strip + 1, q)
                else:
                    p, q, r, s = _quadrupled(here, left, right)
                    put(out, first + c, y, 4 * strip, p)
                    put(out, first + c, y, 4 * strip + 1, q)
                    put(out, first + c, y, 4 * strip + 2, r)
                    put(out, first + c, y, 4 * strip + 3, s)
                left = here[LANES - 1]
                here = ahead

    return lay


def compile_reduce(ratio: int):
    """The kernel reduce(source, out): each cell of `out` is the mean of ratio x ratio cells of `source`."""
    share = 1.0 / (ratio * ratio)

    @in_vectors
    @ti.kernel
    def reduce(source: PLANES, out: PLANES):
        ti.loop_config(serialize=LOOPS.serial)
        for c, y in ti.ndrange(out.shape[0], out.shape[1]):
            for strip in range(out.shape[2]):
                fine = ti.Vector([0.0] * (ratio * LANES))
                for part in ti.static(range(ratio)):
                    column = source[c, y * ratio, strip * ratio + part]
                    for j in ti.static(range(1, ratio)):
                        column += source[c, y * ratio + j, strip * ratio + part]
                    for i in ti.static(range(LANES)):
                        fine[part * LANES + i] = column[i]
                found = ti.Vector([0.0] * LANES)
                for i in range(LANES):
                    total = fine[i * ratio]
                    for j in ti.static(range(1, ratio)):
                        total += fine[i * ratio + j]
                    found[i] = total * share
                out[c, y, strip] = found

    return reduce
