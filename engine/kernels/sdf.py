"""Signed distances and what to do with them: negative inside, in the units of the coordinates."""

import taichi as ti

from engine.kernels import ieee


@ti.func
def coverage(distance, px):
    """How much of a pixel of size `px` a shape covers whose border is `distance` away: 0..1, analytic antialiasing."""
    return ieee.clamp01(0.5 - distance / px)


@ti.func
def box(x, y, half_width, half_height, radius):
    """Distance to a rounded box around the origin (Inigo Quilez, "2D distance functions")."""
    qx = ti.abs(x) - half_width + radius
    qy = ti.abs(y) - half_height + radius
    ox = ieee.high(qx, 0.0)
    oy = ieee.high(qy, 0.0)
    return ti.sqrt(ox * ox + oy * oy) + ieee.low(ieee.high(qx, qy), 0.0) - radius


@ti.func
def glow(distance, size):
    """A soft light around a shape: 1 at the border, falling like an inverse square over `size`."""
    d = ieee.high(distance, 0.0) / size
    return 1.0 / (1.0 + d * d)
