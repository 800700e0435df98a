"""The mould of `physarum` itself: agents that smell trails, turn to them and leave trails; and how trails spread.

After Jeff Jones, "Characteristics of pattern formation and evolution in approximations of Physarum transport networks"
(2010). There are three kinds, for bass, middle and treble, and each flees the others' trails. What agents leave is
counted in integers, whose sum no order of threads changes.
"""

import taichi as ti

from engine.effects.base import Slots
from engine.kernels import ieee, noise, raster
from engine.kernels.planes import in_vectors
from engine.loops import LOOPS
from engine.scene import LANES

KINDS = 3
REACH = (11.0, 8.0, 5.5)
"""How far ahead each kind smells, in cells: large nets and fine ones."""
SIDE = ((0.9004, 0.4350), (0.8525, 0.5227), (0.7648, 0.6442))
"""Cosine and sine of the angle between the middle one and the outer ones of the three places where it smells."""
COUNTS = ti.types.ndarray(dtype=ti.i32, ndim=3)
FOLLOW = 0.12
"""Share of the way that the pace goes to the music in a step."""


@ti.func
def _wrapped(x, size):
    return x - size * ti.floor(x / size)


@ti.func
def _smell(scent: ti.template(), kind, x, y, food_x, food_y, food):
    rows, columns = scent.shape[1], scent.shape[2]
    ix = ti.min(ti.cast(_wrapped(x, ti.cast(columns, ti.f32)), ti.i32), columns - 1)
    iy = ti.min(ti.cast(_wrapped(y, ti.cast(rows, ti.f32)), ti.i32), rows - 1)
    dx, dy = x - food_x, y - food_y
    return scent[kind, iy, ix] - food * (dx * dx + dy * dy)


@ti.kernel
def scatter(agents: raster.TABLES, rows: ti.i32, columns: ti.i32, salt: ti.i32):
    """Agents all over the grid: x, y and a unit direction each."""
    ti.loop_config(serialize=LOOPS.serial)
    for n in range(agents.shape[0]):
        dice = noise.hash2(n, salt)
        turn = noise.unit(noise.hash32(dice + ti.u32(2))) * ieee.TAU
        agents[n, 0] = noise.unit(dice) * ti.cast(columns, ti.f32)
        agents[n, 1] = noise.unit(noise.hash32(dice + ti.u32(1))) * ti.cast(rows, ti.f32)
        agents[n, 2] = ieee.cos(turn)
        agents[n, 3] = ieee.sin(turn)


def compile_wander(slots: Slots, beats: int):
    """The kernel wander(agents, scent, counts, values, tables, ...): a step of every agent, counted where it is.

    beats: the tables' first row of beats. even: whether this is a step at which a beat may let agents burst out.
    """
    PACE, TURN, FOOD, BURST, SWAY = slots.params("pace", "turn", "food", "burst", "sway")

    @ti.kernel
    def wander(
        agents: raster.TABLES, scent: raster.CELLS, counts: COUNTS, values: raster.VALUES, tables: raster.TABLES,
        index: ti.i32, salt: ti.i32, even: ti.i32, low: ti.f32, middle: ti.f32, high: ti.f32,
    ):  # fmt: skip
        ti.loop_config(serialize=LOOPS.serial)
        for n in range(agents.shape[0]):
            rows, columns = scent.shape[1], scent.shape[2]
            wide, tall = ti.cast(columns, ti.f32), ti.cast(rows, ti.f32)
            kind = ti.min(n // (agents.shape[0] // KINDS), KINDS - 1)
            x, y, dx, dy = agents[n, 0], agents[n, 1], agents[n, 2], agents[n, 3]
            dice = noise.quick2(n, index * 7919 + salt)
            # A beat: some are gathered in a ring around one place, and all go outwards.
            if (even > 0) & (tables[beats, 0] < 0.0334) & (tables[beats + 1, 0] > 0.0):
                number = ti.cast(tables[beats + 2, 0], ti.i32)
                if noise.unit(noise.hash2(n, number + salt)) < values[BURST]:
                    spot = noise.hash2(number, salt + 77)
                    turn = noise.unit(dice) * ieee.TAU
                    dx, dy = ieee.cos(turn), ieee.sin(turn)
                    ring = tall * (0.02 + 0.012 * noise.unit(noise.hash32(dice + ti.u32(5))))
                    x = wide * (0.15 + 0.7 * noise.unit(spot)) + dx * ring
                    y = tall * (0.15 + 0.7 * noise.unit(noise.hash32(spot + ti.u32(1)))) + dy * ring
            # Each kind has its own food, which wanders.
            second = values[raster.T]
            phase = ti.cast(kind, ti.f32) * 2.1 + 6.0 * values[raster.SEED]
            food_x = wide * (0.5 + 0.36 * values[SWAY] * ieee.sin(0.113 * second + phase))
            food_y = tall * (0.5 + 0.36 * values[SWAY] * ieee.sin(0.149 * second + 1.7 * phase))
            food = values[FOOD] / (tall * tall)
            reach, c, s, lively = REACH[0], SIDE[0][0], SIDE[0][1], low
            if kind == 1:
                reach, c, s, lively = REACH[1], SIDE[1][0], SIDE[1][1], middle
            if kind == 2:
                reach, c, s, lively = REACH[2], SIDE[2][0], SIDE[2][1], high
            c *= reach
            s *= reach
            ahead = _smell(scent, kind, x + dx * reach, y + dy * reach, food_x, food_y, food)
            left = _smell(scent, kind, x + c * dx - s * dy, y + s * dx + c * dy, food_x, food_y, food)
            right = _smell(scent, kind, x + c * dx + s * dy, y + c * dy - s * dx, food_x, food_y, food)
            chance = noise.unit(dice)
            side = ti.select(left > right, 1.0, -1.0)
            lost = (ahead < left) & (ahead < right)
            side = ti.select(lost, ti.select(chance < 0.5, 1.0, -1.0), side)
            side = ti.select((ahead >= left) & (ahead >= right), 0.0, side)
            bend = values[TURN] * side + 0.16 * (chance - 0.5)
            # A small turn, and a unit vector again.
            tx, ty = dx - bend * dy, dy + bend * dx
            inverse = 1.0 / ti.sqrt(tx * tx + ty * ty)
            tx, ty = tx * inverse, ty * inverse
            far = values[PACE] * (0.55 + 0.9 * lively)
            x = _wrapped(x + tx * far, wide)
            y = _wrapped(y + ty * far, tall)
            agents[n, 0], agents[n, 1], agents[n, 2], agents[n, 3] = x, y, tx, ty
            ix, iy = ti.min(ti.cast(x, ti.i32), columns - 1), ti.min(ti.cast(y, ti.i32), rows - 1)
            ti.atomic_add(counts[kind, iy, ix], 1)

    return wander


@ti.func
def _across(line: ti.template(), c, y, strip):
    """A strip with what lies beside each cell, weighted 1 2 1; the grid closes in itself."""
    strips = line.shape[2]
    here = line[c, y, strip]
    left = line[c, y, (strip + strips - 1) % strips]
    right = line[c, y, (strip + 1) % strips]
    before = raster.VEC([left[LANES - 1], here[0], here[1], here[2], here[3], here[4], here[5], here[6]])
    after = raster.VEC([here[1], here[2], here[3], here[4], here[5], here[6], here[7], right[0]])
    return before + here + here + after


@in_vectors
@ti.kernel
def spread(
    old: raster.PLANES, new: raster.PLANES, counts: raster.PLANES, scent: raster.PLANES, keep: ti.f32, wide: ti.f32
):
    """Trails spread a little, fade to `keep`, and get what the agents left; then what each kind smells of them all.

    Own trails draw, others' repel.
    """
    ti.loop_config(serialize=LOOPS.serial)
    for y in range(old.shape[1]):
        rows = old.shape[1]
        above, below = (y + rows - 1) % rows, (y + 1) % rows
        for strip in range(old.shape[2]):
            total = raster.VEC(0.0)
            for c in ti.static(range(KINDS)):
                blurred = (_across(old, c, above, strip) + _across(old, c, below, strip)) * 0.0625
                blurred += _across(old, c, y, strip) * 0.125
                here = old[c, y, strip]
                trail = (here + (blurred - here) * wide) * keep + counts[c, y, strip]
                new[c, y, strip] = trail
                total += trail
            for c in ti.static(range(KINDS)):
                scent[c, y, strip] = 1.5 * new[c, y, strip] - 0.5 * total
