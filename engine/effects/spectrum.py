"""Looking up the spectrum inside kernels."""

import taichi as ti

from engine.kernels import ieee
from engine.timeline import BANDS


@ti.func
def band_at(tables: ti.template(), which: ti.template(), place):
    """A band's value at a place in 0..1 along the spectrum, interpolated between the bands' centres."""
    at = ieee.low(ieee.high(place * BANDS - 0.5, 0.0), BANDS - 1.001)
    low = ti.cast(at, ti.i32)
    a = tables[which, low]
    return a + (tables[which, low + 1] - a) * (at - ti.cast(low, ti.f32))
