"""Truchet: three nets of tubes, one behind the other; lights run along them.

A tile holds two quarter circles about opposite corners, turned by chance. On tiles of one colour of a chessboard a tube
runs from a side to top or bottom, on the others back: so lights keep their direction from tile to tile.
"""

import taichi as ti

from engine.effects.base import Program, Slots
from engine.effects.spectrum import band_at
from engine.kernels import ieee, noise, raster

LAYERS = ((0.42, 2.05, 1.9, 0.30), (0.68, 1.45, 0.8, 0.55), (1.0, 1.0, 0.0, 1.0))
"""Far to near: (pace, tiles, turn in radians, light)."""


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    TRAVEL, RUN, TILES, WIDTH, GAIN, LIGHTS, TURN = slots.params(
        "travel", "run", "tiles", "width", "gain", "lights", "turn"
    )
    ramp = slots.ramp

    @ti.func
    def pixel(u, v, px, row: ti.template(), tables: ti.template(), col: ti.template(), tex: ti.template()):
        r = ti.sqrt(u * u + v * v)
        band = band_at(tables, raster.BANDS_ROW, ieee.clamp01(r * 0.55))
        lit = row[LIGHTS] * (0.10 + 1.5 * band * band)
        width = row[WIDTH]
        color = ramp(row, 0.05 + 0.10 * (1.0 - ieee.clamp01(0.6 * r)))
        for k in ti.static(range(len(LAYERS))):
            pace, more, turn, near = ti.static(LAYERS[k])
            tiles = row[TILES] * more
            c = ieee.cos(row[TURN] * pace + turn)
            s = ieee.sin(row[TURN] * pace + turn)
            x = (u * c - v * s) * tiles + row[TRAVEL] * pace
            y = (u * s + v * c) * tiles + row[TRAVEL] * (0.37 * pace)
            fx, fy = ti.floor(x), ti.floor(y)
            ix, iy = ti.cast(fx, ti.i32), ti.cast(fy, ti.i32)
            h = noise.quick2(ix + 613 * k + ti.cast(row[raster.SEED] * 977.0, ti.i32), iy)
            side = ti.select((h & ti.u32(1)) == ti.u32(0), 1.0, -1.0)
            odd = ti.cast((ix + iy) & 1, ti.f32)
            tx = (x - fx - 0.5) * side
            ty = y - fy - 0.5
            corner = ti.select(tx + ty > 0.0, 0.5, -0.5)
            dx, dy = tx - corner, ty - corner
            far = ti.sqrt(dx * dx + dy * dy) + 1e-5
            off = far - 0.5
            d = ti.abs(off)
            ax, ay = ti.abs(dx), ti.abs(dy)
            # About the angle of the place on its arc, as a share of the quarter circle.
            turned = ay / (ax + ay + 1e-6)
            along = ti.select(odd > 0.5, 1.0 + turned, 1.0 - turned)
            phase = ieee.fract(0.5 * along - row[RUN] * ti.static(0.7 + 0.3 * near) + 0.31 * k)
            pulse = phase * phase
            pulse = pulse * pulse
            pulse = pulse * pulse
            pulse = pulse * (0.35 + 0.65 * pulse) * ieee.clamp01((1.0 - phase) * 9.0)
            n = off / width
            rise = ti.sqrt(ieee.high(1.0 - n * n, 0.0))
            nx = n * dx / far
            ny = n * dy / far
            nx = nx * side
            # The light stands above to the left, in the picture.
            gx = nx * c + ny * s
            gy = ny * c - nx * s
            shade = ieee.clamp01(0.16 + 0.5 * rise - 0.42 * gx + 0.52 * gy)
            gloss = ieee.clamp01(0.55 * rise - 0.50 * gx + 0.62 * gy)
            gloss = gloss * gloss
            gloss = gloss * gloss
            gloss = gloss * gloss
            glow = pulse * lit * near
            cover = ieee.clamp01((width - d) / (px * tiles) + 0.5)
            wide = ieee.clamp01((d - width) * (1.0 / 0.2))
            # What is below lies in the shadow of the tube, and in its light.
            shadow = ieee.mix(0.42, 1.0, wide)
            halo = 1.0 / (1.0 + (d * d) * (9.0 / (width * width)))
            tone = 0.24 + 0.22 * near + 0.06 * band
            tube = ramp(row, tone) * (near * (0.03 + 0.62 * shade * shade)) + ramp(row, 0.95) * (near * gloss * 0.40)
            hot = ieee.clamp01(1.6 * glow)
            tube = tube * (1.0 - 0.85 * hot) + ramp(row, 0.70 + 0.22 * rise) * (glow * (0.25 + 1.0 * rise))
            under = color * shadow + ramp(row, 0.70) * (glow * halo * 0.7)
            color = under + (tube - under) * cover
        return color * row[GAIN]

    return Program(pixel, smooth=True)
