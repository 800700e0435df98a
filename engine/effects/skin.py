"""The skin of `reaction` itself: how the two substances start, spread, react and are drawn along."""

import taichi as ti

from engine.effects.base import STEP_RATE, Slots
from engine.kernels import ieee, noise, raster
from engine.kernels.planes import in_vectors
from engine.loops import LOOPS
from engine.scene import LANES

SPREAD = 0.7
"""How far the substances spread in one reaction; the skin's folds are about ten cells wide."""


@ti.func
def _near(line: ti.template(), c, y, strip, strips):
    """A strip's sums: of what lies beside each cell."""
    here = line[c, y, strip]
    left = line[c, y, ti.max(strip - 1, 0)]
    right = line[c, y, ti.min(strip + 1, strips - 1)]
    first = ti.select(strip > 0, left[LANES - 1], here[0])
    last = ti.select(strip < strips - 1, right[0], here[LANES - 1])
    before = raster.VEC([first, here[0], here[1], here[2], here[3], here[4], here[5], here[6]])
    after = raster.VEC([here[1], here[2], here[3], here[4], here[5], here[6], here[7], last])
    return before + after


@ti.func
def _react(old: ti.template(), new: ti.template(), skin: ti.template(), feed, kill, vary):
    ti.loop_config(serialize=LOOPS.serial)
    for y in range(old.shape[1]):
        above, below = ti.max(y - 1, 0), ti.min(y + 1, old.shape[1] - 1)
        strips = old.shape[2]
        for strip in range(strips):
            a, b = old[0, y, strip], old[1, y, strip]
            near_a = _near(old, 0, y, strip, strips) + old[0, above, strip] + old[0, below, strip]
            near_b = _near(old, 1, y, strip, strips) + old[1, above, strip] + old[1, below, strip]
            far_a = _near(old, 0, above, strip, strips) + _near(old, 0, below, strip, strips)
            far_b = _near(old, 1, above, strip, strips) + _near(old, 1, below, strip, strips)
            food = feed + (0.35 * vary) * skin[0, y, strip]
            eaten = a * b * b
            next_a = a + SPREAD * (0.2 * near_a + 0.05 * far_a - a) - eaten + food * (1.0 - a)
            next_b = b + 0.5 * SPREAD * (0.2 * near_b + 0.05 * far_b - b) + eaten
            new[0, y, strip] = next_a
            new[1, y, strip] = next_b - (food + kill + vary * skin[1, y, strip]) * b


@in_vectors
@ti.kernel
def react_twice(a: raster.PLANES, b: raster.PLANES, skin: raster.PLANES, feed: ti.f32, kill: ti.f32, vary: ti.f32):
    """Two reactions, there and back: planes A and B of a, by way of b. skin: see `sow`."""
    _react(a, b, skin, feed, kill, vary)
    _react(b, a, skin, feed, kill, vary)


@ti.kernel
def sow(state: raster.CELLS, skin: raster.CELLS, cell: ti.f32, salt: ti.i32):
    """Specks of B in a sea of A; and where the skin is fed and dies more, as smooth noise."""
    ti.loop_config(serialize=LOOPS.serial)
    for y in range(state.shape[1]):
        for x in range(state.shape[2]):
            u, v = ti.cast(x, ti.f32) * cell, ti.cast(y, ti.f32) * cell
            speck = noise.value2(u * 9.0, v * 9.0, salt)
            b = ti.select(speck > 0.25, 0.32, 0.0)
            state[0, y, x] = 1.0 - 1.6 * b
            state[1, y, x] = b
            skin[0, y, x] = noise.value2(u * 1.3 + 7.0, v * 1.3, salt + 1)
            skin[1, y, x] = noise.value2(u * 1.7, v * 1.7 + 3.0, salt + 2)


def compile_move(slots: Slots):
    """The kernel move(old, new, values, tables, cell, salt): a step's stretching, and the beat's bite."""
    STRETCH, TURN, STIR, BITE = slots.params("stretch", "turn", "stir", "bite")

    @ti.kernel
    def move(
        old: raster.CELLS, new: raster.PLANES, values: raster.VALUES, tables: raster.TABLES, cell: ti.f32, salt: ti.i32
    ):
        ti.loop_config(serialize=LOOPS.serial)
        for y in range(new.shape[1]):
            rows, columns = new.shape[1], new.shape[2] * LANES
            grow = 1.0 - values[STRETCH] * (1.0 / STEP_RATE)
            turn = values[TURN] * (1.0 / STEP_RATE)
            stir = values[STIR] * (1.0 / STEP_RATE)
            second = values[raster.T]
            v = (0.5 * ti.cast(rows, ti.f32) - ti.cast(y, ti.f32) - 0.5) * cell
            last_x, last_y = ti.cast(columns - 1, ti.f32) - 0.001, ti.cast(rows - 1, ti.f32) - 0.001
            age = tables[raster.BEATS_ROW, 0]
            dice = noise.hash2(ti.cast(tables[raster.BEATS_ROW + 2, 0], ti.i32), salt)
            at_u = (1.6 * noise.unit(dice) - 0.8) * values[raster.EXTENT_U]
            at_v = (1.6 * noise.unit(noise.hash32(dice + ti.u32(1))) - 0.8) * values[raster.EXTENT_V]
            heard = (age < 0.12) & (tables[raster.BEATS_ROW + 1, 0] > 0.2)
            bite = values[BITE] * ti.cast(heard, ti.f32)
            for strip in range(new.shape[2]):
                found = ti.Matrix([[0.0] * LANES] * 2)
                for i in range(LANES):
                    u = (ti.cast(strip * LANES + i, ti.f32) + 0.5 - 0.5 * ti.cast(columns, ti.f32)) * cell
                    su = (u - v * turn) * grow + stir * ieee.sin(v * 2.1 + 0.23 * second)
                    sv = (u * turn + v) * grow + stir * ieee.sin(u * 1.7 - 0.19 * second)
                    fx = ieee.low(ieee.high(su / cell + (0.5 * ti.cast(columns, ti.f32) - 0.5), 0.0), last_x)
                    fy = ieee.low(ieee.high((0.5 * ti.cast(rows, ti.f32) - 0.5) - sv / cell, 0.0), last_y)
                    ix, iy = ti.cast(fx, ti.i32), ti.cast(fy, ti.i32)
                    wx, wy = fx - ti.cast(ix, ti.f32), fy - ti.cast(iy, ti.f32)
                    du, dv = u - at_u, v - at_v
                    # Where the beat bites, the skin is gone and grows back from the edge.
                    gone = bite * ieee.clamp01(1.4 - 9.0 * ti.sqrt(du * du + dv * dv))
                    for c in ti.static(range(2)):
                        above = old[c, iy, ix] + (old[c, iy, ix + 1] - old[c, iy, ix]) * wx
                        below = old[c, iy + 1, ix] + (old[c, iy + 1, ix + 1] - old[c, iy + 1, ix]) * wx
                        value = above + (below - above) * wy
                        found[c, i] = value + (ti.static(1.0 - c) - value) * ieee.low(gone, 1.0)
                for c in ti.static(range(2)):
                    more = raster.VEC([found[c, i] for i in ti.static(range(LANES))])
                    if ti.static(not LOOPS.partial):
                        more += 0.0 * new[c, y, strip]
                    new[c, y, strip] = more

    return move
