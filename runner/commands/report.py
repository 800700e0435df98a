"""The report command, and what `run` needs to say how it can be run again."""

from __future__ import annotations

from pathlib import Path

import click

from runner.commands.common import global_options

EPILOG = """\b
Examples:
  trackreel report out/.runs/20260131T220000Z-1a2b3c
"""

ARGUMENTS = "trackreel.arguments"


class Remembering(click.Command):
    """A command that keeps the words it was called with in its context, as ARGUMENTS."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep a copy: click takes the words off the list."""
        ctx.meta[ARGUMENTS] = list(args)
        return super().parse_args(ctx, args)


@click.command(epilog=EPILOG, short_help="Make the HTML page of a run.")
@click.argument("run_dir", type=click.Path(path_type=Path))
@global_options
def report(run_dir: Path) -> None:
    """Make RUN_DIR/report.html (again) from the run's events, also for a run that was killed or is still going."""
    from runner import report as reports

    click.echo(reports.write(run_dir))


COMMANDS = (report,)
