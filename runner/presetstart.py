"""`presets new`: a commented preset file to start from, which draws as it is."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import schemas
from engine.errors import InputError, OutputError
from runner import preset, yamlfile
from runner.diagnostics import show
from runner.manifest import write_atomic

START = """\
# yaml-language-server: $schema=preset.schema.json
# Look at it:   {still}
# and change it, one number at a time. docs/presets.md teaches it; docs/effects.md lists all effects.
version: 1
name: {name}
description: Threads of light in a deep glow, and the spectrum around a circle.   # one sentence: what one sees
tags: [mine]

# Dark to bright: a name of `trackreel presets palettes`, or colours: ["#05070f", "#27124d", "#b4338a", "#ffd9a0"]
palette: ember

# What a job may set (scene.params, --param light=1). A number or an expression over the music, kept in min..max.
params:
  light: {{default: "0.5 + 0.9*smooth(bass, 0.02, 0.3)", min: 0, max: 4, description: light of the threads}}
  speed: {{default: "0.2 + 0.6*smooth(energy, 1, 1)", min: -4, max: 4, description: how fast everything moves}}

# From bottom to top. What is left out has its default.
layers:
  - effect: plasma
    params:
      travel: "integrate(speed)"         # what moves is integrated: it never jumps
      gain: light
  - effect: ring
    blend: add                           # normal, alpha, add, screen, overlay or multiply
    opacity: "0.3 + 0.6*loudness"        # 0 (invisible) to 1
    params:
      radius: "0.4 + 0.04*beat"          # half of the picture's shorter side is 1
      spin: "0.3*integrate(speed)"

# What happens to the whole picture; bloom is the light that spills over.
post:
  bloom: {{strength: 0.5}}
  vignette: {{strength: 0.3}}
"""

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")


def write(name: str, origin: str | None = None, folder: Path = Path()) -> Path:
    """Write NAME.yaml into `folder`, a copy of the preset `origin` if one is given, and the schema for editors.

    Raises InputError for a name that cannot be, a file that is there and a preset that there is not; OutputError.
    """
    if not _NAME.fullmatch(name):
        raise InputError(f"{show(name)} is no name for a preset", "lower-case letters, digits, - and _, such as mine")
    path = folder / f"{name}.yaml"
    if path.exists() or path.is_symlink():
        raise InputError(f"{path} exists", "choose another name, or remove it")
    text = START.format(name=name, still=still(path)) if origin is None else _copy(name, origin, path)
    try:
        beside = folder / "preset.schema.json"
        if not beside.exists():
            write_atomic(beside, schemas.text("preset"))
        write_atomic(path, text)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}", "check the folder's permissions") from error
    return path


def still(path: Path) -> str:
    """The command that shows a preset file."""
    shown = f"./{path}" if len(path.parts) == 1 else str(path)
    return f"trackreel still --preset {shlex.quote(shown)} --audio song.flac --at 0:30 --out {path.stem}.png"


def _copy(name: str, origin: str, path: Path) -> str:
    """The text of another preset under this name; its comments stay."""
    source = preset.file_of(origin)
    preset.describe(origin)
    lines = yamlfile.read(source).source.lines
    kept = [line for line in lines if not line.startswith("# yaml-language-server:")]
    renamed = re.sub(r"^name:.*$", f"name: {name}", "\n".join(kept), count=1, flags=re.MULTILINE)
    head = f"# yaml-language-server: $schema=preset.schema.json\n# From {source.stem}. Look at it: {still(path)}\n"
    return head + renamed.strip("\n") + "\n"
