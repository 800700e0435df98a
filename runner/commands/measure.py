"""The bench command."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from runner.commands.common import Settings, ffmpeg_option, global_options

EPILOG = """\b
Examples:
  trackreel bench
  trackreel bench --profile 720p30 --seconds 30 --runs 5 --out bench.json
"""


@click.command(epilog=EPILOG, short_help="Measure exports beside ffmpeg alone.")
@click.argument("job", required=False, type=click.Path(path_type=Path))
@click.option("--profile", "profiles", multiple=True, help="720p30, 900p60 or 1080p60; repeatable. Default: all.")
@click.option("--preset", help="The preset to draw.  [default: the first]")
@click.option("--audio", type=click.Path(path_type=Path), help="A track to use instead of synthesised music.")
@click.option("--seconds", type=click.FloatRange(0.5, 600), help="Length of the excerpt.  [default: 8]")
@click.option("--runs", type=click.IntRange(1, 100), help="Measured runs, after a warm-up.  [default: 5]")
@click.option("--out", type=click.Path(path_type=Path), help="The JSON file.  [default: out/bench/<job>.json]")
@ffmpeg_option
@global_options
@click.pass_obj
def bench(settings: Settings, /, job: Path | None, **options: object) -> None:
    """Measure exports beside ffmpeg alone: wall, CPU, memory, each stage, and the ratio to that floor."""
    print_bench(job, {name: value for name, value in options.items() if value}, quiet=settings.quiet)


def print_bench(job: Path | None, options: Mapping[str, Any], *, quiet: bool) -> None:
    """Measure and print a line a profile, then where the record is."""
    from runner import bench as benchmark

    for line in benchmark.run(benchmark.options(job, options)):
        if not quiet:
            click.echo(line)


COMMANDS = (bench,)
