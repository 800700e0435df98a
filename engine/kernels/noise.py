"""Seeded noise from integer hashes: no state, the same on every machine and thread count."""

import taichi as ti


@ti.func
def hash32(x):
    """A well mixed 32-bit hash of a 32-bit integer (the "lowbias32" function of Chris Wellons, public domain)."""
    h = ti.cast(x, ti.u32)
    h = (h ^ (h >> 16)) * ti.u32(0x7FEB352D)
    h = (h ^ (h >> 15)) * ti.u32(0x846CA68B)
    return h ^ (h >> 16)


@ti.func
def hash2(x, y):
    """A 32-bit hash of two integers."""
    return hash32(ti.cast(x, ti.u32) * ti.u32(0x9E3779B1) + hash32(y))


@ti.func
def unit(h):
    """The upper 24 bits of a hash as a float in 0..1 (1 excluded); exact."""
    return ti.cast(ti.cast(h >> 8, ti.i32), ti.f32) * (1.0 / 16777216.0)


@ti.func
def quick2(x, y):
    """A cheaper hash of two small integers, enough for noise that is looked at: one multiplication less a corner."""
    h = (ti.cast(x, ti.u32) * ti.u32(0x9E3779B1)) ^ (ti.cast(y, ti.u32) * ti.u32(0x85EBCA77))
    h = (h ^ (h >> 15)) * ti.u32(0x846CA68B)
    return h ^ (h >> 16)


@ti.func
def value2(x, y, seed):
    """Smooth value noise of a plane point; -1..1, one feature a unit. `seed` is an integer."""
    fx = ti.floor(x)
    fy = ti.floor(y)
    ix = ti.cast(fx, ti.i32)
    iy = ti.cast(fy, ti.i32) + seed * 7919
    tx = x - fx
    ty = y - fy
    sx = tx * tx * (3.0 - 2.0 * tx)
    sy = ty * ty * (3.0 - 2.0 * ty)
    a = unit(quick2(ix, iy))
    b = unit(quick2(ix + 1, iy))
    c = unit(quick2(ix, iy + 1))
    d = unit(quick2(ix + 1, iy + 1))
    low = a + (b - a) * sx
    high = c + (d - c) * sx
    return 2.0 * (low + (high - low) * sy) - 1.0
