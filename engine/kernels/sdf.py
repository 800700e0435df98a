"""Signed distances and what to do with them: negative inside, in the units of the coordinates."""

import taichi as ti

from engine.kernels import ieee


@ti.func
def coverage(distance, sharp):
    """How much of a pixel a shape covers whose border is `distance` away: 0..1, analytic antialiasing.

    sharp is 1 / the pixel's size: a division once a row instead of once a pixel.
    """
    return ieee.clamp01(0.5 - distance * sharp)


@ti.func
def box(x, y, half_width, half_height, radius):
    """Distance to a rounded box around the origin (Inigo Quilez, "2D distance functions")."""
    qx = ti.abs(x) - half_width + radius
    qy = ti.abs(y) - half_height + radius
    ox = ieee.high(qx, 0.0)
    oy = ieee.high(qy, 0.0)
    return ti.sqrt(ox * ox + oy * oy) + ieee.low(ieee.high(qx, qy), 0.0) - radius
