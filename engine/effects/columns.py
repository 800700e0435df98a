"""Columns: a flight through endless arcades over a mirror; the light of the last seconds runs along their arches.

A row of arches is a wall across the way: at a screen column it is open up to one height, or not at all where a column
stands. A pixel asks the rows from the farthest to the nearest whether they hide it; below the floor's line it asks with
its height mirrored.
"""

import taichi as ti

from engine.effects.base import Program, Slots
from engine.effects.layered import ALL, NOTHING, PART, layered
from engine.effects.spectrum import history_at
from engine.kernels import ieee, raster

ROWS = 10
NUMBERS = 3
LENS = 0.80
"""Half of the shorter side, at a distance of 1."""
EYE = 0.45
"""The viewer's height above the floor."""
SPRING = 1.0
"""Where arches begin, above the floor."""
WAVES = 0.016
"""How far the mirror's waves move what is a row away."""
COLUMN = -9.0
"""The opening's height where a column stands: there is none."""
SECONDS = 0.13
"""What is one row farther sounded this much earlier."""


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    TRAVEL, SWAY, THICK, LIGHT, METER, FOG, MIRROR, GLOW, GAIN = slots.params(
        "travel", "sway", "thick", "light", "meter", "fog", "mirror", "glow", "gain"
    )
    ramp = slots.ramp

    @ti.func
    def curve(u, k, row: ti.template(), tables: ti.template()):
        shift = row[TRAVEL] - ti.floor(row[TRAVEL])
        pan = row[SWAY] * ieee.sin(row[raster.T] * 0.13 + 6.0 * row[raster.SEED])
        away = k + 1.0 - shift
        across = 0.3 * pan + (u * LENS + 0.12 * pan) * away
        bay = ti.floor(across + 0.5)
        # 0 in the middle of a bay, 0.5 in the middle of a column.
        beside = ti.abs(across - bay)
        reach = 0.5 - row[THICK]
        inside = ieee.clamp01(1.0 - (beside / reach) * (beside / reach))
        solid = ti.cast(beside >= reach, ti.f32)
        opening = ti.select(solid > 0.5, COLUMN, SPRING + reach * ti.sqrt(inside))
        # Farther from the middle of the way is higher in the spectrum.
        place = ti.abs(ti.select(solid > 0.5, ti.floor(across) + 0.5, across))
        # The mean of a quarter of a second: rows of columns must not flash.
        band = 0.0
        for j in range(6):
            band += (1.0 / 6.0) * history_at(tables, away * SECONDS + 0.05 * j, ieee.clamp01(0.03 + 0.13 * place))
        bend = (beside - 0.5) / row[THICK] * ti.select(across > bay, 1.0, -1.0)
        flute = 0.86 + 0.14 * ieee.cos(22.0 * bend)
        post = ti.sqrt(ieee.high(1.0 - bend * bend, 0.0)) * solid * flute
        return ti.Vector([opening, post, band * band])

    @ti.func
    def begin(u, v, row: ti.template()):
        # Waves in the mirror, slower and larger towards the viewer.
        depth = 1.0 / (ieee.high(-v, 0.0) + 0.06)
        wave = ieee.sin(9.0 * depth + 4.0 * u * depth + 1.1 * row[raster.T])
        wave += ieee.sin(23.0 * depth - 7.0 * u - 1.7 * row[raster.T])
        return ti.Vector([1.0, 0.0, 0.5, 0.0, 1.0, 0.5 * WAVES * wave])

    @ti.func
    def layer(u, v, px, row: ti.template(), k, own, known):
        fog, light, hue, stone, wet, wave = known[0], known[1], known[2], known[3], known[4], known[5]
        shift = row[TRAVEL] - ti.floor(row[TRAVEL])
        up = v * LENS
        away = k + 1.0 - shift
        deep = away * (1.0 / ROWS)
        y = up * away + EYE
        under = ti.cast(y < 0.0, ti.f32)
        height = ti.abs(y + under * wave * away)
        over = height - own[0]
        cover = ieee.clamp01(0.5 + over * (1.0 / (px * LENS * away)))
        cover *= ti.select(k == ROWS - 1, 1.0 - (1.0 - shift) * (1.0 - shift), 1.0)
        post = own[1]
        level = own[2]
        # The arch's edge glows; a column is lit up to the height of its band, brightest at the top.
        edge = ieee.clamp01(1.0 - over * 11.0)
        spill = ieee.clamp01(1.0 - over * 1.3)
        below = level * row[METER] * (SPRING + 0.2) - height
        lit = ieee.clamp01(below * 9.0 + 0.5)
        top = ieee.clamp01(1.0 - 1.9 * ti.abs(below))
        here = (edge * edge * 1.2 + 0.10 * spill * spill) * (0.12 + level) + post * lit * (0.25 + 0.9 * top * top)
        wall = (0.25 + 0.75 * post * post) * ieee.clamp01(1.25 - 0.42 * height)
        fog += (deep - fog) * cover
        light += (here - light) * cover
        hue += (0.34 + 0.40 * ieee.low(height, 1.15) - hue) * cover
        stone += (wall - stone) * cover
        wet += (1.0 - under * (1.0 - row[MIRROR]) - wet) * cover
        return ti.Vector([fog, light, hue, stone, wet, wave])

    @ti.func
    def hides(v, px, row: ti.template(), k, low, high, own):
        away = k + 1.0 - (row[TRAVEL] - ti.floor(row[TRAVEL]))
        height = ti.abs(v * LENS * away + EYE)
        margin = px * LENS * away + WAVES * away
        whole = (height - high > margin) & (k < ROWS - 1)
        return ti.select(height - low < -margin, NOTHING, ti.select(whole, ALL, PART))

    @ti.func
    def finish(u, v, px, row: ti.template(), known):
        fog, light, hue, stone, wet = known[0], known[1], known[2], known[3], known[4]
        pan = row[SWAY] * ieee.sin(row[raster.T] * 0.13 + 6.0 * row[raster.SEED])
        cu = u + 0.12 * pan / LENS
        near = cu * cu + v * v
        far = 1.0 / (1.0 + 5.0 * near)
        clear = 1.0 - fog
        haze = ieee.clamp01(fog * (0.15 + 0.95 * fog)) * row[FOG]
        end = ramp(row, 0.26 + 0.56 * far) * (row[GLOW] * (0.16 + far * far))
        tone = ramp(row, 0.08 + 0.14 * stone + 0.10 * fog) * (stone * 0.30)
        tone += ramp(row, hue) * (light * row[LIGHT] * (0.35 + 0.65 * clear))
        color = tone + (end - tone) * haze
        shaft = row[GLOW] * 0.05 / (0.15 + near)
        return (color * wet + ramp(row, 0.45) * (shaft * far * wet)) * row[GAIN]

    return layered(slots.size, ROWS, NUMBERS, 6, (curve, begin, layer, finish, hides))
