"""The masks of a preset's layers: what each names, and that no layer masks itself in the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from runner.diagnostics import did_you_mean, listing, show
from runner.yamlfile import Document, Where

_FORMS = "mask: NAME, mask: {layer: NAME}, or mask: {effect: EFFECT, params: {...}}"


@dataclass(frozen=True, slots=True)
class Mask:
    """What limits a layer: the number of another one, or None for an effect of the mask's own."""

    layer: int | None
    inverted: bool


def resolve(document: Document) -> dict[int, Mask]:
    """Layer -> its mask, for those that have one without fault; problems go to the document."""
    layers: list[Mapping[str, Any]] = document.data["layers"]
    names = _names(document, layers)
    found = {}
    for index, layer in enumerate(layers):
        mask = _mask(document, ("layers", index, "mask"), layer["mask"], names) if "mask" in layer else None
        if mask is not None:
            found[index] = mask
    for circle in list(_circles(found)):
        words = " -> ".join(f"'{layers[one]['name']}'" for one in (*circle, circle[0]))
        message = f"cyclic masks: {words}" if len(circle) > 1 else f"layer {words.split(' ')[0]} masks itself"
        document.report(document.at(("layers", circle[0], "mask")), message, "a mask must not depend on what it masks")
        del found[circle[0]]
    return found


def _names(document: Document, layers: list[Mapping[str, Any]]) -> dict[str, int]:
    names: dict[str, int] = {}
    for index, layer in enumerate(layers):
        name = layer.get("name")
        if name in names:
            position = document.at(("layers", index, "name"))
            document.report(position, f"two layers have the name {show(name)}", "rename one of them")
        elif name is not None:
            names[name] = index
    return names


def _mask(document: Document, where: Where, said: Any, names: Mapping[str, int]) -> Mask | None:
    inverted = isinstance(said, dict) and bool(said.get("invert", False))
    if isinstance(said, dict) and ("effect" in said) == ("layer" in said):
        document.report(document.at(where), "a mask names one of 'layer' and 'effect'", f"write {_FORMS}")
        return None
    if isinstance(said, dict) and "effect" in said:
        return Mask(None, inverted)
    if isinstance(said, dict) and "params" in said:
        document.report(document.at_key((*where, "params")), "a layer has its parameters already", "leave them out")
    name = said["layer"] if isinstance(said, dict) else said
    if name in names:
        return Mask(names[name], inverted)
    known = listing(list(names)) if names else "none has a name yet: give the one that masks a 'name'"
    position = document.at((*where, "layer") if isinstance(said, dict) else where)
    document.report(position, f"unknown layer {show(name)}", did_you_mean(name, names) or f"layers with names: {known}")
    return None


def _circles(masks: Mapping[int, Mask]) -> Iterator[list[int]]:
    """Each circle of masks once, from its first layer on."""
    for start in masks:
        path = [start]
        while (mask := masks.get(path[-1])) is not None and mask.layer is not None and mask.layer not in path:
            path.append(mask.layer)
        if mask is not None and mask.layer == start and start == min(path):
            yield path
