"""The layers and post passes of a preset file, checked against the engine's catalogs and filled in from them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from engine.effects.catalog import BLENDS, EFFECTS
from engine.effects.plugins import PluginError
from engine.errors import ExpressionError
from engine.expressions import parse
from engine.post.catalog import PASSES
from engine.scene import Binding, EffectSpec, Layer, ParamSpec
from runner import presetmasks
from runner.diagnostics import did_you_mean, listing, show
from runner.yamlfile import Document, Where

ALWAYS_ON = ("tonemap", "dither")
"""Passes that a preset gets whether it names them or not: linear light must become display light, and not in bands."""

_OPACITY = ParamSpec(1.0, 0.0, 1.0, "opacity of the layer")


def build_layers(document: Document, known: Collection[str]) -> tuple[Layer, ...]:
    """The layers, every parameter of each effect present in the effect's order; problems go to the document.

    An effect that a mask names becomes a hidden layer behind the others.
    """
    given: list[Mapping[str, Any]] = document.data["layers"]
    layers = [_layer(document, ("layers", index), one, known) for index, one in enumerate(given)]
    masked = presetmasks.resolve(document)
    for index, mask in masked.items():
        number = mask.layer
        if number is None:
            number = len(layers)
            hidden = _layer(document, ("layers", index, "mask"), given[index]["mask"], known)
            layers.append(replace(hidden, hidden=True))
        layers[index] = replace(layers[index], mask=number, inverted=mask.inverted)
    return tuple(layers)


def build_post(document: Document, known: Collection[str]) -> dict[str, dict[str, Binding]]:
    """The post passes that are on, in the order in which they run, every parameter present."""
    given: Mapping[str, Any] = document.data.get("post", {})
    for name in given:
        if name not in PASSES:
            _unknown(document, ("post", name), "post pass", name, PASSES)
    on = [name for name in PASSES if name in given or name in ALWAYS_ON]
    return {name: _params(document, ("post", name), given.get(name, {}), PASSES[name], known) for name in on}


def check_binding(name: str, value: Binding, spec: ParamSpec, known: Collection[str]) -> tuple[str, str, int] | None:
    """What is wrong with a parameter's value: message, hint, column in the expression (from 1); None: nothing."""
    if isinstance(value, str):
        try:
            parse(value, known)
        except ExpressionError as error:
            return f"'{name}': {error.message}", error.hint.replace("`", "'"), error.column
    elif not spec.minimum <= value <= spec.maximum:
        return f"'{name}' is {value:g}, outside {spec.minimum:g} to {spec.maximum:g}", "", 1
    return None


def plain(value: Binding) -> Binding:
    """The value as the engine keeps it: a number is a float, so that 1 and 1.0 are one recipe."""
    return value if isinstance(value, str) else float(value)


def report_binding(document: Document, where: Where, value: Binding, spec: ParamSpec, known: Collection[str]) -> None:
    """Record what is wrong with the parameter at `where`."""
    fault = check_binding(str(where[-1]), value, spec, known)
    if fault:
        document.report(document.at(where).within(fault[2]), fault[0], fault[1])


def _layer(document: Document, where: Where, data: Mapping[str, Any], known: Collection[str]) -> Layer:
    effect, blend, opacity = data["effect"], data.get("blend", "normal"), data.get("opacity", 1.0)
    if blend not in BLENDS:
        _unknown(document, (*where, "blend"), "blend", blend, BLENDS)
    report_binding(document, (*where, "opacity"), opacity, _OPACITY, known)
    if effect not in EFFECTS:
        _unknown(document, (*where, "effect"), "effect", effect, EFFECTS)
        return Layer(effect, {}, blend, opacity)
    try:
        spec, origin = EFFECTS[effect], EFFECTS.origin(effect)
    except PluginError as error:
        document.report(document.at((*where, "effect")), error.message, error.hint)
        return Layer(effect, {}, blend, opacity)
    params = _params(document, (*where, "params"), data.get("params", {}), spec, known)
    return Layer(effect, params, blend, plain(opacity), origin=origin)


def _params(
    document: Document,
    where: Where,
    given: Mapping[str, Binding],
    spec: EffectSpec,
    known: Collection[str],
) -> dict[str, Binding]:
    chosen: dict[str, Binding] = {}
    for name, value in given.items():
        if name in spec.params:
            report_binding(document, (*where, name), value, spec.params[name], known)
        elif name in spec.options:
            words = spec.options[name].words
            if value not in words:
                _unknown(document, (*where, name), name, str(value), words)
            elif value != words[0]:
                chosen[name] = value
        else:
            _unknown(document, (*where, name), "parameter", name, [*spec.options, *spec.params], of_key=True)
    return {**{name: plain(given.get(name, one.default)) for name, one in spec.params.items()}, **chosen}


def _unknown(
    document: Document, where: Where, what: str, name: str, known: Collection[str], *, of_key: bool = False
) -> None:
    """Report such as: unknown effect "sold", unknown blend "ad", unknown parameter "gian"; with what may be meant."""
    position = document.at_key(where) if of_key or what == "post pass" else document.at(where)
    document.report(
        position, f"unknown {what} {show(name)}", did_you_mean(name, known) or f"one of: {listing(list(known))}"
    )
