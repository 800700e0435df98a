"""Ripples: a pond at night that mirrors the moon; each beat and each sound lets a drop fall.

In closed form: the slope of a ring is a function of the distance from its drop and of the drop's age, so a frame needs
no earlier one. The rings' slopes are added row by row, each ring where it is, before the water is shaded.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import taichi as ti
from numpy.typing import NDArray

from engine.effects.base import Memoryless, Program, Slots
from engine.effects.drops import DROPS, FIELDS, NEAR, TILT, add_ring, compile_fall, view
from engine.kernels import ieee, raster
from engine.launch import Launch
from engine.loops import LOOPS
from engine.planes import Planes, aligned, flat
from engine.scene import LANES


@ti.func
def _wave(x):
    """A cosine made of parabolas: a third of the cost, and smooth enough for water."""
    y = ti.abs(ieee.fract(x * (1.0 / ieee.TAU)) - 0.5)
    return 8.0 * y * (1.0 - y) - 1.0


def _compile(slots: Slots):
    TRAVEL, GAIN, SWELL, GLITTER, GLOW, MOON = slots.params("travel", "gain", "swell", "glitter", "glow", "moon")
    ramp = slots.ramp
    size = slots.size

    @ti.kernel
    def shade(
        out: raster.FLAT, image: ti.i32, values: raster.VALUES, drops: raster.TABLES, slopes: raster.FLAT,
        height: ti.f32, width: ti.f32, scale: ti.f32, strips: ti.i32, rows: ti.i32,
    ):  # fmt: skip
        ti.loop_config(serialize=LOOPS.serial)
        for y in range(rows):
            row = ti.Vector([0.0] * size)
            for k in ti.static(range(size)):
                row[k] = values[k]
            px = row[raster.PX]
            v = (0.5 * height - (ti.cast(y, ti.f32) + 0.5) * scale) * px
            tall = ieee.high(row[raster.EXTENT_V], 1.0)
            at = view(v, tall)
            t, z = at[0], at[1]
            for strip in range(strips):
                for c in ti.static(range(3)):
                    slopes[(c * rows + y) * strips + strip] = raster.VEC(0.0)
            for n in range(DROPS):
                add_ring(slopes, y, rows, strips, z, t, drops, n, height, width, px, scale)
            travel = row[TRAVEL]
            shift = 9.0 * row[raster.SEED]
            fine = ieee.clamp01(0.012 / (t * px * scale + 1e-6) - 0.3)
            # Where the moon stands: straight ahead, so that its image lies above the picture's middle.
            level = 1.0 / (0.22 * tall)
            moon_y = (NEAR - TILT * 0.22) * level
            moon_z = (NEAR * TILT / tall / ti.sqrt(1.0 - TILT * TILT / (tall * tall)) + 0.22 * tall) * level
            moon_l = 1.0 / ti.sqrt(moon_y * moon_y + moon_z * moon_z)
            long_waves, small = 0.05 * row[SWELL], 0.03 * fine * row[GLITTER]
            haze, face, depth = ramp(row, 0.72), ramp(row, 1.0), ramp(row, 0.14)
            for strip in range(strips):
                light = ti.Matrix([[0.0] * LANES] * 3)
                rings = ti.Matrix([[0.0] * LANES] * 3)
                for c in ti.static(range(3)):
                    loaded = slopes[(c * rows + y) * strips + strip]
                    for i in ti.static(range(LANES)):
                        rings[c, i] = loaded[i]
                for i in range(LANES):
                    u = ((ti.cast(strip * LANES + i, ti.f32) + 0.5) * scale - 0.5 * width) * px
                    x = u * t
                    a1 = _wave(2.1 * x + 1.3 * z + 0.9 * travel + shift)
                    a2 = _wave(2.9 * z - 1.7 * x - 1.2 * travel + 2.0 * shift + 0.8 * a1)
                    # The small ones come in gusts, and are bent by the long ones: no lattice.
                    a3 = _wave(15.0 * x + 9.0 * z + 2.9 * travel + 3.0 * a1 + 2.0 * a2)
                    a4 = _wave(21.0 * z - 12.0 * x - 3.3 * travel + 3.0 * a2 + 1.5 * a3)
                    gust = small * (0.6 + 0.4 * a1 * a2)
                    hx = rings[0, i] + long_waves * (2.1 * a1 - 1.7 * a2) + gust * (a3 - 0.7 * a4)
                    hz = rings[1, i] + long_waves * (1.3 * a1 + 2.9 * a2) + gust * (0.6 * a3 + a4)
                    # The ray from the eye, thrown back by the water: the normal is (-hx, 1, -hz).
                    inverse = 1.0 / ti.sqrt(1.0 + hx * hx + hz * hz)
                    long = 1.0 / ti.sqrt(u * u * t * t + 1.0 + z * z)
                    dx, dy, dz = x * long, -long, z * long
                    along = (dy - dx * hx - dz * hz) * inverse
                    rx = dx + 2.0 * along * hx * inverse
                    ry = dy - 2.0 * along * inverse
                    rz = dz + 2.0 * along * hz * inverse
                    rise = ieee.high(ry, 0.02)
                    # Clouds on a ceiling, thin at the zenith.
                    over = 1.0 / (rise + 0.25)
                    px_, pz_ = rx * over, rz * over
                    cloud = _wave(px_ * 2.3 + 0.11 * travel + shift + 1.4 * _wave(pz_ * 1.9 - 0.07 * travel))
                    cloud += 0.6 * _wave(pz_ * 4.1 + 1.7 * px_ + 1.7 * cloud - 0.13 * travel)
                    veil = ieee.clamp01(0.4 + 0.34 * cloud)
                    near = ry * moon_y * moon_l + rz * moon_z * moon_l
                    away = ieee.high(1.0 - near, 0.0)
                    disc = ieee.smoothstep(0.0050, 0.0038, away) * (1.0 - 0.35 * veil)
                    halo = 1.0 / (1.0 + 55.0 * away)
                    halo2 = halo * halo
                    grazing = ieee.clamp01(1.0 + along)
                    mirror = 0.10 + 0.90 * grazing * grazing * (0.4 + 0.6 * grazing)
                    low_sky = (1.0 - rise) * (1.0 - rise)
                    sky = 0.12 + 0.75 * low_sky + 0.30 * veil * veil
                    lit = ramp(row, sky) * ((0.26 + 1.1 * veil * (0.25 + halo)) * (0.35 + 0.65 * mirror))
                    lit += haze * (row[MOON] * (0.5 * halo2 + 0.06 * halo) * (0.6 + 0.6 * veil))
                    lit += face * (row[MOON] * 1.7 * disc)
                    deep = depth * (0.30 * (1.0 - mirror))
                    steep = ieee.clamp01(0.5 + 3.0 * (hx * hx + hz * hz))
                    shine = row[GLOW] * rings[2, i] * steep
                    glow = ramp(row, 0.55 + 0.35 * ieee.clamp01(rings[2, i] * 2.0)) * shine
                    color = (lit + deep) * row[GAIN] + glow
                    for c in ti.static(range(3)):
                        light[c, i] = color[c]
                for c in ti.static(range(3)):
                    place = ((3 * image + c) * rows + y) * strips + strip
                    found = raster.VEC([light[c, i] for i in ti.static(range(LANES))])
                    if ti.static(not LOOPS.partial):
                        found += 0.0 * out[place]
                    out[place] = found

    return shade


class _Pond(Memoryless):
    """See engine.effects.base.Drawer."""

    def __init__(
        self, kernels: tuple[Callable[..., None], ...], width: int, height: int, scale: int, seed: int
    ) -> None:
        self._fall, self._shade = (Launch(one) for one in kernels)
        rows, columns = raster.Raster(width, height).plane(scale)
        self._drops = np.zeros((DROPS, FIELDS), np.float32)
        self._slopes = flat(aligned((3, rows, columns // LANES, LANES), np.float32))
        self._size = (float(height), float(width), float(scale), columns // LANES, rows)

    def draw(self, row: NDArray[np.float32], tables: NDArray[np.float32], planes: Planes, first: int) -> None:
        """Let the drops fall, then shade the water."""
        self._fall(row, tables, self._drops)
        self._shade(planes.flat, first, row, self._drops, self._slopes, *self._size)


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    # Once for all tasks: Taichi never forgets a kernel.
    kernels = compile_fall(slots, raster.BEATS_ROW, raster.ONSETS_ROW), _compile(slots)
    return Program(drawer=partial(_Pond, kernels))
