"""Ridges: the last seconds of the spectrum as lines one behind the other, each hiding what lies behind it.

A line is kept every few moments of the history and travels to the horizon; the nearest one is live until it is kept.
The lines' heights are computed once, then a row of cells is painted from the back to the front: only the lines whose
heights can reach that row, so that the cost does not grow with their number.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import taichi as ti
from numpy.typing import NDArray

from engine.effects.base import Memoryless, Program, Slots
from engine.effects.spectrum import band_at
from engine.kernels import ieee, noise, raster
from engine.kernels.planes import in_vectors
from engine.launch import Launch
from engine.loops import LOOPS
from engine.past import HISTORY, HISTORY_RATE
from engine.planes import Planes, aligned
from engine.scene import LANES

MOST = 54
HEIGHT, TILT, TONE = 0, 1, 2
"""Numbers of a line's cell: where it stands, how much its slope thins it, and its place between its two colours."""
BASE, FADE, LOW, HIGH, BODY, NUMBERS = 0, 1, 2, 5, 8, 11
"""Numbers of a line: its foot, its light, then three colours."""

Kernels = tuple[Callable[..., None], Callable[..., None]]


def _compile_shape(slots: Slots):
    SIZE, DEPTH, HORIZON, FRONT, ROUGH, SWAY, SUNLIGHT = slots.params(
        "height", "depth", "horizon", "front", "rough", "sway", "sunlight"
    )
    ramp = slots.ramp

    @ti.kernel
    def shape(
        values: raster.VALUES, tables: raster.TABLES, lines: raster.TABLES, tops: raster.TABLES,
        shapes: raster.CELLS, salt: ti.i32, scale: ti.f32, width: ti.f32, count: ti.i32,
    ):  # fmt: skip
        ti.loop_config(serialize=LOOPS.serial)
        for k in range(count):
            share = tables[raster.HISTORY_ROW, 0]
            step = ti.max(HISTORY // count, 1)
            tick = ti.cast(ti.floor(values[raster.T] * HISTORY_RATE - share + 0.5), ti.i32)
            rest = ti.cast(tick % step, ti.f32) + share
            part = rest / ti.cast(step, ti.f32)
            # Line 0 is live: it turns into the next one that is kept.
            live = ti.select(k == 0, 1.0, 0.0)
            past = ti.cast(k - 1, ti.f32) + part
            age = ti.select(k == 0, 0.0, past / ti.cast(count - 1, ti.f32))
            number = tick // step - k + 1
            moment = ti.cast(number, ti.f32) + live * (part - 1.0)
            source = raster.HISTORY_ROW + 1 + ti.min(ti.max((k - 1) * step + tick % step, 0), HISTORY - 1)
            source = ti.select(k == 0, raster.BANDS_ROW, source)
            z = 1.0 + values[DEPTH] * age
            nearness = 1.0 / z
            far = 1.0 / (1.0 + values[DEPTH])
            up = ti.select(values[DEPTH] > 0.01, (1.0 - nearness) / ieee.high(1.0 - far, 0.001), age)
            base = ieee.mix(values[FRONT], values[HORIZON], up) * values[raster.EXTENT_V]
            px = values[raster.PX] * scale
            middle = values[SWAY] * (ieee.sin(moment * 0.21) + 0.6 * ieee.sin(moment * 0.083 + 1.0))
            for x in range(shapes.shape[1] * LANES):
                u = (ti.cast(x, ti.f32) + 0.5 - 0.5 * width / scale) * px
                w = u / (values[raster.EXTENT_U] * 0.94) * z * ieee.mix(1.0, 0.62, nearness)
                c = w - middle * (1.0 - ieee.low(w * w, 1.0))
                band = band_at(tables, source, ieee.low(ti.abs(c) * 1.02, 1.0))
                wide = ieee.high(1.0 - w * w, 0.0)
                tall = ieee.high(band - 0.10, 0.0)
                mine = noise.value2(c * 21.0, 0.0, number + salt)
                hair = noise.value2(c * 57.0, 9.0, number + salt)
                grain = mine + 0.5 * hair
                if k == 0:
                    older = noise.value2(c * 21.0, 0.0, number - 1 + salt)
                    older += 0.5 * noise.value2(c * 57.0, 9.0, number - 1 + salt)
                    grain = ieee.mix(older, grain, part)
                body = tall * (0.35 + 0.9 * tall) * (1.0 + 0.55 * values[ROUGH] * grain)
                rise = wide * wide * (body + values[ROUGH] * 0.035 * (1.0 + grain))
                y = base + values[SIZE] * nearness * rise
                shapes[3 * k + HEIGHT, x // LANES, x % LANES] = y
                tone = ieee.clamp01(rise * rise * 1.2)
                shapes[3 * k + TONE, x // LANES, x % LANES] = tone
            for x in range(shapes.shape[1] * LANES):
                b = ti.min(x + 1, shapes.shape[1] * LANES - 1)
                a = ti.max(x - 1, 0)
                after = shapes[3 * k + HEIGHT, b // LANES, b % LANES]
                here = shapes[3 * k + HEIGHT, x // LANES, x % LANES]
                highest = tops[k, x // LANES]
                tops[k, x // LANES] = ti.select(x % LANES == 0, here, ieee.high(highest, here))
                slope = (after - shapes[3 * k + HEIGHT, a // LANES, a % LANES]) / (2.0 * px)
                shapes[3 * k + TILT, x // LANES, x % LANES] = 1.0 / ti.sqrt(1.0 + slope * slope)
            lines[k, BASE] = base
            # Born softly at the front, lost in the haze at the horizon.
            fade = (1.0 - age) * (1.0 - 0.25 * age)
            lines[k, FADE] = fade
            haze = 0.30 + 0.25 * values[SUNLIGHT]
            low = ramp(values, 0.34 + 0.16 * nearness) * (0.35 + 0.65 * fade)
            high = ramp(values, 0.60 + 0.32 * fade) * (0.3 + 1.1 * fade)
            body = ramp(values, 0.01) * (0.4 + 0.6 * age) + ramp(values, 0.22) * (haze * age * age)
            for c in ti.static(range(3)):
                lines[k, LOW + c] = low[c]
                lines[k, HIGH + c] = high[c]
                lines[k, BODY + c] = body[c]

    return shape


@ti.func
def _tone(lines: ti.template(), k, c: ti.template(), share):
    return lines[k, LOW + c] + (lines[k, HIGH + c] - lines[k, LOW + c]) * share


def _compile_paint(slots: Slots):
    WIDTH, GAIN, HORIZON, SUN, SUNLIGHT, SUNRISE = slots.params(
        "width", "gain", "horizon", "sun", "sunlight", "sunrise"
    )
    ramp = slots.ramp

    @in_vectors
    @ti.kernel
    def paint(
        planes: raster.PLANES, values: raster.VALUES, lines: raster.TABLES, tops: raster.TABLES,
        shapes: raster.COLUMNS, first: ti.i32, scale: ti.f32, height: ti.f32, width: ti.f32, count: ti.i32,
    ):  # fmt: skip
        ti.loop_config(serialize=LOOPS.serial)
        for y in range(planes.shape[1]):
            px = values[raster.PX] * scale
            v = (0.5 * height - (ti.cast(y, ti.f32) + 0.5) * scale) * values[raster.PX]
            half = ieee.high(values[WIDTH], 0.6 * px)
            thin = values[WIDTH] / half * values[GAIN]
            reach = half + 2.0 * px
            # The nearest line that stands above this row hides all behind it.
            start = count
            for k in range(count):
                if lines[count - 1 - k, BASE] > v + reach:
                    start = count - 1 - k
            behind = ti.min(start, count - 1)
            bare = ti.select(start < count, 0.0, 1.0)
            horizon = values[HORIZON] * values[raster.EXTENT_V]
            over = ieee.high(v - horizon, 0.0)
            under = ieee.high(horizon - v, 0.0)
            haze = 1.0 / (1.0 + 9.0 * over * over + 40.0 * under * under)
            sky = ramp(values, 0.01) + ramp(values, 0.22) * (haze * (0.30 + 0.25 * values[SUNLIGHT]))
            for c in ti.static(range(3)):
                sky[c] = sky[c] * bare + lines[behind, BODY + c] * (1.0 - bare)
            day = ramp(values, 0.62) * (values[SUNLIGHT] * bare)
            core = ramp(values, 0.88) * (values[SUNLIGHT] * bare)
            rise = v - horizon - values[SUNRISE] * values[SUN]
            for strip in range(planes.shape[2]):
                at = raster.VEC([ti.cast(i, ti.f32) + 0.5 for i in ti.static(range(LANES))])
                u = ((at + ti.cast(strip * LANES, ti.f32)) * scale - 0.5 * width) * values[raster.PX]
                square = u * u + rise * rise
                away = raster.VEC([ti.sqrt(square[i]) for i in ti.static(range(LANES))])
                disc = ieee.high(ieee.low((values[SUN] - away) / (0.012 + px) + 0.5, 1.0), 0.0)
                sheet = ieee.high(ieee.low(0.55 + 0.9 * rise / (values[SUN] + 0.001), 1.0), 0.12)
                halo = 0.055 * values[SUN] / (away * away + 0.4 * values[SUN] + 0.02)
                red = sky[0] + day[0] * halo + core[0] * disc * sheet
                green = sky[1] + day[1] * halo + core[1] * disc * sheet
                blue = sky[2] + day[2] * halo + core[2] * disc * sheet
                for n in range(behind + 1):
                    k = behind - n
                    if tops[k, strip] > v - reach:
                        tilt = shapes[3 * k + TILT, strip]
                        tone = shapes[3 * k + TONE, strip]
                        d = (v - shapes[3 * k + HEIGHT, strip]) * tilt
                        hidden = ieee.high(ieee.low(0.5 - d / px, 1.0), 0.0)
                        line = ieee.high(ieee.low((half + 0.5 * px - ieee.high(d, 0.0 - d)) / px, 1.0), 0.0) * thin
                        e = v - shapes[3 * k + HEIGHT, strip]
                        shine = hidden / (1.0 + e * e * 260.0) * (0.04 + 0.16 * tone) * lines[k, FADE] + line
                        keep = (1.0 - hidden) * (1.0 - ieee.low(line, 1.0))
                        red = red * keep + lines[k, BODY] * hidden + shine * _tone(lines, k, 0, tone)
                        green = green * keep + lines[k, BODY + 1] * hidden + shine * _tone(lines, k, 1, tone)
                        blue = blue * keep + lines[k, BODY + 2] * hidden + shine * _tone(lines, k, 2, tone)
                if ti.static(not LOOPS.partial):
                    red += 0.0 * planes[3 * first, y, strip]
                    green += 0.0 * planes[3 * first + 1, y, strip]
                    blue += 0.0 * planes[3 * first + 2, y, strip]
                planes[3 * first, y, strip] = red
                planes[3 * first + 1, y, strip] = green
                planes[3 * first + 2, y, strip] = blue

    return paint


class _Ridges(Memoryless):
    """See engine.effects.base.Drawer."""

    def __init__(self, kernels: Kernels, place: int, width: int, height: int, scale: int, seed: int) -> None:
        self._shape, self._paint = (Launch(one) for one in kernels)
        self._place = place
        columns = raster.Raster(width, height).plane(scale)[1]
        self._lines = np.zeros((MOST, NUMBERS), np.float32)
        self._tops = np.zeros((MOST, columns // LANES), np.float32)
        self._shapes = aligned((3 * MOST, columns // LANES, LANES), np.float32)
        self._size = (float(height), float(width))
        self._scale, self._salt = float(scale), seed & 0xFFFF

    def draw(self, row: NDArray[np.float32], tables: NDArray[np.float32], planes: Planes, first: int) -> None:
        """Find the lines, then paint them."""
        count = min(max(int(row[self._place]), 2), MOST)
        self._shape(row, tables, self._lines, self._tops, self._shapes, self._salt, self._scale, self._size[1], count)
        self._paint(planes.strips, row, self._lines, self._tops, self._shapes, first, self._scale, *self._size, count)


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    (count,) = slots.params("lines")
    kernels = (_compile_shape(slots), _compile_paint(slots))  # once for all tasks: Taichi never forgets a kernel
    return Program(drawer=partial(_Ridges, kernels, count))
