"""Ridge: the silhouette of hills along the lower edge; a mask of 0 (hill) and 1 (sky) for the blend `multiply`."""

import taichi as ti

from engine.effects.base import Program, Slots
from engine.kernels import noise, raster, sdf


def build(slots: Slots) -> Program:
    """See engine.effects.base."""
    LEVEL, HEIGHT, ROUGH = slots.params("level", "height", "roughness")
    OWN = slots.columns

    @ti.func
    def columns(u, x, row: ti.template(), tables: ti.template()):
        salt = ti.cast(row[raster.SEED] * 4096.0, ti.i32)
        edge = 0.0
        size = 1.0
        scale = 1.1
        for k in ti.static(range(6)):
            edge += size * noise.value2(u * scale + 37.0 * k, 0.5, salt + k)
            size *= row[ROUGH]
            scale *= 2.13
        return ti.Vector([-row[raster.EXTENT_V] + row[LEVEL] + row[HEIGHT] * edge])

    @ti.func
    def pixel(u, v, px, row: ti.template(), tables: ti.template(), col: ti.template(), tex: ti.template()):
        sky = sdf.coverage(col[OWN] - v, 1.0 / px)
        return ti.Vector([sky, sky, sky])

    @ti.func
    def covered(u, v, px, row: ti.template(), tables: ti.template(), col: ti.template(), tex: ti.template()):
        return ti.Vector([0.0, 0.0, 0.0, 1.0 - sdf.coverage(col[OWN] - v, 1.0 / px)])

    @ti.func
    def touches(u0, u1, v, row: ti.template(), most: ti.template(), place):
        return ti.cast(v < most[OWN, place] + row[raster.PX], ti.i32)

    return Program(pixel, columns=columns, touches=touches, outside=1.0, covered=covered)
