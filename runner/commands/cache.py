"""The cache command: what was kept to save work, and clearing it."""

from __future__ import annotations

import json

import click

from runner.commands.common import global_options

EPILOG = """\b
Examples:
  trackreel cache show
  trackreel cache show --json
  trackreel cache path
  trackreel cache clear --older-than 30d
  trackreel cache clear --kernels
"""


@click.group(epilog=EPILOG, invoke_without_command=True, short_help="Show or clear what was kept to save work.")
@global_options
@click.pass_context
def cache(context: click.Context) -> None:
    """Show or clear what was kept to save work: analyses of tracks, hashes of files, compiled kernels.

    All of it can be made again. TRACKREEL_CACHE names the folder, TRACKREEL_CACHE_SIZE how large the analyses may grow.
    """
    if context.invoked_subcommand is None:
        context.invoke(show)


@cache.command(epilog=EPILOG, short_help="What there is, and how large.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@global_options
def show(*, as_json: bool = False) -> None:
    """Show the folder, the size of each part and the limit."""
    from runner import cachereport

    contents = cachereport.look()
    click.echo(json.dumps(contents.to_dict()) if as_json else "\n".join(contents.lines()))


@cache.command(epilog=EPILOG, short_help="Print the folder.")
@global_options
def path() -> None:
    """Print the folder's path alone."""
    from engine import cachefolder

    click.echo(cachefolder.root())


@cache.command(epilog=EPILOG, short_help="Remove what is not in use.")
@click.option("--older-than", metavar="AGE", help="Only analyses that were not used for so long, such as 30d, 12h.")
@click.option("--keep", metavar="SIZE", help="Keep the last used analyses up to this size, such as 500MB.")
@click.option("--kernels", is_flag=True, help="Compiled kernels too: the next run compiles for some seconds a preset.")
@global_options
def clear(older_than: str | None, keep: str | None, *, kernels: bool) -> None:
    """Remove analyses and hashes; what a run is using stays."""
    from runner import cachelimit, cachereport

    age = None if older_than is None else cachereport.parse_age(older_than, "--older-than")
    size = None if keep is None else cachelimit.parse_size(keep, "--keep")
    click.echo(cachereport.clear(older_than=age, keep=size, kernels=kernels))


COMMANDS = (cache,)
