"""A job's `scene.cover`: the picture that presets with cover art show, of the track's tags or a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.effects.catalog import EFFECTS
from engine.errors import InputError
from engine.overlay import pictures
from engine.overlay.values import COVER, Asset
from runner import assets, coverart, filehashes, jobvalues, template
from runner.diagnostics import printable
from runner.jobpaths import MissingTagError, described, placeholder
from runner.jobspec import Job, Settings, Track, presets_of
from runner.jobtracks import SUFFIX

TAGS = "tags"
KEY = "scene.cover"


def problems(settings: Settings) -> Iterator[tuple[str, str, str, int]]:
    """What is wrong with a scene's cover, whatever the track: (dotted key, message, hint, column)."""
    text = settings["scene"].get(COVER)
    if text is not None and text != TAGS:
        for one in template.problems(text, settings["scene"].get("params", {})):
            yield KEY, one.message, one.hint, one.column


def of(job: Job, settings: Settings, track: Track) -> Asset | None:
    """The picture that a track's scenes show; None: they show none, or artwork stands in for it.

    Without `scene.cover` it is the one in the tags, if there is one that can be used. Raises InputError where the job
    names one that is not there or cannot be used, whether a preset shows it or not.
    """
    text, number = settings["scene"].get(COVER), settings["scene"].number
    shows = job.memo(("shows cover", number), _shows, job, settings)
    if not shows and text is None:
        return None
    own = text is None or text == TAGS or "{" in text
    found: Asset | InputError | None = job.memo(
        ("cover", number, track if own else None), _try, job, settings, track, text
    )
    if isinstance(found, InputError):
        if text is None:
            return None
        raise InputError(found.message, found.hint)
    return found if shows else None


def find(job: Job, settings: Settings, track: Track, text: str, instead: str) -> tuple[Asset, str]:
    """The picture that `text` names, and what messages call it: `tags`, or a file with placeholders.

    instead: the hint where there is none in the tags. Raises InputError where there is none.
    """
    shown = printable(track.path.name)
    if text == TAGS:
        if coverart.read(track.path) is None:
            raise InputError(f"missing cover art: there is no picture in the tags of {shown}", instead)
        return Asset(str(track.path), filehashes.sha256(track.path), COVER), f"the cover art of {shown}"
    path = jobvalues.absolute(job.folder, _expanded(job, settings, track, text))
    asset, name = assets.find(path, "picture"), printable(path.name)
    pictures.check_size(Path(asset.path).stat().st_size, name)
    return asset, name


def _shows(job: Job, settings: Settings) -> bool:
    """Whether a preset of the scene shows a picture."""
    try:
        layers = [layer for name in presets_of(settings) for layer in described(job, name).scene.layers]
    except InputError:  # a bad preset, which is reported where the job names it
        return False
    return any("art" in EFFECTS[layer.effect].reads for layer in layers)


def _try(job: Job, settings: Settings, track: Track, text: str | None) -> Asset | InputError:
    """The picture, or what is wrong: worked out once for all that share it."""
    try:
        hint = "put it into the tags, or name a picture (cover: FILE)"
        asset, name = find(job, settings, track, text or TAGS, hint)
        job.memo(("cover looked at", asset), _look, asset, name)
    except InputError as error:
        return error
    return asset


def _look(asset: Asset, name: str) -> None:
    pictures.read(assets.read(asset), name)


def _expanded(job: Job, settings: Settings, track: Track, text: str) -> str:
    try:
        return "".join(
            plain + (placeholder(job, settings, track, name) if name else "") for plain, name in template.pieces(text)
        )
    except MissingTagError as error:
        hint = f"set it in the file, in {track.path.stem}{SUFFIX} beside it, or in 'tracks'"
        raise InputError(f"{printable(track.path.name)} has no tag '{error.name}'", hint) from None
