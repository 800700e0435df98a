"""The verify command, and what `run` does with jobs about goldens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from runner.commands.common import Settings, global_options, print_error
from runner.commands.job import execution_options, job_options
from runner.commands.report import ARGUMENTS, Remembering

EPILOG = """\b
Examples:
  trackreel verify jobs/goldens.yaml
  trackreel verify jobs/goldens.yaml -j auto --only '*aurora*'
  trackreel verify jobs/goldens.yaml --set engine.backend=vulkan --whole
"""


@click.command(cls=Remembering, epilog=EPILOG, short_help="Render and compare with the goldens.")
@job_options
@execution_options
@click.option(
    "--run-dir", type=click.Path(path_type=Path), help="Where events and what differs go.  [default: out/.runs/...]"
)
@click.option(
    "--whole", is_flag=True, help="On another backend than cpu: draw on the cpu too, and compare whole frames."
)
@click.option("--json", "json_events", is_flag=True, help="Print events as JSON Lines on stdout.")
@global_options
@click.pass_context
def verify(context: click.Context, /, **options: Any) -> int:
    """Render the tasks of verify jobs and compare their frames with the goldens. Nothing below them is written."""
    from engine.errors import InputError
    from runner import batch, choose
    from runner import verify as verification

    settings: Settings = context.obj
    options |= {"arguments": context.meta[ARGUMENTS], "on_finish": None, "fail_fast": False, "force": False}
    chosen = choose.choose(options)
    if chosen.jobs or chosen.updates or chosen.benches:
        raise InputError("verify takes jobs of kind 'verify' alone", "`trackreel run` takes the others")
    voice = batch.Voice(
        lambda error: print_error(error, verbose=settings.verbose), lambda line: click.echo(line, err=True)
    )
    return verification.run(chosen.goldens(), options, voice, quiet=settings.quiet)


COMMANDS = (verify,)
