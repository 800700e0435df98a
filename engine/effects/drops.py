"""Drops that fall into the pond of `ripples`: where and how hard, and the rings that they make, in closed form."""

import taichi as ti

from engine.effects.base import Slots
from engine.kernels import ieee, noise, raster
from engine.loops import LOOPS
from engine.scene import LANES

DROPS = 2 * raster.EVENTS
FIELDS = 6
"""Numbers of a drop: place on the water, how far its ring has come, half the ring's width, its height, its light."""
PACE = 0.62
"""How fast a ring grows, in heights of the eye over the water a second."""
NEAR, TILT = 1.28, 0.66
"""The view's slope at the picture's middle, and how much it changes to the edges: tall pictures look down steeper."""


@ti.func
def view(v, tall):
    """Distance of the water at height v in the picture, and its place along the view: (t, z)."""
    across = TILT / tall
    down = ti.sqrt(1.0 - across * across)
    t = 1.0 / (NEAR - across * v)
    return ti.Vector([t, (NEAR / down * across + v * down) * t])


def compile_fall(slots: Slots, beats: int, onsets: int):
    """The kernel fall(values, tables, drops): fills drops, float32 [DROPS, FIELDS].

    beats, onsets: the tables' first rows of these.
    """
    DROP, RAIN, LIFE = slots.params("drop", "rain", "life")

    @ti.kernel
    def fall(values: raster.VALUES, tables: raster.TABLES, drops: raster.TABLES):
        ti.loop_config(serialize=LOOPS.serial)
        for n in range(DROPS):
            large = n < raster.EVENTS
            event = ti.select(large, n, n - raster.EVENTS)
            first = ti.select(large, beats, onsets)
            age, strength = tables[first, event], tables[first + 1, event]
            salt = ti.cast(values[raster.SEED] * 16777216.0, ti.i32) + ti.select(large, 0, 5077)
            dice = noise.hash2(ti.cast(tables[first + 2, event], ti.i32), salt)
            a, b = noise.unit(dice), noise.unit(noise.hash32(dice + ti.u32(1)))
            tall = values[raster.EXTENT_V]
            place = view((1.7 * b - 0.85) * tall, ieee.high(tall, 1.0))
            # The table forgets what is sixteen events old: by then it must be still.
            life = values[LIFE] * ti.select(large, 1.0, 0.55)
            life = ieee.low(life, tables[first, raster.EVENTS - 1])
            left = ieee.clamp01(1.0 - age / life)
            power = ti.select(large, values[DROP] * (0.35 + 0.65 * strength), values[RAIN] * (0.25 + 0.75 * strength))
            drops[n, 0] = (1.8 * a - 0.9) * values[raster.EXTENT_U] * place[0]
            drops[n, 1] = place[1]
            drops[n, 2] = age * PACE * ti.select(large, 1.0, 0.72)
            drops[n, 3] = ti.select(large, 0.13 + 0.11 * age, 0.055 + 0.07 * age)
            soft = ieee.clamp01(age * 14.0)
            drops[n, 4] = power * left * left * soft * ti.cast(strength > 0.0, ti.f32) / (1.0 + 0.9 * age)
            drops[n, 5] = ti.select(large, 1.5, 1.1)

    return fall


@ti.func
def add_ring(slopes: ti.template(), y, rows, strips, z, t, drops: ti.template(), n, height, width, px, scale):
    """Add one drop's ring to a row of slopes, where the ring is."""
    far, half = drops[n, 2], drops[n, 3]
    reach = far + half
    dz = z - drops[n, 1]
    if (drops[n, 4] > 0.0) & (ti.abs(dz) < reach):
        cell = 1.0 / (t * px * scale)
        middle = drops[n, 0] * cell + 0.5 * width / scale
        run = ti.sqrt(reach * reach - dz * dz) * cell
        # Within the ring the water is still again: strips there are left out.
        hole = ti.sqrt(ieee.high((far - half) * (far - half) - dz * dz, 0.0)) * cell
        hole = ti.select(far > half, hole, 0.0)
        # What is narrower than a few cells is seen from too far.
        strong = drops[n, 4] * ieee.clamp01(0.2 * half * cell - 0.2)
        inverse = 1.0 / half
        start = (0.5 * scale - 0.5 * width) * px * t - drops[n, 0]
        step = scale * px * t
        glow = drops[n, 5]
        for side in range(2):
            first = ti.cast(ti.floor(ti.select(side == 0, middle - run, middle + hole)), ti.i32) // LANES
            last = ti.cast(ti.floor(ti.select(side == 0, middle - hole, middle + run)), ti.i32) // LANES
            # The strip in the middle belongs to the first side alone.
            shared = (side == 1) & (first == ti.cast(ti.floor(middle - hole), ti.i32) // LANES)
            for strip in range(ti.max(first + ti.cast(shared, ti.i32), 0), ti.min(last + 1, strips)):
                found = ti.Matrix([[0.0] * LANES] * 3)
                for i in range(LANES):
                    dx = start + ti.cast(strip * LANES + i, ti.f32) * step
                    r = ti.sqrt(dx * dx + dz * dz) + 1e-4
                    x = (r - far) * inverse
                    q = ieee.low(x * x, 1.0)
                    # Chebyshev's fifth polynomial has the crests, the window lets them end softly.
                    window = (1.0 - q) * (1.0 - q) * strong
                    # Not by r alone: no spike where the drop fell.
                    over = window * x * (5.0 - q * (20.0 - 16.0 * q)) / (r + 0.02)
                    crest = 1.0 - q * (8.0 - 8.0 * q)
                    found[0, i] = dx * over
                    found[1, i] = dz * over
                    found[2, i] = window * (1.0 - q) * crest * crest * glow
                for c in ti.static(range(3)):
                    place = (c * rows + y) * strips + strip
                    more = raster.VEC([found[c, i] for i in ti.static(range(LANES))])
                    slopes[place] = slopes[place] + more
