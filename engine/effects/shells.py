"""Where and how a firework bursts: a function of its number alone, for what draws it and for what it lights."""

import taichi as ti

from engine.kernels import ieee, noise, raster

GOLDEN = 0.61803399


@ti.func
def salt_of(row: ti.template()):
    """An integer made from the job's seed."""
    return ti.cast(row[raster.SEED] * 4096.0, ti.i32)


@ti.func
def burst_at(row: ti.template(), number):
    """Where burst `number` is: u, v. Neighbours in time lie apart."""
    salt = salt_of(row)
    a = ieee.fract(number * GOLDEN + row[raster.SEED])
    b = noise.unit(noise.hash2(ti.cast(number, ti.i32) * 8 + 1, salt))
    return ti.Vector([(a * 1.64 - 0.82) * row[raster.EXTENT_U], (0.1 + 0.62 * b) * row[raster.EXTENT_V]])


@ti.func
def hue_of(row: ti.template(), number):
    """Its colour, as a place in the palette."""
    return 0.42 + 0.5 * noise.unit(noise.hash2(ti.cast(number, ti.i32) * 8 + 2, salt_of(row)))


@ti.func
def glow_of(age, life):
    """Its light over its life: 1 soon after it opened, 0 at the end; it rises in a twentieth of a second."""
    left = ieee.clamp01(1.0 - age / life)
    return ieee.clamp01(age * 20.0 + 0.1) * left * left * (3.0 - 2.0 * left)
