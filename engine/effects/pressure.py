"""What keeps the water of `fluid` water: vortices that last, and pressure, by which as much flows out as in.

The grid closes in itself. flow: planes [2, rows, strips], to the right and up, in cells a step; the other arrays are
like it. Whole vectors: no roots here. On a CPU (LOOPS.partial) the loops run in the calling thread: they are so short
that handing them to others costs more.
"""

import taichi as ti

from engine.kernels import raster
from engine.kernels.planes import in_vectors
from engine.loops import LOOPS
from engine.scene import LANES


@ti.func
def _beside(line: ti.template(), c, y, strip):
    """The cells to the left and to the right of a strip's."""
    strips = line.shape[2]
    here = line[c, y, strip]
    left = line[c, y, (strip + strips - 1) % strips]
    right = line[c, y, (strip + 1) % strips]
    before = raster.VEC([left[LANES - 1], here[0], here[1], here[2], here[3], here[4], here[5], here[6]])
    after = raster.VEC([here[1], here[2], here[3], here[4], here[5], here[6], here[7], right[0]])
    return before, after


@in_vectors
@ti.kernel
def swirl(flow: raster.PLANES, vortex: raster.PLANES, new: raster.PLANES, strength: ti.f32):
    """The flow with its vortices strengthened. vortex: the curl and its square.

    As in Fedkiw et al., "Visual Simulation of Smoke" (2001).
    """
    ti.loop_config(serialize=LOOPS.partial)
    for y in range(flow.shape[1]):
        above, below = (y + flow.shape[1] - 1) % flow.shape[1], (y + 1) % flow.shape[1]
        for strip in range(flow.shape[2]):
            before, after = _beside(flow, 1, y, strip)
            curl = 0.5 * (after - before - flow[0, above, strip] + flow[0, below, strip])
            vortex[0, y, strip] = curl
            vortex[1, y, strip] = curl * curl
    ti.loop_config(serialize=LOOPS.partial)
    for y in range(flow.shape[1]):
        above, below = (y + flow.shape[1] - 1) % flow.shape[1], (y + 1) % flow.shape[1]
        for strip in range(flow.shape[2]):
            before, after = _beside(vortex, 1, y, strip)
            du, dv = after - before, vortex[1, above, strip] - vortex[1, below, strip]
            # Towards the stronger curl, by its share: no root, which whole vectors have not.
            around = before + after + vortex[1, above, strip] + vortex[1, below, strip]
            more = strength * vortex[0, y, strip] / (around + 1e-5)
            new[0, y, strip] = flow[0, y, strip] + dv * more
            new[1, y, strip] = flow[1, y, strip] - du * more


@ti.func
def _round(old: ti.template(), new: ti.template(), source: ti.template()):
    ti.loop_config(serialize=LOOPS.partial)
    for y in range(old.shape[1]):
        above, below = (y + old.shape[1] - 1) % old.shape[1], (y + 1) % old.shape[1]
        for strip in range(old.shape[2]):
            before, after = _beside(old, 0, y, strip)
            around = before + after + old[0, above, strip] + old[0, below, strip]
            new[0, y, strip] = 0.25 * (around - source[0, y, strip])


@in_vectors
@ti.kernel
def gather(flow: raster.PLANES, source: raster.PLANES):
    """How much flows out of each cell."""
    ti.loop_config(serialize=LOOPS.partial)
    for y in range(flow.shape[1]):
        above, below = (y + flow.shape[1] - 1) % flow.shape[1], (y + 1) % flow.shape[1]
        for strip in range(flow.shape[2]):
            before, after = _beside(flow, 0, y, strip)
            source[0, y, strip] = 0.5 * (after - before + flow[1, above, strip] - flow[1, below, strip])


@in_vectors
@ti.kernel
def press(one: raster.PLANES, other: raster.PLANES, source: raster.PLANES):
    """Two Jacobi rounds of the pressure, there and back."""
    _round(one, other, source)
    _round(other, one, source)


@in_vectors
@ti.kernel
def settle(flow: raster.PLANES, pressure: raster.PLANES):
    """Takes the pressure's slope from the flow: as much flows out of each cell as in."""
    ti.loop_config(serialize=LOOPS.partial)
    for y in range(flow.shape[1]):
        above, below = (y + flow.shape[1] - 1) % flow.shape[1], (y + 1) % flow.shape[1]
        for strip in range(flow.shape[2]):
            before, after = _beside(pressure, 0, y, strip)
            flow[0, y, strip] = flow[0, y, strip] - 0.5 * (after - before)
            flow[1, y, strip] = flow[1, y, strip] - 0.5 * (pressure[0, above, strip] - pressure[0, below, strip])
