"""The options of `export` as a job: so that an export and a run share one path from here on."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine import audio
from engine.errors import InputError
from engine.sinks.output import check_output
from engine.source import check_source
from runner import dotted, preset, template, yamlfile
from runner.diagnostics import Diagnostic, JobError, Position, Source

KEYS: Mapping[str, str] = {
    "start": "audio.start",
    "duration": "audio.duration",
    "width": "video.width",
    "height": "video.height",
    "fps": "video.fps",
    "engine": "engine.backend",
    "quality": "engine.quality",
    "threads": "engine.threads",
    "switch": "scene.switch.mode",
    "seed": "seed",
    "codec": "encode.codec",
    "audio_codec": "encode.audio_codec",
    "crf": "encode.crf",
    "speed": "encode.speed",
    "encoder_threads": "encode.threads",
}
"""Option -> dotted key of a job.

Further options: audio, out, preset, palette, cover, params, transition, title, artist, overwrite, emit_*.
"""

DEFAULT_OUT = "{audio.stem}.{encode.container}"


def job_mapping(options: Mapping[str, Any], folder: Path = Path()) -> tuple[dict[str, Any], dict[str, str]]:
    """The job that says what the options say, with paths relative to `folder`; and dotted key -> option, for messages.

    Values are numbers or their text; None and options that are not there mean the default. `params` is a mapping or a
    sequence of "NAME=VALUE", `preset` a name, an index, a path, or several with commas, `palette` and
    `transition` as of `_palette` and `_transition`. Raises InputError, or JobError for values that cannot be read.
    """
    data: dict[str, Any] = {"version": 1, "kind": "export"}
    labels = {"audio.source": "--audio", "output.path": "--out", "output": "--out", "scene": "--preset"}
    problems: list[Diagnostic] = []
    if options.get("audio") is not None:
        data["audio"] = {"source": _relative(str(options["audio"]), folder)}
    for option, key in KEYS.items():
        labels[key] = f"--{option.replace('_', '-')}"
        if options.get(option) is not None:
            dotted.assign(data, key, _value(options[option], labels[key], problems))
    _scene(data, options, folder, labels, problems)
    _overlay(data, options, labels)
    out = options.get("out")
    if out is not None and not options.get("overwrite"):
        check_pipe(str(out))
    path = DEFAULT_OUT if out is None else template.escape(Path(out).name)
    data["output"] = {"path": path, "overwrite": bool(options.get("overwrite"))}
    for option in ("timeline", "framemd5"):
        if options.get(f"emit_{option}") is not None:
            data["output"][option] = True
    if problems:
        raise JobError.of(problems)
    return data, labels


def check_audio(text: str | None) -> None:
    """Refuse a source that is no local file, before it could be taken for a glob. Raises AudioError."""
    if text is None:
        raise InputError("no track was given", "name one with --audio")
    check_source(text)
    if not Path(text).exists():
        audio.probe(Path(text))


def check_pipe(text: str) -> None:
    """Refuse standard output by its usual names. Raises InputError."""
    if text == "-" or text.startswith("pipe:"):
        check_output(Path("-"), overwrite=False)


def _scene(
    data: dict[str, Any],
    options: Mapping[str, Any],
    folder: Path,
    labels: dict[str, str],
    problems: list[Diagnostic],
) -> None:
    if options.get("preset") is not None:
        text = str(options["preset"])
        names = [text] if Path(text).exists() else [one.strip() for one in text.split(",")]
        found = [_relative(one, folder) if preset.is_path(one) else preset.resolve(one) for one in names]
        key = "scene.preset" if len(found) == 1 else "scene.presets"
        dotted.assign(data, key, found[0] if len(found) == 1 else found)
        labels[key] = "--preset"
    if options.get("palette") is not None:
        labels["scene.palette"] = "--palette"
        dotted.assign(data, "scene.palette", _palette(str(options["palette"]), folder))
    if options.get("cover") is not None:
        labels["scene.cover"] = "--cover"
        text = str(options["cover"])
        dotted.assign(data, "scene.cover", text if text == "tags" else template.escape(_relative(text, folder)))
    if options.get("transition") is not None:
        labels["scene.switch.transition"] = "--transition"
        dotted.assign(data, "scene.switch.transition", _transition(str(options["transition"]), problems))
    for name, value in _pairs(options.get("params") or {}):
        labels[f"scene.params.{name}"] = f"--param {name}"
        params = data.setdefault("scene", {}).setdefault("params", {})
        params[name] = _value(value, labels[f"scene.params.{name}"], problems)


def _overlay(data: dict[str, Any], options: Mapping[str, Any], labels: dict[str, str]) -> None:
    """The words of --title and --artist, one above the other."""
    words = {name: options[name] for name in ("title", "artist") if options.get(name) is not None}
    if words:
        looks: dict[str, dict[str, Any]] = {"title": {"size": 5}, "artist": {"size": 3.2, "weight": "regular"}}
        data["overlay"] = [{"text": text, "position": "bottom-left", **looks[name]} for name, text in words.items()]
        labels["overlay"] = " / ".join(f"--{name}" for name in words)


def _palette(text: str, folder: Path) -> Any:
    """The value of `scene.palette`: a name, `cover`, colours with commas, or the file of a picture."""
    if text.startswith("#"):
        return [one.strip() for one in text.split(",")]
    if "/" in text or Path(text).suffix:
        return {"cover": template.escape(_relative(text, folder))}
    return text


def _transition(text: str, problems: list[Diagnostic]) -> Any:
    """The value of `scene.switch.transition`: "0.5", "wipe", "wipe,circle:2" (seconds), "any:2beats"."""
    kinds, colon, length = text.partition(":")
    plain = _value(kinds, "--transition", problems)
    if not isinstance(plain, str) and not colon:
        return plain
    names = [one.strip() for one in kinds.split(",")]
    made: dict[str, Any] = {"kind": names[0] if len(names) == 1 else names}
    if colon:
        number = length.strip().removesuffix("beats")
        unit = "beats" if number != length.strip() else "seconds"
        made[unit] = _value(number.strip().removesuffix("s") if unit == "seconds" else number, "--transition", problems)
    return made


def _pairs(params: Any) -> list[tuple[str, Any]]:
    if isinstance(params, Mapping):
        return list(params.items())
    for text in params:
        if "=" not in text:
            raise InputError(f"--param {text}: there is no '='", "write --param NAME=VALUE, such as --param glow=0.5")
    return [(text.partition("=")[0].strip(), text.partition("=")[2].strip()) for text in params]


def _value(value: Any, label: str, problems: list[Diagnostic]) -> Any:
    """A number where the text is one, by the rules of the job file; other text stays text."""
    if not isinstance(value, str):
        return value
    try:
        number = yamlfile.scalar(value.strip())
    except ValueError as error:
        problems.append(Diagnostic.at(Position(Source(label)), *error.args))
        return value
    return number if isinstance(number, (int, float)) and not isinstance(number, bool) else value


def _relative(text: str, folder: Path) -> str:
    """The path as a job in `folder` writes it: relative where it was relative, and plainly a path."""
    if Path(text).is_absolute() or folder == Path():
        return text
    return os.path.relpath(text, folder)
