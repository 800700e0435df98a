"""The commands: parsing and printing. Everything heavy is imported inside a command, so that --help stays quick."""

from __future__ import annotations

import os
import sys

import click

from runner.commands import cache, common, export, inspect, job, measure, report, verify

EPILOG = """\b
Examples:
  trackreel export --audio song.flac --out song.mp4 --preset aurora
  trackreel run jobs/demo.yaml
  trackreel plan jobs/demo.yaml
"""


def _version(context: click.Context, _parameter: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's
    if value:
        from runner import versions

        click.echo(f"trackreel {versions.trackreel()}")
        context.exit()


@click.group(
    name="trackreel", epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.option("--version", is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Show the version.")
@common.global_options
def root() -> None:
    """Turn audio tracks into music-visualizer videos, reproducibly and in batches."""


for _command in (
    *job.COMMANDS,
    *export.COMMANDS,
    *inspect.COMMANDS,
    *measure.COMMANDS,
    *report.COMMANDS,
    *verify.COMMANDS,
    *cache.COMMANDS,
):
    root.add_command(_command)


def invoke(arguments: list[str] | None) -> int:
    """Run the command line; print what goes wrong; return the exit status. KeyboardInterrupt passes through."""
    settings = common.Settings()
    try:
        status = root.main(args=arguments, prog_name="trackreel", standalone_mode=False, obj=settings)
    except click.Abort as error:  # click's word for Ctrl-C
        raise KeyboardInterrupt from error
    except SystemExit:
        # click's word for a reader (head, less) that went away. Python's own flush at exit must not complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 - the one place that turns every error into a message
        return common.print_error(error, verbose=settings.verbose)
    return status if isinstance(status, int) else 0
