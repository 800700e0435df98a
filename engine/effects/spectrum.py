"""Looking up the spectrum inside kernels."""

import taichi as ti

from engine.kernels import ieee, raster
from engine.past import HISTORY, HISTORY_RATE
from engine.timeline import BANDS


@ti.func
def _between(place):
    """The lower of the two bands beside a place in 0..1 along the spectrum, and the share of the upper one."""
    at = ieee.low(ieee.high(place * BANDS - 0.5, 0.0), BANDS - 1.001)
    low = ti.cast(at, ti.i32)
    return low, at - ti.cast(low, ti.f32)


@ti.func
def band_at(tables: ti.template(), which: ti.template(), place):
    """A band's value at a place in 0..1 along the spectrum, interpolated between the bands' centres."""
    low, share = _between(place)
    a = tables[which, low]
    return a + (tables[which, low + 1] - a) * share


@ti.func
def history_at(tables: ti.template(), age, place):
    """A band's value `age` seconds ago (0 to 7.9), at a place in 0..1 along the spectrum; interpolated in both.

    The effect must read "history" (see engine.tables).
    """
    back = ieee.low(ieee.high(age * HISTORY_RATE - tables[raster.HISTORY_ROW, 0], 0.0), HISTORY - 1.001)
    line = ti.cast(back, ti.i32)
    share = back - ti.cast(line, ti.f32)
    low, part = _between(place)
    row = raster.HISTORY_ROW + 1 + line
    newer = tables[row, low] + (tables[row, low + 1] - tables[row, low]) * part
    older = tables[row + 1, low] + (tables[row + 1, low + 1] - tables[row + 1, low]) * part
    return newer + (older - newer) * share
