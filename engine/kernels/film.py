"""Pixel by pixel on packed RGBA8, in integers and in vectors of LANES pixels: scanlines, then grain."""

import taichi as ti

from engine.kernels import ieee
from engine.kernels.planes import in_vectors
from engine.kernels.raster import FLAT_PIXELS, LANES, PIXELS
from engine.kernels.transitions import EVEN, ODD
from engine.loops import LOOPS

WORDS = ti.types.vector(LANES, ti.i32)
NUMBERS = ti.types.ndarray(dtype=ti.i32, ndim=1)
TILE = 512
"""Rows and columns of the grain, which repeats; a power of 2."""
DARKEST = 16
"""What black and white have of grain, where middle grey has 81."""


@ti.func
def _grained(channel, added):
    return ieee.high(ieee.low(channel + added, 255), 0)


def compile_film(lines: bool, grain: bool):
    """The kernel film(out, shares, tile, row, strip, strength): scanlines, grain or both, in place.

    shares: what is left of each row, in 256ths. tile: TILE x TILE numbers around 0, of which the frame begins at row
    `row` and strip `strip`; strength: of the grain, in 256ths. Grain is strongest in middle tones.
    """
    across = TILE // LANES

    @in_vectors
    @ti.kernel
    def film(out: PIXELS, shares: NUMBERS, tile: FLAT_PIXELS, row: ti.i32, strip: ti.i32, strength: ti.i32):
        ti.loop_config(serialize=LOOPS.serial)
        for y in range(out.shape[0]):
            share = shares[y]
            start = ((y + row) & (TILE - 1)) * across
            for x in range(out.shape[1]):
                found = out[y, x]
                if ti.static(lines):
                    low = ((found & EVEN) * share + 0x800080) >> 8
                    high = ((found >> 8) & EVEN) * share + 0x800080
                    found = (low & EVEN) | (high & ODD)
                if ti.static(grain):
                    red, green, blue = found & 255, (found >> 8) & 255, (found >> 16) & 255
                    luma = (red + 2 * green + blue) >> 2
                    weight = ((luma + DARKEST) * (255 + DARKEST - luma)) >> 8
                    added = (tile[start + ((x + strip) & (across - 1))] * weight * strength + 0x4000) >> 15
                    r, g, b = _grained(red, added), _grained(green, added), _grained(blue, added)
                    found = r | (g << 8) | (b << 16)
                out[y, x] = found | ti.i32(-16777216)

    return film
