"""Mandelbrot: an endless dive, from the whole set into one of the small copies of it that it holds, and so on.

A leg of the dive is the similarity w -> C + B w taken to a power from 0 to 1: about its fixed point it turns and
shrinks the view of the whole set into that of the copy around C, whose size and turn B is known to first order
(R. Munafo, "Size estimate"). There the copy fades into the whole set, and the next leg begins. Places are computed
as differences from the orbit of C (perturbation, K. I. Martin 2013), which float32 can follow at any depth: C returns
to 0 after few steps, so its own orbit does not drift.
"""

import taichi as ti

from engine.effects.base import Program, Slots
from engine.kernels import ieee, raster

PLACES = (
    (0.359259225, 0.642513737, 0.00250124955, -0.00411025818, -7.69929945, -1.0241223, 2.32192809),
    (-1.25636793, 0.380320963, -0.00169253843, -0.00233201315, -8.4389704, -2.19861838, 2.32192809),
    (-0.0442123577, 0.986580976, -0.00337262821, 0.000839811761, -8.16851569, 2.89754776, 2.32192809),
    (-0.156520167, 1.03224711, 0.00691779526, -0.00490948068, -6.88123375, -0.617198851, 2),
    (0.443325633, 0.372962417, 0.000748653124, -0.00290987062, -8.37859478, -1.3189772, 2.5849625),
    (-0.596891645, 0.662980745, 0.00201614657, -0.00091533778, -8.81899748, -0.426178322, 2.5849625),
    (-1.62541373, 0, 0.00405886596, 0, -7.94470759, 0, 2.32192809),
    (-0.198042099, 1.10026954, 0.000676823061, 0.000110251715, -10.5100422, 0.161477614, 2.32192809),
)
"""Copies: C, B (real and imaginary part each), log2 |B|, the angle of B in radians, log2 of the period."""
STRIDE = 3
"""Steps between two looks whether a place has escaped: from ESCAPED three squarings stay within float32."""
STEPS = 66
WHOLE = 15
"""Steps of the whole set that comes in: what is finer is dark in both pictures."""
ESCAPED = 900.0
BEATS = 2
FIELDS = 7


@ti.func
def _smooth(count, m):
    """The number of steps to escape without its jumps; m: |z|^2 at the last of them, above ESCAPED."""
    return count - ieee.log2(ieee.log2(ieee.high(m, 2.0)) * (1.0 / 9.8137812))


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    DIVE, SPIN, GAIN, RIM, TONE, CORE, BAND = slots.params("dive", "spin", "gain", "rim", "tone", "core", "bands")
    ramp = slots.ramp
    count = len(PLACES)

    @ti.func
    def paint(steps, r2, row: ti.template(), tables: ti.template()):
        """The light of a place that escapes after so many steps of the whole set; WHOLE and more is inside."""
        deep = ieee.clamp01(steps * (1.0 / WHOLE))
        fade = ieee.clamp01((1.0 - deep) * 2.4)
        level = ieee.log2(steps + 1.0)
        bands = 0.5 + 0.5 * ieee.sin(row[BAND] * level + row[TONE])
        # Lines of equal height, as on a map, and the beats that run up to the rim.
        line = ti.abs(ieee.fract(3.0 * level + 0.25 * row[TONE]) - 0.5)
        line = 0.02 / (0.02 + line)
        pulse = 0.0
        for k in ti.static(range(BEATS)):
            age = tables[raster.BEATS_ROW, k]
            off = (steps - 0.6 - 9.0 * age) * 0.9
            pulse += tables[raster.BEATS_ROW + 1, k] / ((1.0 + off * off) * (1.0 + 2.5 * age * age))
        rich = ieee.clamp01(steps * 0.2)
        glass = ramp(row, 0.04 + 0.22 * rich + 0.34 * bands * (0.3 + 0.7 * rich))
        light = 0.06 + 0.55 * (0.15 + 0.85 * rich) * bands * bands + 0.10 * pulse * rich
        color = glass * (light * fade) + ramp(row, 0.78) * (line * line * fade * (0.16 + 0.45 * pulse))
        color += ramp(row, 0.93) * (deep * deep * fade * row[RIM] * (0.5 + 0.6 * pulse))
        return color + ramp(row, 0.36) * ((1.0 - fade) * row[CORE] * 0.30 / (1.0 + 3.5 * r2))

    @ti.func
    def pixel(u, v, px, row: ti.template(), tables: ti.template(), col: ti.template(), tex: ti.template()):
        leg = ti.floor(row[DIVE])
        share = row[DIVE] - leg
        # Each seed has an order of its own; 1 + 2 * ... is coprime with the number of places, a power of two.
        dice = ti.cast(row[raster.SEED] * 1024.0, ti.i32)
        which = (ti.cast(leg, ti.i32) * (1 + 2 * (dice % 4)) + dice // 4) & (count - 1)
        place = ti.Vector([0.0] * FIELDS)
        for k in ti.static(range(count)):
            for f in ti.static(range(FIELDS)):
                place[f] = ti.select(which == k, ti.static(PLACES[k][f]), place[f])
        cx, cy, bx, by, shrink, turn, period = place[0], place[1], place[2], place[3], place[4], place[5], place[6]
        # The fixed point F = C / (1 - B), and F - C = F B.
        norm = 1.0 / ((1.0 - bx) * (1.0 - bx) + by * by)
        fx = (cx * (1.0 - bx) - cy * by) * norm
        fy = (cy * (1.0 - bx) + cx * by) * norm
        # The view of the whole set in its own plane; in the middle of a leg it looks at where the dive goes.
        arch = 4.0 * share * (1.0 - share)
        arch = arch * arch
        s, c = ieee.sin(row[SPIN]), ieee.cos(row[SPIN])
        wx = (u * c - v * s) * 1.3 - 0.62 + (fx + 0.62) * arch
        wy = (u * s + v * c) * 1.3 + fy * arch
        size = ieee.exp2(shrink * share)
        tx, ty = size * ieee.cos(turn * share), size * ieee.sin(turn * share)
        dx0 = fx * bx - fy * by + (wx - fx) * tx - (wy - fy) * ty
        dy0 = fx * by + fy * bx + (wx - fx) * ty + (wy - fy) * tx
        zx, zy, dx, dy = cx, cy, dx0, dy0
        # The whole set again, as large as the copy by now: it comes in when the copy fills its place.
        back = ieee.exp2(shrink * (share - 1.0))
        qx, qy = back * ieee.cos(turn * (share - 1.0)), back * ieee.sin(turn * (share - 1.0))
        x0 = fx + (wx - fx) * qx - (wy - fy) * qy
        y0 = fy + (wx - fx) * qy + (wy - fy) * qx
        x, y, whole, m, n, n2 = x0, y0, 0.0, 0.0, 0.0, 0.0
        for k in ti.static(range(STEPS // STRIDE)):
            for _ in ti.static(range(STRIDE)):
                ax, ay = 2.0 * zx + dx, 2.0 * zy + dy
                dx, dy = ax * dx - ay * dy + dx0, ax * dy + ay * dx + dy0
                zx, zy = zx * zx - zy * zy + cx, 2.0 * (zx * zy) + cy
                if ti.static(k < WHOLE // STRIDE):
                    # Beside the other: each waits for its own last step, so that the two take hardly longer than one.
                    x, y = x * x - y * y + x0, 2.0 * (x * y) + y0
            live = m < ESCAPED
            ex, ey = zx + dx, zy + dy
            m = ti.select(live, ex * ex + ey * ey, m)
            n += ti.select(live, float(STRIDE), 0.0)
            if ti.static(k < WHOLE // STRIDE):
                live = whole < ESCAPED
                whole = ti.select(live, x * x + y * y, whole)
                n2 += ti.select(live, float(STRIDE), 0.0)
        # A copy of period p takes p steps for one of the whole set.
        steps = ti.select(m < ESCAPED, float(WHOLE), _smooth(n, m) * ieee.exp2(-share * period))
        other = ti.select(whole < ESCAPED, float(WHOLE), _smooth(n2, whole))
        come = ieee.smoothstep(0.84, 0.99, share)
        steps = ieee.low(ieee.high(steps, 0.0), float(WHOLE))
        steps += (ieee.low(ieee.high(other, 0.0), float(WHOLE)) - steps) * come
        return paint(steps, u * u + v * v, row, tables) * row[GAIN]

    return Program(pixel, smooth=True)
