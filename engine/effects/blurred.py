"""Blurred: the cover art as a soft cloth of light that turns and bends, with the shadow and the glow of a sleeve on it.

The blurred picture is a sum of cosine waves (see engine.art): no lookups, and beyond its edges it goes on mirrored.
"""

import taichi as ti

from engine.art import PAIRS, WAVES
from engine.effects.base import Program, Slots
from engine.kernels import ieee, raster, sdf
from engine.kernels.color import luminance


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    TURN, DRIFT, ZOOM, GAIN, SATURATION, GLOW, SHADOW, SIZE, ROUND, AXIS = slots.params(
        "turn", "drift", "zoom", "gain", "saturation", "glow", "shadow", "size", "round", "axis"
    )

    ramp = slots.ramp

    @ti.func
    def cosines(place):
        """Of 0 to WAVES - 1 half turns times the place, by Chebyshev's recurrence."""
        found = ti.Vector([1.0] * WAVES)
        found[1] = ieee.cos(ieee.PI * place)
        for k in ti.static(range(2, WAVES)):
            found[k] = 2.0 * found[1] * found[k - 1] - found[k - 2]
        return found

    @ti.func
    def pixel(u, v, px, row: ti.template(), tables: ti.template(), col: ti.template(), tex: ti.template()):
        drift = row[DRIFT]
        s, c = ieee.sincos(row[TURN])
        x = u * c - v * s
        y = u * s + v * c
        x += 0.22 * ieee.sin(1.4 * y + drift) + 0.10 * ieee.sin(0.61 * drift)
        y += 0.22 * ieee.sin(1.3 * x - 0.83 * drift) + 0.10 * ieee.sin(0.47 * drift + 2.0)
        half = 0.5 * row[ZOOM] / ieee.high(row[raster.EXTENT_U], row[raster.EXTENT_V])
        across = cosines(0.5 + x * half)
        up = cosines(0.5 + y * half)
        color = ti.Vector([0.0, 0.0, 0.0])
        for n in ti.static(range(len(PAIRS))):
            wave = across[PAIRS[n][0]] * up[PAIRS[n][1]]
            for k in ti.static(range(3)):
                color[k] += tables[raster.ART_ROW, 1 + 3 * n + k] * wave
        grey = luminance(color)
        for k in ti.static(range(3)):
            color[k] = ieee.high(grey + (color[k] - grey) * row[SATURATION], 0.0)
        # A bright picture must not drown what stands before it, and a black one still has a backdrop: the palette's.
        dark = ieee.clamp01(1.0 - 10.0 * grey)
        color = (color + ramp(row, 0.3) * (0.2 * dark * dark)) * (row[GAIN] / (0.35 + 2.5 * ieee.high(grey, 0.0)))
        size = row[SIZE]
        high = v - row[AXIS] * row[raster.EXTENT_V]
        d = sdf.box(u, high, size, size, size * row[ROUND])
        under = ieee.high(sdf.box(u, high + 0.09 * size, size, size, size * row[ROUND]), 0.0) * (4.0 / size)
        near = ieee.high(d, 0.0) * (1.6 / size)
        color *= 1.0 + row[GLOW] / (1.0 + near * near)
        shade = ieee.low(row[SHADOW] / (1.0 + under * under), 1.0)
        return color * ((1.0 - shade) * ieee.clamp01(d / px + 0.5))

    return Program(pixel, smooth=True)
