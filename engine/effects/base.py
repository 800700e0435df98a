"""What an effect is to the engine: a pixel function, or a drawer of its own planes, and the tables it reads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.kernels.color import make_ramp
from engine.planes import Planes

STEP_RATE = 60
"""Effects with memory advance this often a second at any fps, so that 30 and 60 fps show the same."""


@dataclass(frozen=True, slots=True)
class Slots:
    """Where a layer finds its numbers in the row (see engine.kernels.raster): name -> place; the palette's place."""

    places: Mapping[str, int]
    palette: int
    size: int
    columns: int = 0
    """Place of this layer's first number in `col` (see Program.columns)."""

    def params(self, *names: str) -> tuple[int, ...]:
        """Places of the named parameters, in the order asked."""
        return tuple(self.places[name] for name in names)

    @property
    def ramp(self) -> Callable[..., Any]:
        """The palette as a ti.func (row, t) -> linear RGB."""
        return make_ramp(self.palette)


class Drawer(Protocol):
    """An effect that fills planes itself: particles, feedback. `memory`: its frames depend on earlier ones."""

    memory: bool

    def step(self, row: NDArray[np.float32], tables: NDArray[np.float32], index: int) -> None:
        """Advance by 1 / STEP_RATE to step `index` (from the track's start); nothing for effects without memory."""
        ...

    def draw(self, row: NDArray[np.float32], tables: NDArray[np.float32], planes: Planes, first: int) -> None:
        """Draw into image `first` of the planes: linear light."""
        ...

    def reset(self) -> None:
        """Forget everything: back to the track's start."""
        ...


class Memoryless:
    """The part of a Drawer whose frames depend on nothing earlier."""

    memory = False

    def reset(self) -> None:
        """Nothing to forget."""

    def step(self, row: NDArray[np.float32], tables: NDArray[np.float32], index: int) -> None:
        """Nothing to advance."""


@dataclass(frozen=True, slots=True)
class Program:
    """A built effect.

    pixel: ti.func (u, v, px, row, tables, col, tex) -> linear RGB, or None where `drawer` fills planes.
    smooth: the picture has no detail below two pixels; at quality balanced it is drawn at half size and blown up.
    """

    pixel: Callable[..., Any] | None = None
    smooth: bool = False
    even: bool = False
    """The picture changes from row to row alone, and slowly: where nothing else is drawn it is computed once a row."""
    touches: Callable[..., Any] | None = None
    """ti.func (u0, u1, v, row, most, place) -> 0 where the block from u0 to u1 at height v is `outside` throughout
    and not computed. most[n, place]: the largest of column number n in the block."""
    outside: float = 0.0
    drawer: Callable[[int, int, int, int], Drawer] | None = None
    """Called with (canvas width, canvas height, scale, seed)."""
    adds: bool = False
    """The drawer adds light to what is in its image (opacity included), so that it can share the image of the layer
    below. Without it the drawer overwrites its image."""
    covered: Callable[..., Any] | None = None
    """For the blend `alpha`, as pixel: ti.func -> (red, green, blue, coverage 0..1), the light only of what covers.
    Without it, or where the effect is drawn into an image, light covers as far as it is bright."""
    columns: Callable[..., Any] | None = None
    """ti.func (u, x, row, tables) -> the column's numbers (EffectSpec.columns of them), computed once each."""
