"""Phase: a goniometer's half circle as a fan of rays; left and right around it, their correlation on an arc below.

A sample that both sides share points straight up, one of the left side alone to the left by 45 degrees, and what is
out of phase lies flat. The meters rise quickly and fall slowly: that is all the memory there is.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import taichi as ti
from numpy.typing import NDArray

from engine.effects.base import STEP_RATE, Program, Slots
from engine.kernels import ieee, raster
from engine.launch import Launch
from engine.loops import LOOPS
from engine.planes import Planes
from engine.scene import LANES

BINS = 96
SAMPLES = 256
LEFT, RIGHT, CORRELATION, NUMBERS = BINS, BINS + 1, BINS + 2, BINS + 3
"""What is measured: how far each direction reaches, 0..1, then both levels, then the correlation, -1..1."""
SPREAD = 0.16
"""How far a sample reaches to its sides, in radians."""


@ti.kernel
def _measure(tables: raster.TABLES, samples: raster.TABLES, found: raster.VALUES, width: ti.i32, wide: ti.f32):
    """Fill found, float32 [NUMBERS], from this moment's waves; samples: where each of them points and how far."""
    ti.loop_config(serialize=LOOPS.serial)
    for n in range(SAMPLES):
        x = n * (width - 1) // (SAMPLES - 1)
        left, right = tables[raster.WAVE_ROW, x], tables[raster.WAVE_ROW + 2, x]
        up = ti.abs(left + right) * 0.7071
        side = (right - left) * ti.select(left + right < 0.0, -0.7071, 0.7071) * wide
        samples[n, 0] = ieee.angle(side, up)
        samples[n, 1] = ti.sqrt(up * up + side * side)
        samples[n, 2] = left
        samples[n, 3] = right
    ti.loop_config(serialize=LOOPS.serial)
    for b in range(BINS + 1):
        if b < BINS:
            angle = (ti.cast(b, ti.f32) / (BINS - 1.0) - 0.5) * ieee.PI
            far = 0.0
            for n in range(SAMPLES):
                d = (samples[n, 0] - angle) * (1.0 / SPREAD)
                far = ieee.high(far, samples[n, 1] * ieee.high(1.0 - d * d, 0.0))
            found[b] = ti.sqrt(ieee.low(far * 0.85, 1.0))
        else:
            both, lefts, rights = 0.0, 1e-9, 1e-9
            for n in range(SAMPLES):
                both += samples[n, 2] * samples[n, 3]
                lefts += samples[n, 2] * samples[n, 2]
                rights += samples[n, 3] * samples[n, 3]
            found[LEFT] = ti.sqrt(ieee.low(2.0 * ti.sqrt(lefts / SAMPLES), 1.0))
            found[RIGHT] = ti.sqrt(ieee.low(2.0 * ti.sqrt(rights / SAMPLES), 1.0))
            found[CORRELATION] = both / ti.sqrt(lefts * rights)


def _compile_show(slots: Slots):
    SIZE, BASE, RAYS, GAIN, BODY, VEIL, GRID, LEVELS, ARC, MIRROR = slots.params(
        "size", "base", "rays", "gain", "body", "veil", "grid", "levels", "arc", "mirror"
    )
    ramp = slots.ramp
    count = slots.size

    @ti.func
    def reach(state: ti.template(), which: ti.template(), place):
        """A direction's reach, 0 (left) to 1 (right), round between the measured ones."""
        at = ieee.low(ieee.high(place, 0.0), 1.0) * (BINS - 1.001)
        low = ti.cast(at, ti.i32)
        part = at - ti.cast(low, ti.f32)
        part = part * part * (3.0 - 2.0 * part)
        return state[which, low] + (state[which, low + 1] - state[which, low]) * part

    @ti.func
    def shine(u, v, px, row: ti.template(), state: ti.template()):
        radius = row[SIZE] * ieee.low(row[raster.EXTENT_U], 1.25)
        y = v - row[BASE] * row[raster.EXTENT_V]
        r = ti.sqrt(u * u + y * y) / radius + 1e-5
        sharp = radius / px
        above = ieee.clamp01(y / px + 0.5)
        angle = ieee.angle(u, ti.abs(y))
        # The table it stands on mirrors the fan.
        mirror = ieee.clamp01(1.0 - r * 1.5)
        seen = above + (1.0 - above) * mirror * mirror * row[MIRROR]
        place = angle * (1.0 / ieee.PI) + 0.5
        idle = 0.05 + 0.025 * ieee.sin(angle * 3.0 + row[raster.T] * 0.7) + 0.02 * ieee.sin(angle * 5.0 - row[raster.T])
        now = ieee.high(reach(state, 0, place), idle)
        past = ieee.high(reach(state, 1, place), idle)
        share = ieee.low(r / now, 1.0)
        inside = ieee.clamp01((now - r) * sharp + 0.5) * seen
        d = (r - now) * radius
        rim = seen / (1.0 + d * d * 9000.0)
        across = ti.abs(ieee.fract(place * row[RAYS] + 0.5) - 0.5) * (ieee.PI / row[RAYS]) * r * sharp
        ray = ieee.clamp01(1.25 - across * 0.8) * ieee.clamp01(r * 5.0 - 0.2)
        veil = ieee.clamp01((past - r) * sharp + 0.5) * above * ieee.low(r / past, 1.0) * row[VEIL]
        trace = (r - past) * radius
        edge = above / (1.0 + trace * trace * 40000.0) * row[VEIL]
        flat = ti.abs(angle) * (2.0 / ieee.PI)
        light = inside * (share * share * (0.16 + 1.0 * ray) + 0.05) * row[BODY] + rim * 0.85
        color = ramp(row, 0.34 + 0.46 * share * now + 0.20 * flat) * (light * row[GAIN])
        color += ramp(row, 0.30 + 0.25 * flat) * (0.30 * veil * veil + 0.45 * edge)
        # The dome: rings, spokes, a haze at its foot.
        ring = ti.abs(ieee.fract(r * 3.0 + 0.5) - 0.5) * (0.33333 * sharp)
        spoke = ti.abs(ieee.fract(place * 4.0 + 0.5) - 0.5) * (0.25 * ieee.PI) * r * sharp
        within = ieee.clamp01((1.01 - r) * sharp) * above
        line = ieee.clamp01(1.2 - ieee.low(ring, spoke)) * within * ieee.low(0.004 * sharp / radius, 1.0)
        color += ramp(row, 0.36) * (line * row[GRID]) + ramp(row, 0.14) * (
            within * (0.35 + 0.4 * (1.0 - r)) * row[GRID]
        )
        # Levels on both sides of the dome, from its foot to its top.
        along = 1.06 - flat * 1.0
        level = ti.select(u < 0.0, state[0, LEFT], state[0, RIGHT])
        lane = ieee.clamp01((0.018 - ti.abs(r - 1.07)) * sharp + 0.5) * above * ieee.clamp01((0.96 - along) * 60.0)
        lamp = ieee.clamp01(
            (0.36 - ti.abs(ieee.fract(along * 44.0) - 0.5)) * (1.07 * ieee.HALF_PI / 44.0) * sharp + 0.5
        )
        lit = ieee.clamp01((level - along) * 44.0 + 0.5)
        color += ramp(row, 0.40 + 0.55 * along) * (lane * lamp * (0.05 + (0.5 + 0.9 * along) * lit) * row[LEVELS])
        # The correlation below: -1 at the left, 1 at the right.
        down = ieee.angle(u, -y) * (1.0 / 1.05)
        below = 1.0 - above
        where = state[0, CORRELATION]
        track = (
            ieee.clamp01((0.011 - ti.abs(r - 0.30)) * sharp + 0.5)
            * below
            * ieee.clamp01((1.0 - ti.abs(down)) * 0.3 * sharp)
        )
        filled = ieee.clamp01((where - down) * sharp * 0.3) * ieee.clamp01(down * sharp * 0.3)
        filled += ieee.clamp01((down - where) * sharp * 0.3) * ieee.clamp01(-down * sharp * 0.3)
        dx = (down - where) * 1.05 * 0.30
        dy = r - 0.30
        spot = below / (1.0 + (dx * dx + dy * dy) * 2600.0)
        color += ramp(row, 0.36) * (track * 0.16 * row[ARC]) + ramp(row, 0.66) * (track * filled * 0.8 * row[ARC])
        return color + ramp(row, 0.93) * (spot * spot * 1.3 * row[ARC])

    @ti.kernel
    def show(
        state: raster.TABLES, values: raster.VALUES, planes: raster.PLANES, first: ti.i32, scale: ti.f32,
        height: ti.f32, width: ti.f32,
    ):  # fmt: skip
        ti.loop_config(serialize=LOOPS.serial)
        for y in range(planes.shape[1]):
            row = ti.Vector([0.0] * count)
            for k in ti.static(range(count)):
                row[k] = values[k]
            v = (0.5 * height - (ti.cast(y, ti.f32) + 0.5) * scale) * row[raster.PX]
            for strip in range(planes.shape[2]):
                lit = ti.Matrix([[0.0] * LANES] * 3)
                for i in range(LANES):
                    u = ((ti.cast(strip * LANES + i, ti.f32) + 0.5) * scale - 0.5 * width) * row[raster.PX]
                    color = shine(u, v, row[raster.PX] * scale, row, state)
                    for c in ti.static(range(3)):
                        lit[c, i] = color[c]
                for c in ti.static(range(3)):
                    found = raster.VEC([lit[c, i] for i in ti.static(range(LANES))])
                    if ti.static(not LOOPS.partial):
                        found += 0.0 * planes[3 * first + c, y, strip]
                    planes[3 * first + c, y, strip] = found

    return show


class _Meter:
    """See engine.effects.base.Drawer: the state is [what shows now, what falls more slowly]."""

    memory = True

    def __init__(
        self, kernel: Callable[..., None], slots: tuple[int, ...], width: int, height: int, scale: int, _seed: int
    ) -> None:
        self._measure, self._show = Launch(_measure), Launch(kernel)
        self._fall, self._wide = slots
        self._samples = np.zeros((SAMPLES, 4), np.float32)
        self._found = np.zeros(NUMBERS, np.float32)
        self._state = np.zeros((2, NUMBERS), np.float32)
        self._size, self._width, self._scale = (float(height), float(width)), width, float(scale)

    def reset(self) -> None:
        """All needles at rest."""
        self._state[:] = 0.0

    def step(self, row: NDArray[np.float32], tables: NDArray[np.float32], index: int) -> None:
        """Rise quickly, fall slowly; the correlation moves evenly."""
        self._measure(tables, self._samples, self._found, self._width, float(row[self._wide]))
        fall = 1.0 / (1.0 + STEP_RATE * max(float(row[self._fall]), 0.01))
        for state, slower in zip(self._state, (1.0, 0.2), strict=True):
            pace = np.where(self._found > state, np.float32(0.35 * slower + 0.1), np.float32(fall * slower))
            pace[CORRELATION] = 0.08
            state += (self._found - state) * pace

    def draw(self, row: NDArray[np.float32], tables: NDArray[np.float32], planes: Planes, first: int) -> None:
        """The meter as it stands."""
        self._show(self._state, row, planes.strips, first, self._scale, *self._size)


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    kernel = _compile_show(slots)  # once for all tasks: Taichi never forgets a kernel
    return Program(drawer=partial(_Meter, kernel, slots.params("fall", "wide")))
