"""LED: columns of lamps behind a pane of glass, with held peaks, mirrored in the table it stands on."""

import taichi as ti

from engine.effects.base import Program, Slots
from engine.effects.spectrum import band_at
from engine.kernels import ieee, raster, sdf


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    COUNT, LAMPS, FILL, WIDTH, FLOOR, HEIGHT, GAIN, UNLIT, PEAK, MIRROR, SHEEN, RIM, HUE = slots.params(
        "count", "lamps", "fill", "width", "floor", "height", "gain", "unlit", "peak", "mirror", "sheen", "rim", "hue"
    )
    ramp = slots.ramp
    OWN = slots.columns

    @ti.func
    def columns(u, x, row: ti.template(), tables: ti.template()):
        span = row[raster.EXTENT_U] * row[WIDTH]
        count = ti.floor(row[COUNT])
        place = (u / span * 0.5 + 0.5) * count
        bar = ti.floor(place)
        inside = ti.select((bar >= 0.0) & (bar < count), 1.0, 0.0)
        along = (bar + 0.5) / count
        # The loudest of the bands that share the column.
        third = 0.33 / count
        level, peak = 0.0, 0.0
        for k in ti.static(range(3)):
            at = along + (k - 1) * third
            level = ieee.high(level, band_at(tables, raster.BANDS_ROW, at))
            peak = ieee.high(peak, band_at(tables, raster.PEAKS_ROW, at))
        beside = ti.select(inside > 0.5, (place - bar - 0.5) * 2.0 * span / count, 9.0)
        lamps = ti.floor(row[LAMPS])
        held = ieee.high(peak * lamps - 1.0, 0.0) + ti.select(peak > 0.02, 0.0, -9.0)
        return ti.Vector([ti.abs(beside), level * lamps, held, along])

    @ti.func
    def pixel(u, v, px, row: ti.template(), tables: ti.template(), col: ti.template(), tex: ti.template()):
        sharp = 1.0 / px
        span = row[raster.EXTENT_U] * row[WIDTH]
        half = row[FILL] * span / ti.floor(row[COUNT])
        lamps = ti.floor(row[LAMPS])
        floor = row[FLOOR] * row[raster.EXTENT_V]
        tall = row[HEIGHT] * row[raster.EXTENT_V]
        pitch = tall / lamps
        rim = 0.06
        up = v - floor + rim
        under = ti.select(up < 0.0, 1.0, 0.0)
        y = ti.abs(up) - rim
        fade = 1.0 + under * (row[MIRROR] * ieee.high(1.0 - (y + rim) * 2.6, 0.0) - 1.0)
        place = y / pitch
        lamp = ti.floor(place)
        share = (lamp + 0.5) / lamps
        listed = ti.select((lamp >= 0.0) & (lamp < lamps), 1.0, 0.0)
        tallness = row[FILL] * 0.5 * pitch
        radius = 0.45 * ieee.low(half, tallness)
        across = col[OWN]
        shape = sdf.coverage(sdf.box(across, (place - lamp - 0.5) * pitch, half, tallness, radius), sharp) * listed
        lit = ieee.clamp01(col[OWN + 1] - lamp)
        lit = lit * lit
        held = ieee.clamp01(1.0 - ti.abs(col[OWN + 2] - lamp)) * row[PEAK]
        # A lamp is brightest in its middle; dark ones are seen by the light that falls on the glass.
        x = across / half
        dome = 0.55 + 0.6 * ieee.high(1.0 - x * x, 0.0)
        tone = ramp(row, 0.34 + 0.62 * share + row[HUE] * (col[OWN + 3] - 0.5))
        on = (lit * (0.45 + 0.75 * share) * row[GAIN] + held * (0.4 + 0.8 * share)) * dome
        color = (tone * (on + row[UNLIT] * (0.5 + 0.5 * dome)) + held * 0.22 * dome) * shape
        # The pane: a rounded box, its rim, and a reflection that leans over it.
        box = sdf.box(u, y - 0.5 * tall, span + rim, 0.5 * tall + rim, 0.07)
        pane = sdf.coverage(box, sharp)
        line = ieee.clamp01(1.2 - ti.abs(box + 1.5 * px) * (0.5 * sharp))
        lean = u * 0.62 + (v - floor) * 0.4 - row[SHEEN]
        band = ieee.clamp01(1.0 - ti.abs(lean) * 2.4)
        thin = ieee.clamp01(1.0 - ti.abs(lean - 0.62) * 9.0)
        glass = (band * band + 0.6 * thin * thin) * 0.030 + 0.012
        color += ramp(row, 0.45) * (glass * pane) + ramp(row, 0.6) * (line * row[RIM])
        return color * fade

    @ti.func
    def touches(u0, u1, v, row: ti.template(), most: ti.template(), place):
        span = row[raster.EXTENT_U] * row[WIDTH] + 0.08
        up = v - row[FLOOR] * row[raster.EXTENT_V]
        tall = row[HEIGHT] * row[raster.EXTENT_V]
        near = ieee.high(ieee.high(u0, -u1), 0.0)
        return ti.cast((near < span) & (up > -0.52) & (up < tall + 0.08), ti.i32)

    return Program(pixel, columns=columns, touches=touches)
