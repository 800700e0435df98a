"""Terrain: a flight over ridge after ridge of misty mountains towards a low sun, which the last seconds run over.

Each ridge is one curve over the columns; a pixel asks from the farthest to the nearest which of them hide it. Fog and
rim light are kept as two numbers until the end, so that a pixel costs one palette.
"""

import taichi as ti

from engine.effects.base import Program, Slots
from engine.effects.layered import ALL, NOTHING, PART, layered
from engine.effects.spectrum import history_at
from engine.kernels import ieee, noise, raster

RIDGES = 15
STEP = 0.29
"""Each ridge is 2 ** STEP times as far away as the one before it."""
NEAREST = 0.46
EYE = 1.25
"""The viewer's height above the valley."""
SECONDS = 0.3
"""What is one ridge farther sounded this much earlier."""
FINE = 4


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    TRAVEL, HEIGHT, WAVES, HORIZON, SUN, RADIUS, MIST, RIM, GAIN = slots.params(
        "travel", "height", "waves", "horizon", "sun", "radius", "mist", "rim", "gain"
    )
    ramp = slots.ramp

    @ti.func
    def curve(u, k, row: ti.template(), tables: ti.template()):
        salt = ti.cast(row[raster.SEED] * 4096.0, ti.i32)
        first = ti.floor(row[TRAVEL])
        number = ti.cast(first, ti.i32) + k
        away = k + 1.0 - (row[TRAVEL] - first)
        z = NEAREST * ieee.exp2(away * STEP)
        place = u * z
        shift = noise.unit(noise.hash2(number, salt)) * 64.0
        rock, size, scale = 0.0, 1.0, 0.62
        for j in range(FINE):
            rough = noise.value2(place * scale + shift, 0.5, salt + 5 * j)
            rock += size * ti.select(j < 2, 1.0 - 1.5 * ti.abs(rough), rough)
            size *= 0.46
            scale *= 2.3
        side = ti.abs(place)
        open_ = ieee.smoothstep(0.1, 4.6, side)
        band = history_at(tables, away * SECONDS, ieee.clamp01(0.04 + 0.16 * side / (0.35 + 0.1 * z)))
        lift = row[WAVES] * band * (0.22 + 0.5 * open_)
        tall = row[HEIGHT] * (0.16 + 1.5 * open_) * (0.75 + 0.6 * rock) + lift
        edge = row[HORIZON] * row[raster.EXTENT_V] + (tall - EYE) / z
        shine = (0.15 + 1.3 * band * band) * (0.6 + 0.4 * rock)
        return ti.Vector([edge, shine])

    @ti.func
    def begin(u, v, row: ti.template()):
        return ti.Vector([0.0] * 3)

    @ti.func
    def layer(u, v, px, row: ti.template(), k, own, known):
        fog, rim, land = known[0], known[1], known[2]
        sharp = 1.0 / px
        shift = row[TRAVEL] - ti.floor(row[TRAVEL])
        away = k + 1.0 - shift
        far = away * (1.0 / RIDGES)
        deep = own[0] - v
        cover = ieee.clamp01(0.5 + deep * sharp)
        cover *= ti.select(k == RIDGES - 1, 1.0 - shift_in(shift), 1.0)
        cover *= ti.select(k == 0, ieee.clamp01(away * 2.5), 1.0)
        mist = ieee.clamp01(deep * (0.7 + 2.6 * far)) * row[MIST]
        here = far + (1.0 - far) * mist * (0.22 + 0.5 * far)
        edge = ieee.clamp01(1.0 - deep * (13.0 + 26.0 * far))
        fog += (here - fog) * cover
        rim += (edge * edge * own[1] - rim) * cover
        land += (1.0 - land) * cover
        return ti.Vector([fog, rim, land])

    @ti.func
    def hides(v, px, row: ti.template(), k, low, high, own):
        # The nearest fades out and the farthest in: they never hide all.
        whole = (low - v > px) & (k > 0) & (k < RIDGES - 1)
        return ti.select(high - v < -px, NOTHING, ti.select(whole, ALL, PART))

    @ti.func
    def finish(u, v, px, row: ti.template(), known):
        fog, rim, land = known[0], known[1], known[2]
        sharp = 1.0 / px
        level = row[HORIZON] * row[raster.EXTENT_V]
        up = v - level
        sx = u - 0.22 * row[raster.EXTENT_U]
        sy = up - 0.30
        r2 = sx * sx + sy * sy
        r = ti.sqrt(r2)
        disc = ieee.clamp01((row[RADIUS] - r) * (0.25 * sharp))
        warm = 1.0 / (1.0 + 2.2 * r2)
        high = ieee.clamp01(up * (0.75 / row[raster.EXTENT_V]))
        streak = noise.value2(u * 0.9 + 0.02 * row[raster.T], v * 7.0 + 0.4 * u, 3)
        cirrus = ieee.clamp01(streak * 0.9 + 0.22 * ieee.sin(v * 31.0 + u * 3.1 + 4.0 * streak) - 0.05)
        glow = row[SUN] * (0.05 / (r2 + 0.05) + 0.35 * warm)
        sky = ramp(row, 0.16 + 0.44 * (1.0 - high) * (1.0 - 0.6 * high) + 0.10 * warm) * (0.30 + 0.35 * (1.0 - high))
        sky += ramp(row, 0.72) * (glow * 0.40) + ramp(row, 0.86) * (cirrus * 0.16 * (0.25 + warm) * row[SUN])
        sky += ramp(row, 0.93 + 0.4 * sy) * (disc * row[SUN] * 1.1)
        dark = 0.05 + 0.10 * fog + 0.50 * fog * fog
        ground = ramp(row, 0.03 + 0.60 * fog + 0.07 * fog * warm) * dark
        ground += ramp(row, 0.74) * (fog * fog * warm * 0.30 * row[SUN])
        ground += ramp(row, 0.80) * (rim * row[RIM] * (0.16 + 0.9 * warm))
        return (sky + (ground - sky) * land) * row[GAIN]

    return layered(slots.size, RIDGES, 2, 3, (curve, begin, layer, finish, hides))


@ti.func
def shift_in(shift):
    """How much of the farthest ridge is still hidden: each comes out of the haze before the next one is due."""
    return (1.0 - shift) * (1.0 - shift)
