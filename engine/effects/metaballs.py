"""Metaballs: drops of liquid metal that merge and part; each swells with its part of the spectrum.

The drops are a sum of soft bumps over the picture's plane. Its root is the height of a surface, whose slope is known in
closed form: normals are exact and the rim is round, at the price of one loop over the drops and no marching.
"""

import taichi as ti

from engine.effects.base import Program, Slots
from engine.effects.layered import NOTHING, PART, layered
from engine.effects.spectrum import band_at
from engine.kernels import ieee, noise, raster

DROPS = 10
NUMBERS = 4
LEVEL = 0.26
"""Where the sum of bumps passes this the liquid begins."""


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    FLOW, SIZE, SWELL, SPREAD, RIPPLE, SHINE, GLOW, GAIN = slots.params(
        "flow", "size", "swell", "spread", "ripple", "shine", "glow", "gain"
    )
    ramp = slots.ramp

    @ti.func
    def curve(u, k, row: ti.template(), tables: ti.template()):
        salt = ti.cast(row[raster.SEED] * 4096.0, ti.i32)
        a = noise.unit(noise.hash2(3 * k, salt))
        b = noise.unit(noise.hash2(3 * k + 1, salt))
        c = noise.unit(noise.hash2(3 * k + 2, salt))
        flow = row[FLOW]
        out = row[SPREAD] * (0.30 + 0.42 * ti.sqrt((k + 0.5) / DROPS))
        at_u = out * row[raster.EXTENT_U] * ieee.sin(flow * (0.31 + 0.37 * a) + ieee.TAU * b)
        at_v = out * row[raster.EXTENT_V] * ieee.sin(flow * (0.27 + 0.33 * b) + ieee.TAU * c)
        deep = ieee.sin(flow * (0.23 + 0.3 * c) + ieee.TAU * a)
        band = band_at(tables, raster.BANDS_ROW, 0.02 + 0.9 * k / DROPS)
        radius = row[SIZE] * (1.28 - 0.075 * k) * (1.0 + 0.16 * deep) * (0.72 + row[SWELL] * band)
        return ti.Vector([u - at_u, at_v, 1.0 / (radius * radius), 0.5 + 0.5 * deep])

    @ti.func
    def begin(u, v, row: ti.template()):
        return ti.Vector([0.0] * 4)

    @ti.func
    def layer(u, v, px, row: ti.template(), k, own, known):
        total, slope_u, slope_v, deep = known[0], known[1], known[2], known[3]
        du = own[0]
        dv = v - own[1]
        inverse = own[2]
        left = ieee.high(1.0 - (du * du + dv * dv) * inverse, 0.0)
        square = left * left
        bump = square * left
        steep = square * inverse * 6.0
        total += bump
        slope_u += steep * du
        slope_v += steep * dv
        deep += bump * own[3]
        return ti.Vector([total, slope_u, slope_v, deep])

    @ti.func
    def hides(v, px, row: ti.template(), k, low, high, own):
        du = ieee.high(ieee.high(low, -high), 0.0)
        dv = v - own[1]
        return ti.select((du * du + dv * dv) * own[2] < 1.0, PART, NOTHING)

    @ti.func
    def finish(u, v, px, row: ti.template(), known):
        total, slope_u, slope_v, deep = known[0], known[1], known[2], known[3]
        deep /= total + 1e-4
        above = total - LEVEL
        steepness = ti.sqrt(slope_u * slope_u + slope_v * slope_v)
        cover = ieee.clamp01(above / (steepness * px + 1e-5) + 0.5)
        wave = ieee.sin(u * 19.0 + 5.0 * v + 2.0 * row[FLOW]) * ieee.sin(v * 23.0 - 3.0 * u - 1.7 * row[FLOW])
        height = 2.0 * ti.sqrt(ieee.high(above, 0.0)) * (1.0 + row[RIPPLE] * wave)
        scale = 0.36
        nx, ny, nz = slope_u * scale, slope_v * scale, height
        norm = 1.0 / ti.sqrt(nx * nx + ny * ny + nz * nz + 1e-6)
        nx *= norm
        ny *= norm
        nz *= norm
        # What the surface mirrors: a dark studio with a wide light above, a narrow one on the left, a warm floor.
        rx, ry = 2.0 * nz * nx, 2.0 * nz * ny
        rz = 2.0 * nz * nz - 1.0
        lamp = ieee.smoothstep(0.40, 0.95, ry + 0.15 * ieee.sin(3.0 * rx)) * ieee.smoothstep(-0.75, -0.2, rz)
        strip = ieee.smoothstep(0.10, 0.0, ti.abs(rx + 0.62)) * ieee.smoothstep(0.75, 0.2, ti.abs(ry))
        floor = ieee.clamp01(-ry * 1.3 - 0.1)
        rim = 1.0 - nz
        rim = rim * rim * rim
        spark = ieee.high(0.48 * nx + 0.62 * ny + 0.62 * nz, 0.0)
        spark *= spark
        spark *= spark
        spark *= spark
        spark *= spark
        body = ramp(row, 0.16 + 0.30 * deep + 0.16 * ny + 0.22 * rim) * (0.16 + 0.34 * deep + 0.22 * nz)
        film = ramp(row, 0.62 + 0.30 * ieee.sin(3.4 * nz + 2.0 * deep + 0.6 * row[FLOW] + 1.4 * nx))
        metal = body + film * (0.22 * floor + 0.9 * rim) * row[SHINE]
        metal += ramp(row, 0.93) * (
            (lamp * (0.12 + 0.55 * ieee.high(ry, 0.0)) + 0.35 * strip) * row[SHINE]
        ) + 0.9 * spark * spark * row[SHINE] * ramp(row, 1.0)
        r2 = u * u + v * v
        far = 1.0 / (1.0 + 0.9 * r2)
        aura = ieee.low(total, 0.6)
        back = ramp(row, 0.05 + 0.20 * far) * (0.3 + 0.7 * far)
        back += ramp(row, 0.40 + 0.25 * deep) * (aura * aura * 1.1 * row[GLOW])
        return (back + (metal - back) * cover) * row[GAIN]

    return layered(slots.size, DROPS, NUMBERS, 4, (curve, begin, layer, finish, hides))
