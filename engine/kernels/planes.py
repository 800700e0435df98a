"""Planes at fractions of the canvas: halving, doubling, widening. All in strips (see engine.kernels.raster)."""

from collections.abc import Callable
from functools import cache, wraps
from typing import Any

import taichi as ti

from engine.kernels.raster import LANES, PLANES, VEC

CPUS = (ti.x64, ti.arm64)
TENT = (0.125, 0.375, 0.375, 0.125)


def in_vectors(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a kernel with whole vector loads and stores; its arrays must be aligned (see engine.planes).

    Taichi takes vectors apart by default, and then stores them number by number with seven instructions each. These
    kernels move much and compute little: 3.2 -> 0.7 ms for one of them. The drawing kernels are the other way round
    (13 -> 67 ms), so that the switch cannot be thrown for all.
    """

    @wraps(kernel)
    def call(*arguments: Any) -> None:
        config = ti.lang.impl.current_cfg()
        if config.arch not in CPUS:
            kernel(*arguments)  # other backends know no vectors
            return
        config.real_matrix_scalarize = False
        try:
            kernel(*arguments)
        finally:
            config.real_matrix_scalarize = True

    return call


@ti.func
def _left(source: ti.template(), c, y, strip):
    """The number just left of a strip; at the edge the strip's own first."""
    return ti.select(strip > 0, source[c, y, ti.max(strip - 1, 0)][LANES - 1], source[c, y, strip][0])


@ti.func
def _right(source: ti.template(), c, y, strip):
    """The number just right of a strip; at the edge the strip's own last."""
    last = source.shape[2] - 1
    return ti.select(strip < last, source[c, y, ti.min(strip + 1, last)][0], source[c, y, strip][LANES - 1])


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
    for c, y in ti.ndrange(out.shape[0], out.shape[1]):
        a = _tent(source, c, y, 0)
        left = a[0]
        for strip in range(out.shape[2]):
            b = _tent(source, c, y, 2 * strip + 1)
            following = _tent(source, c, y, 2 * strip + 2)
            wide = ti.Vector([0.0] * (2 * LANES + 2))
            wide[0] = left
            for i in ti.static(range(LANES)):
                wide[1 + i] = a[i]
                wide[1 + LANES + i] = ti.select(2 * strip + 1 < source.shape[2], b[i], a[LANES - 1])
            left = wide[2 * LANES]
            wide[2 * LANES + 1] = ti.select(2 * strip + 2 < source.shape[2], following[0], left)
            found = ti.Vector([0.0] * LANES)
            for i in range(LANES):
                outer = wide[2 * i] + wide[2 * i + 3]
                found[i] = TENT[0] * outer + TENT[1] * (wide[2 * i + 1] + wide[2 * i + 2])
            out[c, y, strip] = found
            a = following


@ti.func
def _blow(blown: ti.template(), here: ti.template(), left, right, scale: ti.template()):
    """blown = a strip blown up linearly by `scale`; left, right: the numbers beside it."""
    wide = ti.Vector([0.0] * (LANES + 2))
    wide[0] = left
    wide[LANES + 1] = right
    for i in ti.static(range(LANES)):
        wide[1 + i] = here[i]
    # A plain loop over the cells with the phases inside: LLVM turns it into vectors and shuffles.
    for i in range(LANES):
        for p in ti.static(range(scale)):
            place = ti.static((p + 0.5) / scale + 0.5)
            low = ti.static(int(place))
            step = wide[i + low + 1] - wide[i + low]
            blown[i * scale + p] = wide[i + low] + step * ti.static(place - low)


@ti.func
def _double_into(source: ti.template(), out: ti.template(), spread):
    """out = mix(out, source blown up bilinearly to twice its size, spread)."""
    for c, y in ti.ndrange(out.shape[0], out.shape[1]):
        near = ti.min(y // 2, source.shape[1] - 1)
        far = ti.min(ti.max(near + 2 * (y % 2) - 1, 0), source.shape[1] - 1)
        for strip in range(source.shape[2]):
            here = 0.75 * source[c, near, strip] + 0.25 * source[c, far, strip]
            left = 0.75 * _left(source, c, near, strip) + 0.25 * _left(source, c, far, strip)
            right = 0.75 * _right(source, c, near, strip) + 0.25 * _right(source, c, far, strip)
            blown = ti.Vector([0.0] * (2 * LANES))
            _blow(blown, here, left, right, 2)
            for part in ti.static(range(2)):
                if 2 * strip + part < out.shape[2]:
                    own = out[c, y, 2 * strip + part]
                    wide = VEC([blown[part * LANES + i] for i in ti.static(range(LANES))])
                    out[c, y, 2 * strip + part] = own + (wide - own) * spread


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


def compile_widen(scale: int):
    """The kernel widen(source, out) that blows planes up by `scale` in width alone; `out` may have fewer strips."""

    @in_vectors
    @ti.kernel
    def widen(source: PLANES, out: PLANES):
        for c, y in ti.ndrange(out.shape[0], out.shape[1]):
            for strip in range((out.shape[2] + scale - 1) // scale):
                here = source[c, y, strip]
                blown = ti.Vector([0.0] * (scale * LANES))
                _blow(blown, here, _left(source, c, y, strip), _right(source, c, y, strip), scale)
                for part in ti.static(range(scale)):
                    if strip * scale + part < out.shape[2]:
                        out[c, y, strip * scale + part] = VEC(
                            [blown[part * LANES + i] for i in ti.static(range(LANES))]
                        )

    return widen


def compile_reduce(ratio: int):
    """The kernel reduce(source, out): each cell of `out` is the mean of ratio x ratio cells of `source`."""
    share = 1.0 / (ratio * ratio)

    @in_vectors
    @ti.kernel
    def reduce(source: PLANES, out: PLANES):
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
