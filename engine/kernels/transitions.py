"""Two pictures of packed RGBA8 mixed: by one share, pixel after pixel in a given order, or the bright ones first.

Shares are whole 256ths, worked out in integers: the same on every backend. All of it is written in vectors of LANES
pixels (see engine.kernels.planes.in_vectors; a 1080p crossfade: 6.7 -> 1.1 ms), with integers that have a sign, as
Taichi cannot cast vectors: what `>>` brings in from the left is masked away.

An order is a number a pixel, STEPS of which the soft edge is wide: a pixel's share rises from 0 to all while the front
goes from its order to STEPS more.
"""

import taichi as ti

from engine.kernels import ieee, noise
from engine.kernels.planes import in_vectors
from engine.kernels.raster import LANES, PIXELS
from engine.loops import LOOPS

STEPS = 1024
LIGHTEST = 2032
"""The order of black, by light; white comes at 0."""
EVEN, ODD = 0x00FF00FF, -16711936
"""Bytes 0 and 2 of a word, and bytes 1 and 3."""


@ti.func
def blend(mine, theirs, share):
    """Mine * share + theirs * (256 - share), in 1/256, per channel of packed RGBA8."""
    rest = 256 - share
    low = ((mine & EVEN) * share + (theirs & EVEN) * rest + 0x800080) >> 8
    high = ((mine >> 8) & EVEN) * share + ((theirs >> 8) & EVEN) * rest + 0x800080
    return (low & EVEN) | (high & ODD)


@ti.func
def passed(distance):
    """The share of a pixel that the front passed by `distance` steps: 0 to 256, smooth at both ends."""
    t = ieee.high(ieee.low(distance, STEPS), 0)
    return (t * t * (3 * STEPS - 2 * t)) >> 22


@in_vectors
@ti.kernel
def mix_frames(out: PIXELS, other: PIXELS, share: ti.i32):
    """out = out * share + other * (256 - share), in 1/256, per channel of packed RGBA8 (a crossfade as shown)."""
    ti.loop_config(serialize=LOOPS.serial)
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            out[y, x] = blend(out[y, x], other[y, x], share)


@in_vectors
@ti.kernel
def mix_by_order(out: PIXELS, other: PIXELS, order: PIXELS, front: ti.i32):
    """Out where the front has passed, other where it has not."""
    ti.loop_config(serialize=LOOPS.serial)
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            out[y, x] = blend(out[y, x], other[y, x], passed(front - order[y, x]))


@in_vectors
@ti.kernel
def mix_by_light(out: PIXELS, other: PIXELS, front: ti.i32):
    """The same, the brighter parts of `out` first. front: 0 to LIGHTEST + STEPS."""
    ti.loop_config(serialize=LOOPS.serial)
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            mine = out[y, x]
            luma = ((mine & 255) * 77 + ((mine >> 8) & 255) * 150 + ((mine >> 16) & 255) * 29) >> 6
            # 2x - x^2: most pictures are dark, and would otherwise come almost at once, at the end.
            out[y, x] = blend(mine, other[y, x], passed(front - LIGHTEST + ((luma * (2040 - luma)) >> 9)))


@ti.func
def _place(x, y, width, height):
    """A pixel's centre as the picture's coordinates: its shorter side spans -1..1, v points down."""
    px = 2.0 / ti.min(width, height)
    return (ti.cast(x, ti.f32) + 0.5 - 0.5 * width) * px, (ti.cast(y, ti.f32) + 0.5 - 0.5 * height) * px


def _compile_order(rank):
    """The kernel order(out, width, height, a, b, salt, scale): rank, a ti.func (u, v, eu, ev, a, b, salt) -> 0..1.

    eu, ev: the picture's half extents. The order is the rank times `scale`.
    """

    @ti.kernel
    def order(out: PIXELS, width: ti.f32, height: ti.f32, a: ti.f32, b: ti.f32, salt: ti.i32, scale: ti.f32):
        ti.loop_config(serialize=LOOPS.serial)
        for y, strip in ti.ndrange(out.shape[0], out.shape[1]):
            short = ti.min(width, height)
            found = ti.Vector([0] * LANES, dt=ti.i32)
            for i in range(LANES):
                u, v = _place(strip * LANES + i, y, width, height)
                t = ieee.clamp01(rank(u, v, width / short, height / short, a, b, salt))
                found[i] = ti.cast(t * scale + 0.5, ti.i32)
            out[y, strip] = found

    return order


@ti.func
def _along(u, v, eu, ev, a, b, _salt):
    """How far along the direction (a, b)."""
    return 0.5 + 0.5 * (u * a + v * b) / (eu * ti.abs(a) + ev * ti.abs(b))


@ti.func
def _around(u, v, eu, ev, a, b, _salt):
    """How far from the point at the shares (a, b) of the half extents; 1 in the corner that is farthest."""
    x, y = u - a * eu, v - b * ev
    far_x, far_y = eu + ti.abs(a * eu), ev + ti.abs(b * ev)
    return ti.sqrt((x * x + y * y) / (far_x * far_x + far_y * far_y))


@ti.func
def _grains(u, v, _eu, _ev, _a, _b, salt):
    """Clouds with finer ones in them, stretched so that all ranks are about as frequent."""
    # Each is turned, so that the lattices of the three do not show.
    coarse = noise.value2(2.1 * (0.8 * u + 0.6 * v), 2.1 * (0.8 * v - 0.6 * u), salt)
    middle = noise.value2(5.3 * u + 31.7, 5.3 * v, salt + 1)
    fine = noise.value2(14.0 * (0.6 * u + 0.8 * v) + 11.3, 14.0 * (0.6 * v - 0.8 * u), salt + 2)
    return 0.5 + 0.8 * (0.55 * coarse + 0.32 * middle + 0.13 * fine)


order_along, order_around, order_grains = _compile_order(_along), _compile_order(_around), _compile_order(_grains)
