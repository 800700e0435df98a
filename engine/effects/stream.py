"""The water of `fluid` itself: velocities on a coarse grid, kept free of sources, and dyes on a finer one.

After Jos Stam, "Stable Fluids" (1999): carried along, pushed, then made free of divergence by a fixed number of Jacobi
rounds (engine.effects.pressure). The water closes in itself. Velocities are in cells a step.
"""

import taichi as ti

from engine.effects.base import Slots
from engine.kernels import ieee, noise, raster
from engine.loops import LOOPS
from engine.scene import LANES

DYES = 3
FINER = 3
"""Cells of dye along a cell of velocity."""


@ti.func
def _along(x, size):
    """The two cells that a place lies between, and the share of the second; the grid closes in itself."""
    inside = x - size * ti.floor(x / size)
    low = ti.min(ti.cast(inside, ti.i32), ti.cast(size, ti.i32) - 1)
    high = ti.select(low + 1 < ti.cast(size, ti.i32), low + 1, 0)
    return low, high, inside - ti.cast(low, ti.f32)


@ti.func
def _calm(speed):
    """No parameter makes water run away, or look up cells that are not there."""
    return ieee.high(ieee.low(speed, 8.0), -8.0)


@ti.func
def _nozzle(kind, values: ti.template(), sway):
    """Where a dye flows in and the direction it is pushed in: (u, v, push to the right, push up)."""
    k = ti.cast(kind, ti.f32)
    second = values[raster.T]
    phase = k * 2.1 + 6.0 * values[raster.SEED]
    pace = 0.21 + 0.09 * k
    u = sway * values[raster.EXTENT_U] * 0.72 * ieee.sin(pace * second + phase)
    v = sway * values[raster.EXTENT_V] * 0.66 * ieee.sin(1.31 * pace * second + 1.9 * phase)
    turn = 0.47 * second * (1.0 - 0.5 * k) + 2.4 * phase + 1.3 * ieee.sin(0.31 * second + k)
    return ti.Vector([u, v, ieee.cos(turn), ieee.sin(turn)])


@ti.func
def _drop(values: ti.template(), tables: ti.template(), beats: ti.template(), salt):
    """The last beat's jet, from a place of its own towards the middle: (u, v, push to the right, push up, dye)."""
    dice = noise.hash2(ti.cast(tables[beats + 2, 0], ti.i32), salt)
    a, b = noise.unit(dice), noise.unit(noise.hash32(dice + ti.u32(1)))
    turn = a * ieee.TAU
    u, v = 0.72 * values[raster.EXTENT_U] * ieee.cos(turn), 0.72 * values[raster.EXTENT_V] * ieee.sin(turn)
    inverse = 1.0 / ti.sqrt(u * u + v * v + 1e-3)
    bend = 1.2 * (b - 0.5)
    dx, dy = -u * inverse, -v * inverse
    return ti.Vector([u, v, dx - bend * dy, dy + bend * dx, ti.floor(3.0 * noise.unit(noise.hash32(dice)))])


@ti.func
def _spot(du, dv, inverse):
    """1 in the middle, 0 from a radius on."""
    inside = ieee.high(1.0 - (du * du + dv * dv) * inverse, 0.0)
    return inside * inside


def compile_push(slots: Slots, beats: int):
    """The kernel push(old, new, values, tables, cell, salt, jet, low, middle, high): carried along, then pushed.

    beats: the tables' first row of beats; jet: 1 where a beat may push, else 0.
    """
    FORCE, JET, DRAG, SWAY = slots.params("force", "jet", "drag", "sway")

    @ti.kernel
    def push(
        old: raster.CELLS, new: raster.PLANES, values: raster.VALUES, tables: raster.TABLES,
        cell: ti.f32, salt: ti.i32, jet: ti.f32, low: ti.f32, middle: ti.f32, high: ti.f32,
    ):  # fmt: skip
        ti.loop_config(serialize=LOOPS.serial)
        for y in range(new.shape[1]):
            wide, tall = ti.cast(old.shape[2], ti.f32), ti.cast(old.shape[1], ti.f32)
            keep = ieee.exp2(-1.0 / (60.0 * ieee.high(values[DRAG], 0.05)))
            levels = ti.Vector([low, middle, high])
            drop = _drop(values, tables, beats, salt)
            burst = jet * values[JET] * ti.cast((tables[beats, 0] < 0.05) & (tables[beats + 1, 0] > 0.0), ti.f32)
            v = (0.5 * tall - ti.cast(y, ti.f32) - 0.5) * cell
            for strip in range(new.shape[2]):
                found = ti.Matrix([[0.0] * LANES] * 2)
                for i in range(LANES):
                    x = strip * LANES + i
                    u = (ti.cast(x, ti.f32) + 0.5 - 0.5 * wide) * cell
                    x0, x1, wx = _along(ti.cast(x, ti.f32) - _calm(old[0, y, x]), wide)
                    y0, y1, wy = _along(ti.cast(y, ti.f32) + _calm(old[1, y, x]), tall)
                    push_u, push_v = 0.0, 0.0
                    for k in ti.static(range(DYES)):
                        nozzle = _nozzle(k, values, values[SWAY])
                        size = ti.static(0.42 - 0.08 * k)
                        near = _spot(u - nozzle[0], v - nozzle[1], ti.static(1.0 / (size * size)))
                        push_u += near * nozzle[2] * levels[k]
                        push_v += near * nozzle[3] * levels[k]
                    near = burst * _spot(u - drop[0], v - drop[1], 14.0)
                    forces = ti.Vector([push_u, push_v]) * values[FORCE] * 0.05 + ti.Vector([drop[2], drop[3]]) * near
                    for c in ti.static(range(2)):
                        above = old[c, y0, x0] + (old[c, y0, x1] - old[c, y0, x0]) * wx
                        below = old[c, y1, x0] + (old[c, y1, x1] - old[c, y1, x0]) * wx
                        found[c, i] = (above + (below - above) * wy) * keep + forces[c]
                for c in ti.static(range(2)):
                    more = raster.VEC([found[c, i] for i in ti.static(range(LANES))])
                    if ti.static(not LOOPS.partial):
                        more += 0.0 * new[c, y, strip]
                    new[c, y, strip] = more

    return push


def compile_carry(slots: Slots, beats: int):
    """The kernel carry(old, new, flow, values, ...) of the dyes, as `push` of the velocities."""
    INK, DROP, FADE, SWAY = slots.params("ink", "drop", "fade", "sway")

    @ti.kernel
    def carry(
        old: raster.CELLS, new: raster.PLANES, flow: raster.CELLS, values: raster.VALUES, tables: raster.TABLES,
        cell: ti.f32, salt: ti.i32, jet: ti.f32, low: ti.f32, middle: ti.f32, high: ti.f32,
    ):  # fmt: skip
        ti.loop_config(serialize=LOOPS.serial)
        for y in range(new.shape[1]):
            wide, tall = ti.cast(old.shape[2], ti.f32), ti.cast(old.shape[1], ti.f32)
            flow_wide, flow_tall = ti.cast(flow.shape[2], ti.f32), ti.cast(flow.shape[1], ti.f32)
            keep = ieee.exp2(-1.0 / (60.0 * ieee.high(values[FADE], 0.05)))
            levels = ti.Vector([low, middle, high]) * (values[INK] * 0.06)
            drop = _drop(values, tables, beats, salt)
            burst = jet * values[DROP] * ti.cast((tables[beats, 0] < 0.05) & (tables[beats + 1, 0] > 0.0), ti.f32)
            v = (0.5 * tall - ti.cast(y, ti.f32) - 0.5) * cell
            fy0, fy1, fwy = _along((ti.cast(y, ti.f32) + 0.5) * (1.0 / FINER) - 0.5, flow_tall)
            for strip in range(new.shape[2]):
                found = ti.Matrix([[0.0] * LANES] * DYES)
                for i in range(LANES):
                    x = strip * LANES + i
                    u = (ti.cast(x, ti.f32) + 0.5 - 0.5 * wide) * cell
                    fx0, fx1, fwx = _along((ti.cast(x, ti.f32) + 0.5) * (1.0 / FINER) - 0.5, flow_wide)
                    speed = ti.Vector([0.0, 0.0])
                    for c in ti.static(range(2)):
                        above = flow[c, fy0, fx0] + (flow[c, fy0, fx1] - flow[c, fy0, fx0]) * fwx
                        below = flow[c, fy1, fx0] + (flow[c, fy1, fx1] - flow[c, fy1, fx0]) * fwx
                        speed[c] = _calm(above + (below - above) * fwy) * FINER
                    x0, x1, wx = _along(ti.cast(x, ti.f32) - speed[0], wide)
                    y0, y1, wy = _along(ti.cast(y, ti.f32) + speed[1], tall)
                    near = burst * _spot(u - drop[0], v - drop[1], 24.0)
                    for c in ti.static(range(DYES)):
                        above = old[c, y0, x0] + (old[c, y0, x1] - old[c, y0, x0]) * wx
                        below = old[c, y1, x0] + (old[c, y1, x1] - old[c, y1, x0]) * wx
                        nozzle = _nozzle(c, values, values[SWAY])
                        inflow = levels[c] * _spot(u - nozzle[0], v - nozzle[1], ti.static(26.0 + 22.0 * c))
                        inflow += near * ti.cast(drop[4] == c, ti.f32)
                        found[c, i] = ieee.low((above + (below - above) * wy) * keep + inflow, 3.0)
                for c in ti.static(range(DYES)):
                    more = raster.VEC([found[c, i] for i in ti.static(range(LANES))])
                    if ti.static(not LOOPS.partial):
                        more += 0.0 * new[c, y, strip]
                    new[c, y, strip] = more

    return carry
