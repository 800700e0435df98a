"""presets, schema, init and doctor: what there is, and what works here."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import click

from engine.errors import InputError, MissingError, OutputError
from runner.commands.common import Settings, ffmpeg_option, global_options

PRESETS_EPILOG = """\b
Examples:
  trackreel presets
  trackreel presets show aurora
  trackreel presets palettes
  trackreel presets new mine
  trackreel presets new mine --from plasma
  trackreel presets --gallery out/gallery
"""
SCHEMA_EPILOG = """\b
Examples:
  trackreel schema job
  trackreel schema job > job.schema.json
"""
INIT_EPILOG = """\b
Examples:
  trackreel init
  trackreel init jobs/night.yaml
"""


@click.command(epilog=PRESETS_EPILOG, short_help="List the presets; describe one; start a new one.")
@click.argument("action", type=click.Choice(["show", "new", "palettes"]), required=False)
@click.argument("name", required=False)
@click.option("--from", "origin", metavar="PRESET", help="For `new`: the preset to copy.  [default: a commented start]")
@click.option(
    "--gallery", type=click.Path(path_type=Path), metavar="DIR", help="Draw a picture of each preset into DIR."
)
@click.option("--audio", help="The track for the pictures.  [default: synthesised music]")
@click.option("--at", default="6", show_default=True, help="The moment of the pictures.")
@global_options
@click.pass_obj
def presets(
    settings: Settings, /, action: str | None, name: str | None, gallery: Path | None, **options: str | None
) -> None:
    """List the presets; -q prints names alone.

    `show NAME` describes one with its parameters; `palettes` lists the palettes that have names; `new NAME` writes
    NAME.yaml, a preset to start from.
    """
    from runner import export as exports
    from runner import preset

    if action != "new" and options["origin"] is not None:
        raise InputError("--from belongs to 'presets new NAME'", "such as: trackreel presets new mine --from plasma")
    if action == "show":
        if name is None:
            raise InputError("show which preset?", f"one of: {', '.join(preset.names())}")
        click.echo(_card(preset.describe(name)))
    elif action == "new":
        _new(settings, name, options["origin"])
    elif action == "palettes":
        _palettes(quiet=settings.quiet)
    elif gallery is not None:
        for path in exports.gallery(gallery, options["audio"], options["at"] or "0"):
            click.echo(path)
    else:
        for index, one in enumerate(preset.names()):
            click.echo(one if settings.quiet else f"{index:2}  {one:<10} {preset.describe(one).description}")


def _new(settings: Settings, name: str | None, origin: str | None) -> None:
    from runner import presetstart

    if name is None:
        raise InputError("what is the new preset's name?", "such as: trackreel presets new mine")
    path = presetstart.write(name, origin)
    click.echo(path)
    if not settings.quiet:
        click.echo(f"next: name your track, and look at it: {presetstart.still(path)}", err=True)


def _palettes(*, quiet: bool) -> None:
    from engine.palettes import PALETTES

    for name, one in PALETTES.items():
        if quiet:
            click.echo(name)
            continue
        blocks = "".join(click.style("\u2588\u2588", fg=_rgb(colour)) for colour in one.colours)
        shown = f"{blocks}  " if sys.stdout.isatty() else ""
        click.echo(f"{name:<10} {shown}{' '.join(one.colours)}  {one.description}")


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _card(info: object) -> str:
    from runner import preset

    if not isinstance(info, preset.PresetInfo):
        raise TypeError
    lines = [f"{info.name}: {info.description}", f"tags: {', '.join(info.tags)}", ""]
    lines.append("parameters:")
    for name, one in info.params.items():
        unit = f" {one.unit}" if one.unit else ""
        default = one.default if isinstance(one.default, str) else f"{one.default:g}"
        lines.append(f"  {name:<8} {one.description}")
        lines.append(f"  {'':<8} {one.minimum:g} .. {one.maximum:g}{unit}, default {default}")
    lines += ["", "set one with --param NAME=VALUE, or under scene.params in a job: a number or an expression"]
    return "\n".join(lines)


@click.command(epilog=SCHEMA_EPILOG, short_help="Print a JSON Schema of a file that is read or written.")
@click.argument("name")
@global_options
def schema(name: str) -> None:
    """Print a JSON Schema: job, preset, manifest, timeline, event or bench."""
    import schemas

    if name not in schemas.names():
        raise InputError(f"there is no schema '{name}'", f"one of: {', '.join(schemas.names())}")
    click.echo(schemas.text(name), nl=False)


STARTER = """\
# yaml-language-server: $schema=https://json-schema.org/draft/2020-12/schema
version: 1
kind: export
seed: 0
audio:
  source: song.flac        # a path, a list or a glob; relative to this file
video: {width: 1280, height: 720, fps: 30}
scene:
  preset: aurora           # see `trackreel presets`
overlay: []                # over the picture, such as [{text: "{tags.title}"}, {progress: bar}]
encode: {codec: h264, audio_codec: aac, crf: 20}
output:
  path: "{name}/{audio.stem}-{scene.preset}-{video.height}p.mp4"
  manifest: true
"""


@click.command(epilog=INIT_EPILOG, short_help="Write a starter job file.")
@click.argument("path", type=click.Path(path_type=Path), default=Path("job.yaml"))
@click.option("--overwrite", is_flag=True, help="Replace files that exist.")
@global_options
@click.pass_obj
def init(settings: Settings, /, path: Path, *, overwrite: bool) -> None:
    """Write a starter job, and beside it the schema that lets editors complete and check it."""
    import schemas
    from runner.manifest import write_atomic

    schema_path = path.with_name("job.schema.json")
    if path.exists() and not overwrite:
        raise InputError(f"{path} exists", "choose another name, or pass --overwrite")
    text = STARTER.replace("https://json-schema.org/draft/2020-12/schema", schema_path.name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if overwrite or not schema_path.exists():
            write_atomic(schema_path, schemas.text("job"))
        write_atomic(path, text)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}", "check the folder's permissions") from error
    click.echo(path)
    if not settings.quiet:
        click.echo(f"next: name your track in it, then: trackreel run {shlex.quote(str(path))}", err=True)


@click.command(short_help="Check what works on this machine.")
@ffmpeg_option
@global_options
def doctor() -> None:
    """Check this machine: Python, Taichi, ffmpeg, codecs and containers, audio formats."""
    from rich.console import Console

    from runner import doctor as diagnosis

    report = diagnosis.collect()
    diagnosis.render(report, Console())
    if report.exit_status:
        raise MissingError("something essential is missing here", "see the rows marked above")


COMMANDS = (presets, schema, init, doctor)
