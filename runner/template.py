"""Output paths with placeholders: "{name}/{audio.stem}-{video.height}p.mp4"."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from runner import tags
from runner.diagnostics import did_you_mean, listing

PLACEHOLDERS: Mapping[str, str] = {
    "name": "the job's name",
    "audio.stem": "the track's file name without suffix",
    "audio.parent": "the name of the folder that the track is in",
    "audio.index": "the track's number among the job's tracks, from 0",
    "scene.preset": "the preset's name; several joined by +",
    "scene.palette": "the palette's name, its picture's or its colours; own where each preset has its own",
    "scene.switch.mode": "how presets change",
    "video.width": "pixels",
    "video.height": "pixels",
    "video.fps": "frames a second, 30000-1001 for 30000/1001",
    "engine.backend": "what draws",
    "engine.quality": "the quality",
    "encode.codec": "the video codec",
    "encode.audio_codec": "the audio codec",
    "encode.container": "the usual suffix for codec and audio codec: mp4, webm, mov or mkv",
    "encode.crf": "the rate factor",
    "encode.speed": "the encoder's effort",
    "seed": "the seed",
    **{f"tags.{name}": meaning for name, meaning in tags.NAMES.items()},
}
"""What a placeholder may be, besides scene.params.NAME for a parameter that the job sets."""

MAX_NAME = 200  # bytes; file systems take 255, and NAME.manifest.json and the name of a partial file are longer

_UNSAFE = re.compile(r"[/\\\x00-\x1f\x7f]")
_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


@dataclass(frozen=True, slots=True)
class TemplateProblem:
    """What is wrong, and at which character (from 1) of the template."""

    message: str
    hint: str
    column: int


def problems(template: str, params: Collection[str] = (), what: str = "path") -> Iterator[TemplateProblem]:
    """What is wrong with a template's braces and placeholders; `params` are the names under scene.params."""
    known = [*PLACEHOLDERS, *(f"scene.params.{name}" for name in params)]
    for match in _TOKEN.finditer(template):
        token, name = match.group(0), match.group(1)
        if token in {"{", "}"}:
            yield TemplateProblem(
                f"a single '{token}' in the {what}", f"write '{token * 2}' for a brace", match.start() + 1
            )
        elif name is not None and name not in known:
            hint = did_you_mean(name, known) or f"known: {listing(known, 40)}"
            yield TemplateProblem(f"unknown placeholder '{{{name}}}'", hint, match.start() + 1)


@lru_cache(maxsize=1024)
def pieces(template: str) -> tuple[tuple[str, str], ...]:
    """A template without problems as pairs of plain text and the name of the placeholder behind it, "" at the end."""
    found: list[tuple[str, str]] = []
    text, end = "", 0
    for match in _TOKEN.finditer(template):
        text += template[end : match.start()]
        end = match.end()
        if match.group(1) is None:
            text += match.group(0)[0]
        else:
            found.append((text, match.group(1)))
            text = ""
    return (*found, (text + template[end:], ""))


def fields(template: str) -> set[str]:
    """The names of the placeholders in use."""
    return {name for _, name in pieces(template) if name}


def column(template: str, name: str) -> int:
    """At which character (from 1) the placeholder `name` stands."""
    return next(match.start() for match in _TOKEN.finditer(template) if match.group(1) == name) + 1


def expand(template: str, values: Mapping[str, str]) -> str:
    """The path with every placeholder replaced."""
    return "".join(text + (clean(values[name]) if name else "") for text, name in pieces(template))


def clean(value: str) -> str:
    """A value as a path holds it: a slash or control character becomes "_"."""
    return _UNSAFE.sub("_", value)


def escape(path: str) -> str:
    """The template that expands to `path` itself."""
    return path.replace("{", "{{").replace("}", "}}")


def path_problem(path: str) -> tuple[str, str] | None:
    """Why an expanded path cannot be an output below the output root (message, hint); None: it can."""
    parts = [one for one in path.split("/") if one not in {"", "."}]
    name = parts[-1] if parts else ""
    if path.startswith("/") or "\\" in path or "\x00" in path:
        return f"the output path '{path}' is not a relative path", "it is below the output root: see --out-root"
    if ".." in parts:
        return f"the output path '{path}' leaves the output root", "leave out '..' and use --out-root"
    if path.endswith(("/", "/.")) or not 0 < name.rfind(".") < len(name) - 1:
        return f"the output path '{path}' has no file name with a suffix", "end it with .mp4, .mkv, .webm or .mov"
    if any(len(part) > MAX_NAME // 4 and len(part.encode("utf-8", "surrogateescape")) > MAX_NAME for part in parts):
        return f"a name in the output path is longer than {MAX_NAME} bytes", "shorten the file's or the job's name"
    return None
