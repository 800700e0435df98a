"""Kernel launches that cost microseconds: what did not change since the last launch is not looked at again.

Taichi checks and converts every argument of every launch, which takes 0.15 ms in Python for a kernel of ten arguments;
a frame takes a dozen launches (720p: 2.2 of 7.6 ms). A Launch keeps the kernel's launch context and sets only what is
new. It uses what Taichi 1.7.4, the one version we allow, does not promise; where that is missing, and on GPUs, whose
launchers write into the context, the kernel is called as usual.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import numpy as np
import taichi as ti
from taichi.lang import impl

CPUS = (ti.x64, ti.arm64)


@contextmanager
def whole_vectors() -> Iterator[None]:
    """Compile what is compiled inside with vectors that are not taken apart (see engine.kernels.planes.in_vectors)."""
    config = impl.current_cfg()
    if config.arch not in CPUS:
        yield  # other backends know no vectors
        return
    config.real_matrix_scalarize = False
    try:
        yield
    finally:
        config.real_matrix_scalarize = True


class Launch:
    """A kernel to be called again and again, by one thread, with arguments of the same types, mostly the same ones.

    Arrays must be contiguous; one that is passed again must be the same object to count as unchanged.
    """

    def __init__(self, kernel: Callable[..., None]) -> None:
        self._kernel = kernel
        self._last: tuple[Any, ...] = ()
        self._setters: list[Callable[[tuple[int], Any], None]] = []
        self._run: Callable[[], None] | None = None
        self._program: Any = None

    def __call__(self, *arguments: Any) -> None:
        """Launch the kernel."""
        if self._run is None or impl.get_runtime().prog is not self._program:
            self._prepare(arguments)
            return
        for place, (old, new, setter) in enumerate(zip(self._last, arguments, self._setters, strict=True)):
            if new is not old and (isinstance(new, np.ndarray) or new != old):
                setter((place,), new)
        self._last = arguments
        self._run()

    def _prepare(self, arguments: tuple[Any, ...]) -> None:
        """The first launch, in Taichi's own way; then everything for the next ones."""
        self._kernel(*arguments)
        runtime = impl.get_runtime()
        self._program, self._run = runtime.prog, None
        vectors = getattr(self._kernel, "in_vectors", None)
        primal = getattr(vectors or self._kernel, "_primal", None)
        if primal is None or impl.current_cfg().arch not in CPUS:
            return
        kernel = primal.compiled_kernels[primal.ensure_compiled(*arguments)]
        context = kernel.make_launch_context()
        self._setters = [_setter(context, one.annotation) for one in primal.arguments]
        for place, (setter, value) in enumerate(zip(self._setters, arguments, strict=True)):
            setter((place,), value)
        self._last = arguments
        with whole_vectors() if vectors is not None else nullcontext():
            compiled = runtime.prog.compile_kernel(runtime.prog.config(), runtime.prog.get_device_caps(), kernel)
        launch = runtime.prog.launch_kernel
        self._run = lambda: launch(compiled, context)


def _setter(context: Any, kind: Any) -> Callable[[tuple[int], Any], None]:
    """What puts an argument of an annotated kind into a launch context."""
    if kind is ti.f32:
        return lambda place, value: context.set_arg_float(place, float(value))
    if kind is ti.i32:
        return lambda place, value: context.set_arg_int(place, int(value))
    inner = getattr(kind.dtype, "ndim", 0)

    def array(place: tuple[int], value: Any) -> None:
        shape = value.shape[: value.ndim - inner]
        context.set_arg_external_array_with_shape(place, int(value.ctypes.data), value.nbytes, shape, 0)

    return array
