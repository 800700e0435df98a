"""A job's `scene.palette`: a palette by name, colours, or the colours of cover art, in place of the presets' own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine import coverpalette
from engine.errors import InputError
from engine.overlay import pictures
from engine.overlay.values import COVER, Asset
from engine.palettes import PALETTES
from runner import assets, jobcover, preset, template
from runner.jobcover import TAGS
from runner.jobspec import Job, Settings, Track

KEY = "scene.palette"

Colours = tuple[str, ...]


def problems(settings: Settings) -> Iterator[tuple[str, str, str, int]]:
    """What is wrong with a scene's palette, whatever the track: (dotted key, message, hint, column or 0)."""
    said = settings["scene"].get("palette")
    if isinstance(said, str) and said != COVER and said not in PALETTES:
        yield KEY, *preset.unknown_palette(said, (COVER,)), 0
    elif isinstance(said, dict) and _file(said) != TAGS:
        for one in template.problems(_file(said), settings["scene"].get("params", {})):
            yield f"{KEY}.{COVER}", one.message, one.hint, one.column


def of(job: Job, settings: Settings, track: Track) -> Colours | None:
    """The colours that a track's scenes have in place of their own; None: they keep them.

    Raises InputError where there is no cover art, or none that can be used.
    """
    said = settings["scene"].get("palette")
    if said is None:
        return None
    if isinstance(said, list):
        return tuple(one.lower() for one in said)
    if isinstance(said, str) and said != COVER:
        return PALETTES[said].colours
    text = settings["scene"].get("cover", TAGS) if isinstance(said, str) else _file(said)
    key = ("palette of cover", settings["scene"].number, track if text == TAGS or "{" in text else None)
    found: Colours | InputError = job.memo(key, _try, job, settings, track, text)
    if isinstance(found, InputError):
        raise InputError(found.message, found.hint)
    return found


def key(settings: Settings) -> str:
    """The dotted key that is to blame for what `of` raises."""
    return f"{KEY}.{COVER}" if isinstance(settings["scene"].get("palette"), dict) else KEY


def _file(said: dict[str, Any]) -> str:
    return str(said[COVER])


def _try(job: Job, settings: Settings, track: Track, text: str) -> Colours | InputError:
    """Colours, or what is wrong: worked out once for all that share it."""
    try:
        return _of_art(job, settings, track, text)
    except InputError as error:
        return error


def _of_art(job: Job, settings: Settings, track: Track, text: str) -> Colours:
    hint = "put it into the tags, name a picture (palette: {cover: FILE}), or a palette"
    asset, name = jobcover.find(job, settings, track, text, hint)
    found: Colours = job.memo(("palette", asset), _colours, asset, name)
    return found


def _colours(asset: Asset, name: str) -> Colours:
    return coverpalette.of(pictures.read(assets.read(asset), name))
