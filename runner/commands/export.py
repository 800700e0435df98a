"""export, export-plan and still: one task without a job file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from engine.errors import InputError
from engine.scene import BACKENDS, QUALITIES, SWITCH_MODES, TRANSITIONS
from engine.sinks.codecs import AUDIO, VIDEO
from runner.commands.common import Settings, ffmpeg_option, global_options

Function = TypeVar("Function", bound=Callable[..., Any])

EXPORT_EPILOG = """\b
Examples:
  trackreel export --audio song.flac --out song.mp4 --preset aurora
  trackreel export --audio song.mp3 --start 1:30 --duration 15 --width 1080 --height 1920 --out clip.mp4
  trackreel export --audio song.mp3 --out song.mp4 --title "{tags.title}" --artist "{tags.artist}"
  trackreel export --audio song.wav --out song.webm --codec vp9 --audio-codec opus --dry-run
"""
PLAN_EPILOG = """\b
Examples:
  trackreel export-plan --audio song.flac --plan song.json --preset tunnel
  trackreel export --plan song.json --out song.mp4
"""
STILL_EPILOG = """\b
Examples:
  trackreel still --preset aurora --audio song.flac --at 1:30 --out frame.png
"""


def _choice(names: Any) -> click.Choice[str]:
    return click.Choice(list(names), case_sensitive=True)


SCENE = (
    click.option("--audio", help="The track: a local file."),
    click.option(
        "--preset", help="Preset by name or index, or a preset file; several with commas.  [default: the first]"
    ),
    click.option(
        "--palette",
        metavar="NAME",
        help="Colours in place of the preset's own: a name of `presets palettes`, cover (from the tags), a picture's "
        "file, or colours from dark to bright with commas.",
    ),
    click.option(
        "--cover",
        metavar="FILE",
        help="The cover art that presets such as cover show: a picture, or tags.  [default: the tags' if there is one]",
    ),
    click.option("--switch", type=_choice(SWITCH_MODES), help="When presets change.  [default: manual]"),
    click.option(
        "--transition",
        metavar="KIND[:LENGTH]",
        help=f"How they change: {', '.join(TRANSITIONS)}, several with commas, or any; "
        "LENGTH in seconds, or such as 2beats.  [default: crossfade:1]",
    ),
    click.option("--param", "params", multiple=True, metavar="NAME=VALUE", help="A preset's parameter; repeatable."),
    click.option("--title", metavar="TEXT", help='Words over the picture, such as "{tags.title}".'),
    click.option("--artist", metavar="TEXT", help="Smaller ones below."),
    click.option("--width", help="Pixels, even.  [default: 1280]"),
    click.option("--height", help="Pixels, even.  [default: 720]"),
    click.option("--fps", help='Frames a second, such as 30 or "30000/1001".  [default: 60]'),
    click.option("--engine", type=_choice(BACKENDS), help="What draws.  [default: cpu]"),
    click.option("--quality", type=_choice(QUALITIES), help="Detail against time.  [default: balanced]"),
    click.option("--threads", help="Render threads.  [default: 1]"),
    click.option("--seed", help="Another seed, other details.  [default: 0]"),
    ffmpeg_option,
)
PART = (
    click.option("--start", help='Seconds or "1:30"; cuts the output, not the analysis.  [default: 0]'),
    click.option("--duration", help="Seconds or a time.  [default: to the end]"),
)
ENCODE = (
    click.option("--codec", type=_choice(VIDEO), help="Video codec.  [default: h264]"),
    click.option("--audio-codec", type=_choice([n for n in AUDIO if n != "pcm"]), help="Audio codec.  [default: aac]"),
    click.option("--crf", help="Lower is better and larger."),
    click.option("--speed", help="Encoder effort, by x264's preset names.  [default: veryfast]"),
    click.option("--encoder-threads", help="Encoder threads; some encoders' output depends on them.  [default: 4]"),
)


def _with(*groups: tuple[Callable[[Any], Any], ...]) -> Callable[[Function], Function]:
    def decorate(function: Function) -> Function:
        for option in reversed([one for group in groups for one in group]):
            function = option(function)
        return function

    return decorate


@click.command(epilog=EXPORT_EPILOG)
@_with(SCENE, PART, ENCODE)
@click.option("--out", help="The video; its suffix chooses the container.")
@click.option(
    "--plan", type=click.Path(path_type=Path), help="Render from this plan (see export-plan), without analysis."
)
@click.option("--overwrite", is_flag=True, help="Replace an output that exists.")
@click.option("-n", "--dry-run", is_flag=True, help="Print the ffmpeg command and stop.")
@click.option("--emit-manifest", type=click.Path(path_type=Path), metavar="PATH", help="Write the manifest here.")
@click.option(
    "--emit-timeline", type=click.Path(path_type=Path), metavar="PATH", help="Write the features as JSON Lines."
)
@click.option("--emit-framemd5", type=click.Path(path_type=Path), metavar="PATH", help="Write a hash of each frame.")
@click.option(
    "--write-job", type=click.Path(path_type=Path), metavar="FILE", help="Save this export as a job file and stop."
)
@click.option("--json", "json_events", is_flag=True, help="Print events as JSON Lines on stdout.")
@global_options
@click.pass_obj
def export(settings: Settings, /, *, dry_run: bool, json_events: bool, **options: Any) -> int:
    """Render one track to one video."""
    if dry_run or options["write_job"] is not None:
        from runner import export as exports

        wanted = options["write_job"] is not None
        click.echo(exports.write_job(options) if wanted else exports.command_line(exports.resolve(options)[0]))
        return 0
    made = _render(options, quiet=settings.quiet, json_events=json_events)
    if not json_events:
        click.echo(made)
    return 0


def _render(options: Mapping[str, Any], *, quiet: bool, json_events: bool) -> Path:
    from runner import progress
    from runner.session import Session

    shown = progress.choose(quiet=quiet, json_events=json_events)
    threads = str(options["threads"] or 1)
    try:
        with Session(shown) as session:
            # Before all else: it loads Taichi while we read the options and the track.
            session.worker(options["engine"] or "cpu", int(threads) if threads.isdecimal() else 1)
            from runner import export as exports

            task, packed = exports.resolve(options)
            return exports.run(task, packed, session)
    finally:
        shown.close()


@click.command("export-plan", epilog=PLAN_EPILOG, short_help="Analyse a track, to render from it later.")
@_with(SCENE, PART, ENCODE)
@click.option("--out", help="The video that a later export makes unless told otherwise.")
@click.option("--plan", type=click.Path(path_type=Path), required=True, help="The plan file to write.")
@global_options
def export_plan(**options: Any) -> None:
    """Analyse a track and save the resolved task, to render later without the analysis."""
    from runner import export as exports

    click.echo(exports.write_plan(options))


@click.command(epilog=STILL_EPILOG)
@_with(SCENE)
@click.option("--at", default="0", show_default=True, help='Time of the frame: seconds or "1:30".')
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The PNG file.")
@click.option("--overwrite", is_flag=True, help="Replace a file that exists.")
@global_options
def still(**options: Any) -> None:
    """Draw one frame: the very bits of that frame of an export."""
    from runner import export as exports

    if options["out"].suffix.lower() != ".png":
        raise InputError(f"a still is a PNG file, not {options['out'].name}", "name it with the suffix .png")
    click.echo(exports.still(options))


COMMANDS = (export, export_plan, still)
