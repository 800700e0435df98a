"""Presets: a preset file -> Scene, with every parameter filled in and every expression checked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from engine.errors import InputError
from engine.expressions import FEATURES, FUNCTIONS
from engine.palettes import PALETTES
from engine.scene import Binding, ParamSpec, Scene
from runner import schemacheck, template, yamlfile
from runner.diagnostics import did_you_mean, listing, printable, show
from runner.presetlayers import build_layers, build_post, check_binding, plain, report_binding
from runner.yamlfile import Document

ORDER = (
    "aurora", "spectrum", "radial", "scope", "tunnel", "warp", "particles", "flow", "ridges", "waterfall", "fireworks",
    "starfield", "plasma", "caustics", "voronoi", "led", "mirrored", "sunburst", "halo", "truchet", "julia", "kifs",
    "mandelbrot", "ripples", "vectorscope", "phase", "reaction", "podcast", "terrain", "metaballs", "columns",
    "attractor", "currents", "physarum", "card", "fluid", "cover", "echo",
)  # fmt: skip
"""The built-in presets in index order: an index on the command line must not move when a preset is added before it."""


@dataclass(frozen=True, slots=True)
class PresetParam:
    """A parameter that a job may set: a number or expression as default, clamped to minimum..maximum."""

    default: Binding
    minimum: float
    maximum: float
    unit: str
    description: str


@dataclass(frozen=True, slots=True)
class PresetInfo:
    """A preset file, checked; `scene` has the default of every parameter. sha256: of the file.

    overlay: words that lie over it where a job says nothing of overlays: items as a job has them, texts alone.
    """

    name: str
    description: str
    tags: tuple[str, ...]
    params: Mapping[str, PresetParam]
    scene: Scene
    sha256: str = ""
    overlay: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class ParamProblem:
    """A job's value for a parameter that cannot be; `column` counts from 1 in an expression, 0: the name is wrong."""

    name: str
    message: str
    hint: str
    column: int


def names() -> list[str]:
    """The names of the built-in presets in index order; one that ORDER does not know comes last."""
    return list(_names())


def resolve(text: str) -> str:
    """A built-in preset's name from its name or index (from 0); a path stays as it is. Raises InputError."""
    known = names()
    if text.isascii() and text.isdigit():
        if int(text) >= len(known):
            raise InputError(
                f"there is no preset {text}", f"indices go from 0 to {len(known) - 1}: see 'trackreel presets'"
            )
        return known[int(text)]
    if text not in known and not is_path(text):
        hint = did_you_mean(text, known) or f"see 'trackreel presets'; a file needs its suffix: ./{text}.yaml"
        raise InputError(f"unknown preset {show(text)}", hint)
    return text


def check_name(text: str, folder: Path) -> None:
    """Raise InputError if there is no preset of this name, or no such file below `folder`."""
    if not is_path(text):
        resolve(text)
    elif (folder / text).exists():
        if not (folder / text).is_file():  # a pipe would never end, and a device need not either
            raise InputError(f"{printable(text)} is not a regular file", "name a preset file, such as ./mine.yaml")
    else:
        beside = (folder / text).parent
        known = sorted(one.name for one in beside.glob("*.yaml")) if beside.is_dir() else []
        raise InputError(f"no such preset file: {printable(text)}", did_you_mean(Path(text).name, known))


def is_path(text: str) -> bool:
    """Whether a preset is named by its file."""
    return "/" in text or text.endswith((".yaml", ".yml"))


def describe(name_or_path: str, folder: Path = Path()) -> PresetInfo:
    """Read and check a preset; a relative path is below `folder`. Raises InputError, or JobError for a bad file."""
    return _read(file_of(name_or_path, folder))


def file_of(name_or_path: str, folder: Path = Path()) -> Path:
    """The file of a preset; a relative path is below `folder`. Raises InputError for an unknown name."""
    if is_path(name_or_path):
        return folder / name_or_path
    return _folder() / f"{resolve(name_or_path)}.yaml"


def load(name_or_path: str, params: Mapping[str, Binding], folder: Path = Path()) -> Scene:
    """The scene of a preset with a job's `params`. Raises as `describe`, and InputError for params that cannot be."""
    info = describe(name_or_path, folder)
    for problem in check_params([info], params):
        raise InputError(problem.message, problem.hint)
    return bind(info, params)


def bind(info: PresetInfo, params: Mapping[str, Binding]) -> Scene:
    """The preset's scene with `params` (checked before); those that the preset does not have are left out."""
    own = {name: plain(value) for name, value in params.items() if name in info.params}
    return replace(info.scene, locals={**info.scene.locals, **own})


def check_params(presets: Sequence[PresetInfo], params: Mapping[str, Binding]) -> Iterator[ParamProblem]:
    """What is wrong with a job's params for these presets: each param must belong to one of them at least."""
    for name, value in params.items():
        owners = [one for one in presets if name in one.params]
        if not owners:
            known = list(dict.fromkeys(name for one in presets for name in one.params))
            which = " or ".join(f"'{one.name}'" for one in presets)
            hint = did_you_mean(name, known) or (f"it has: {listing(known)}" if known else "it has none")
            yield ParamProblem(name, f"unknown parameter '{name}' of preset {which}", hint, 0)
        for owner in owners:
            spec = owner.params[name]
            earlier = list(owner.params)[: list(owner.params).index(name)]
            fault = check_binding(name, value, ParamSpec(0.0, spec.minimum, spec.maximum, ""), [*FEATURES, *earlier])
            if fault:
                message = fault[0] if len(presets) == 1 else f"preset '{owner.name}': {fault[0]}"
                yield ParamProblem(name, message, *fault[1:])


@cache
def _folder() -> Path:
    return Path(str(files("engine").joinpath("presets")))


@cache
def _names() -> tuple[str, ...]:
    """Read once: a job with 100,000 tasks asks for each."""
    found = {one.stem for one in _folder().iterdir() if one.suffix == ".yaml"}
    return (*(one for one in ORDER if one in found), *sorted(found.difference(ORDER)))


def _read(path: Path) -> PresetInfo:
    """Cached by the file's identity: a job with 10,000 tasks reads a preset once, a changed file is read again."""
    try:
        stat = path.stat()
    except OSError:
        yamlfile.read(path)  # says why
        raise
    return _read_version(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=64)
def _read_version(path: Path, _changed: int, _size: int) -> PresetInfo:
    document = yamlfile.read(path)
    schemacheck.check(document, "preset")
    document.check()
    text = "\n".join(document.source.lines)
    return replace(_build(document), sha256=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest())


def _build(document: Document) -> PresetInfo:
    data = document.data
    params = {name: _param(document, name, one) for name, one in data.get("params", {}).items()}
    known = [*FEATURES, *params]
    layers, post = build_layers(document, known), build_post(document, known)
    palette = _palette(document)
    for index, item in enumerate(data.get("overlay", ())):
        for one in template.problems(item["text"], params, "text"):
            document.report(document.at(("overlay", index, "text")).within(one.column), one.message, one.hint)
    document.check()
    scene = Scene(
        name=data["name"],
        palette=palette,
        layers=layers,
        post=post,
        locals={name: one.default for name, one in params.items()},
        limits={name: (one.minimum, one.maximum) for name, one in params.items()},
    )
    words = tuple(data.get("overlay", ()))
    return PresetInfo(data["name"], data["description"], tuple(data.get("tags", ())), params, scene, overlay=words)


def _palette(document: Document) -> tuple[str, ...]:
    said = document.data["palette"]
    if not isinstance(said, str):
        return tuple(colour.lower() for colour in said)
    if said not in PALETTES:
        document.report(document.at(("palette",)), *unknown_palette(said))
        return ()
    return PALETTES[said].colours


def unknown_palette(name: str, also: Sequence[str] = ()) -> tuple[str, str]:
    """Message and hint for a palette of no known name; also: what else may stand there."""
    known = [*PALETTES, *also]
    hint = did_you_mean(name, known) or f"see 'trackreel presets palettes'; one of: {listing(known, len(known))}"
    if name == "cover" and name not in also:
        hint = "the cover art is the track's: say it in the job, as scene.palette"
    return f"unknown palette {show(name)}", hint


def _param(document: Document, name: str, data: Mapping[str, Any]) -> PresetParam:
    where = ("params", name)
    if name in FEATURES or name in FUNCTIONS:
        document.report(document.at_key(where), f"'{name}' is a feature or function of the music already", "rename it")
    if data["min"] > data["max"]:
        document.report(document.at((*where, "min")), f"'{name}': min is greater than max")
    earlier = list(document.data["params"])
    earlier = earlier[: earlier.index(name)]
    spec = ParamSpec(0.0, data["min"], data["max"], "")
    report_binding(document, (*where, "default"), data["default"], spec, [*FEATURES, *earlier])
    return PresetParam(
        plain(data["default"]), float(data["min"]), float(data["max"]), data.get("unit", ""), data["description"]
    )
