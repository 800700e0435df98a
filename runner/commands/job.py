"""run, plan and validate: job files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from runner.commands import measure
from runner.commands.common import Settings, ffmpeg_option, global_options, print_error
from runner.commands.report import ARGUMENTS, Remembering
from runner.commands.types import Size, Workers

RUN_EPILOG = """\b
Examples:
  trackreel run jobs/demo.yaml
  trackreel run jobs/demo.yaml jobs/batch.yaml --only '*aurora*' --set video.height=720
  trackreel run jobs/demo.yaml --dry-run
  trackreel run jobs/demo.yaml --json > events.jsonl
  trackreel run jobs/demo.yaml --on-finish "mail -s 'the videos' me@example.org"
"""
PLAN_EPILOG = """\b
Examples:
  trackreel plan jobs/demo.yaml
  trackreel plan jobs/batch.yaml --json | jq 'select(.status != "current") | .id'
  trackreel plan -q jobs/batch.yaml --shard 1/4
"""
VALIDATE_EPILOG = """\b
Examples:
  trackreel validate jobs/*.yaml
"""


def job_options(function: Any) -> Any:
    """The options that choose and change the tasks of job files."""
    for option in reversed(
        (
            click.argument("jobs", nargs=-1, required=True, type=click.Path(path_type=Path)),
            click.option("--set", "sets", multiple=True, metavar="KEY=VALUE", help="Change a job's value; repeatable."),
            click.option("--only", metavar="GLOB", multiple=True, help="Only tasks whose id matches; may be repeated."),
            click.option("--only-failed", type=click.Path(path_type=Path), metavar="RUN_DIR",
                         help="Only tasks that failed in that run."),
            click.option("--shard", metavar="I/N", help="Only part I of N parts of about equal cost."),
            click.option("--out-root", type=click.Path(path_type=Path), default=Path("out"), show_default=True,
                         help="Where outputs go."),
            ffmpeg_option,
        )
    ):  # fmt: skip
        function = option(function)
    return function


def execution_options(function: Any) -> Any:
    """The options that say how tasks are spread and supervised."""
    for option in reversed(
        (
            click.option("-j", "--workers", type=Workers(), default="1", show_default=True, metavar="N|auto",
                         help="Tasks at once; auto: as many as keep the processors busy.  [dask: all its workers]"),
            click.option("--backend", type=click.Choice(["sequential", "loky", "dask"]),
                         help="How tasks are spread.  [default: loky for more than one worker]"),
            click.option("--scheduler", metavar="ADDRESS",
                         help="The scheduler of the Dask cluster, such as tcp://host:8786."),
            click.option("--cluster-timeout", type=click.FloatRange(0, min_open=True), metavar="SECONDS", default=60.0,
                         show_default=True, help="Wait so long for the scheduler, and for a worker."),
            click.option("--shuffle", type=click.IntRange(0), metavar="SEED",
                         help="Hand the tasks out in another order, the same for the same seed; nothing else changes."),
            click.option("--retries", type=click.IntRange(0, 100), default=2, show_default=True,
                         help="Further attempts after a killed process, a full disk or a timeout."),
            click.option("--task-timeout", type=click.FloatRange(0, min_open=True), metavar="SECONDS",
                         help="Stop a task that takes longer.  [default: none]"),
            click.option("--stall-timeout", type=click.FloatRange(0, min_open=True), metavar="SECONDS", default=600.0,
                         show_default=True, help="Stop a task that shows no sign of life for so long."),
            click.option("--max-memory", type=Size(), metavar="SIZE",
                         help="Stop a task whose render process and ffmpeg take more, such as 2GB.  [default: none]"),
            click.option("--no-wait", is_flag=True, help="Do not wait for another run on the same output root."),
        )
    ):  # fmt: skip
        function = option(function)
    return function


@click.command(cls=Remembering, epilog=RUN_EPILOG)
@job_options
@click.option("-n", "--dry-run", is_flag=True, help="Print the ffmpeg commands and stop.")
@click.option("--fail-fast", is_flag=True, help="Stop at the first failed task.  [default: keep going]")
@click.option("--force", is_flag=True, help="Render again what is up to date, and replace it.")
@execution_options
@click.option(
    "--run-dir", type=click.Path(path_type=Path), help="Where events and summary go.  [default: out/.runs/...]"
)
@click.option("--on-finish", metavar="COMMAND", help="Run this at the end, with the summary as JSON on its stdin.")
@click.option("--json", "json_events", is_flag=True, help="Print events as JSON Lines on stdout.")
@global_options
@click.pass_context
def run(context: click.Context, /, *, dry_run: bool, **options: Any) -> int:
    """Make every output of the jobs that is missing or out of date."""
    from engine.errors import InputError
    from runner import batch, choose, planlist

    settings: Settings = context.obj
    options["arguments"] = context.meta[ARGUMENTS]
    if options["scheduler"] and options["backend"] != "dask":
        raise click.UsageError("--scheduler goes with --backend dask", context)
    if options["backend"] == "dask" and context.get_parameter_source("workers") is ParameterSource.DEFAULT:
        options["workers"] = 0  # as many as the cluster has
    chosen = choose.choose(options)
    if dry_run:
        for line in planlist.commands(chosen):
            click.echo(line)
        return 0
    if chosen.updates and (chosen.jobs or chosen.verifies or chosen.benches):
        # `run jobs/*.yaml` must not take what it draws for right.
        raise InputError("goldens are updated by a run of their own", "name the update job alone")
    status = 0
    voice = batch.Voice(
        lambda error: print_error(error, verbose=settings.verbose), lambda line: click.echo(line, err=True)
    )
    if chosen.jobs:
        status = batch.run(chosen, options, voice, quiet=settings.quiet)
    if chosen.verifies:
        from runner import verify

        status = verify.run(chosen.goldens(), options, voice, quiet=settings.quiet) or status
    for job in chosen.updates if status == 0 else ():
        from runner import update

        status = update.run(job, options, voice, quiet=settings.quiet)
    for path in chosen.benches if status == 0 else ():
        measure.print_bench(path, {}, quiet=settings.quiet)
    return status


@click.command(epilog=PLAN_EPILOG, short_help="List the tasks of job files, and why each would run.")
@job_options
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object for each task, one a line.")
@global_options
@click.pass_obj
def plan(settings: Settings, /, *, as_json: bool, **options: Any) -> None:
    """List the tasks of the jobs: id, output, frames, why each would run, and its ffmpeg command."""
    from runner import choose, planlist

    chosen = choose.choose(options)
    lines = planlist.json_lines(chosen) if as_json else planlist.listing(chosen, short=settings.quiet)
    sys.stdout.writelines(f"{line}\n" for line in lines)  # click.echo would flush each of 100,000 lines


@click.command(epilog=VALIDATE_EPILOG)
@click.argument("jobs", nargs=-1, required=True, type=click.Path(path_type=Path))
@global_options
@click.pass_obj
def validate(settings: Settings, /, jobs: tuple[Path, ...]) -> int:
    """Report every error of every job file."""
    from runner import choose

    status = 0
    for path in jobs:
        error = choose.check(path)
        if error is not None:
            status = max(status, print_error(error, verbose=settings.verbose))
        elif not settings.quiet:
            click.echo(f"{path}: ok")
    return status


COMMANDS = (run, plan, validate)
