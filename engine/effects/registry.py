"""An effect's drawing code by its name: the function `build` of engine/effects/NAME.py, imported when first asked for.

Importing them all would cost every start; engine.effects.catalog describes the same names without Taichi.
"""

from collections.abc import Callable
from importlib import import_module

from engine.effects import plugins
from engine.effects.base import Program, Slots
from engine.effects.catalog import BUILT_IN, EFFECTS


def builder(effect: str) -> Callable[[Slots], Program]:
    """The function that builds an effect of the catalog. Raises KeyError for another name, PluginError."""
    if effect not in EFFECTS:
        raise KeyError(effect)
    if effect not in BUILT_IN:
        return _checked(effect, plugins.builder(effect))
    build: Callable[[Slots], Program] = import_module(f"engine.effects.{effect}").build
    return build


def _checked(effect: str, build: Callable[[Slots], Program]) -> Callable[[Slots], Program]:
    """What another package builds must be a Program; what it raises is told as its own."""

    def checked(slots: Slots) -> Program:
        try:
            program = build(slots)
        except Exception as error:
            raise plugins.broken(effect, f"{type(error).__name__}: {error}") from error
        if not isinstance(program, Program) or (program.pixel is None) == (program.drawer is None):
            raise plugins.broken(effect, "build gives no Program with one of pixel and drawer")
        return program

    return checked
