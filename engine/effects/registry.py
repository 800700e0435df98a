"""An effect's drawing code by its name: the function `build` of engine/effects/NAME.py, imported when first asked for.

Importing them all would cost every start; engine.effects.catalog describes the same names without Taichi.
"""

from collections.abc import Callable
from importlib import import_module

from engine.effects.base import Program, Slots
from engine.effects.catalog import EFFECTS


def builder(effect: str) -> Callable[[Slots], Program]:
    """The function that builds an effect of the catalog. Raises KeyError for another name."""
    if effect not in EFFECTS:
        raise KeyError(effect)
    build: Callable[[Slots], Program] = import_module(f"engine.effects.{effect}").build
    return build
