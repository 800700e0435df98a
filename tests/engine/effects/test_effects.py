"""The catalog and the drawing code agree: same names, same parameters, and every parameter shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.effects import registry
from engine.effects.base import Slots
from engine.effects.catalog import BLENDS, EFFECTS
from engine.effects.registry import builder
from engine.kernels.blend import BLENDS as BLEND_FUNCTIONS
from engine.rows import Layout
from tests.engine.shows import SCENES


class Asked(Slots):
    """Slots that remember which parameters were asked for."""

    names: set[str]

    def params(self, *names: str) -> tuple[int, ...]:
        self.names.update(names)
        return super().params(*names)


def build(effect: str) -> set[str]:
    """Build an effect and its drawer, and return the names it asked for."""
    slots = Layout.of_effects([effect]).layers[0]
    asked = Asked(slots.places, slots.palette, slots.size, slots.columns)
    object.__setattr__(asked, "names", set())
    program = builder(effect)(asked)
    if program.drawer is not None:
        program.drawer(64, 36, 2, 1)
    assert (program.pixel is None) != (program.drawer is None)
    assert (program.columns is not None) == (EFFECTS[effect].columns > 0)
    # Only what draws its own light applies its opacity itself.
    return asked.names - ({"opacity"} if program.adds else set())


def test_names_agree() -> None:
    folder = Path(registry.__file__).parent
    assert {name for name in EFFECTS if (folder / f"{name}.py").is_file()} == set(EFFECTS)
    with pytest.raises(KeyError):
        registry.builder("base")
    assert set(BLEND_FUNCTIONS) == set(BLENDS)


@pytest.mark.parametrize("effect", EFFECTS)
def test_every_parameter_of_the_catalog_is_asked_for_and_no_other(effect: str) -> None:
    assert build(effect) == set(EFFECTS[effect].params)


@pytest.mark.parametrize("effect", EFFECTS)
def test_memory_is_what_the_catalog_says(effect: str) -> None:
    slots = Layout.of_effects([effect]).layers[0]
    program = builder(effect)(slots)
    memory = program.drawer is not None and program.drawer(64, 36, 2, 1).memory
    assert memory == EFFECTS[effect].memory


def test_an_unknown_parameter_fails() -> None:
    with pytest.raises(KeyError, match="colour"):
        Layout.of_effects(["solid"]).layers[0].params("top", "colour")


@pytest.mark.parametrize("effect", EFFECTS)
def test_defaults_lie_within_their_range(effect: str) -> None:
    for name, spec in EFFECTS[effect].params.items():
        assert spec.minimum <= spec.default <= spec.maximum, name
        assert spec.description


def test_together_the_presets_show_every_effect() -> None:
    assert {layer.effect for scene in SCENES.values() for layer in scene.layers} == set(EFFECTS)
