"""What every command shares: -q and -v, error messages, and exit statuses."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from engine.errors import RenderError
from runner.plaintext import clean

Function = TypeVar("Function", bound=Callable[..., Any])

BUG_HINT = "this is a bug: please report it with the output of `trackreel doctor`; -v shows the traceback"


_LINES = "\n\t"


@dataclass
class Settings:
    """The global options."""

    quiet: bool = False
    verbose: bool = False


def _set(name: str) -> Callable[[click.Context, click.Parameter, bool], None]:
    def callback(context: click.Context, _parameter: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's
        if value:
            setattr(context.ensure_object(Settings), name, True)

    return callback


def global_options(function: Function) -> Function:
    """Add -q and -v; they may stand before or after the command's name."""
    for flags, name, text in (
        (("-v", "--verbose"), "verbose", "Say more; show the traceback of an internal error."),
        (("-q", "--quiet"), "quiet", "Print errors and results alone."),
    ):
        option = click.option(*flags, is_flag=True, expose_value=False, callback=_set(name), help=text)
        function = option(function)
    return function


def _use_ffmpeg(_context: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    if value is not None:
        from engine import ffmpeg

        # The environment reaches the render process too. No job file can say this: it may come from a stranger.
        os.environ[ffmpeg.VARIABLE] = str(ffmpeg.find(value))


ffmpeg_option = click.option(
    "--ffmpeg", metavar="PATH", expose_value=False, callback=_use_ffmpeg,
    help="The ffmpeg to run.  [default: $TRACKREEL_FFMPEG, else the one installed along]",
)  # fmt: skip


def print_error(error: BaseException, *, verbose: bool) -> int:
    """Print an error as the contract says, on stderr; return its exit status."""
    if isinstance(error, RenderError):
        diagnostics = getattr(error, "diagnostics", ())
        for one in diagnostics:
            if one.line:
                click.echo(clean(one.render(), keep=_LINES), err=True)
            else:  # an option has no place in a file
                _print(f"{one.file}: {one.message}", one.hint or "see `trackreel export --help`")
        if not diagnostics:
            _print(error.message, error.hint)
        status = error.exit_status
    elif isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        status = 2
    elif isinstance(error, click.ClickException):
        _print(error.format_message(), _usage_hint(error))
        status = 2
    elif isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        _print(f"{where}{error.strerror or error}", "")
        status = 1
    else:
        _print(f"internal: {type(error).__name__}: {error}", BUG_HINT)
        status = 1
    if verbose:
        _print_details(error)
    return status


def _print(message: str, hint: str) -> None:
    # Names of files and the words of tools must not steer the terminal.
    click.echo(f"{_paint('error:', 'red')} {clean(message, keep=_LINES)}", err=True)
    if hint:
        click.echo(f"{_paint('hint:', 'cyan')} {clean(hint, keep=_LINES)}", err=True)


def _print_details(error: BaseException) -> None:
    if isinstance(error, RenderError):
        click.echo("\n".join(getattr(error, "__notes__", [])), err=True)
    elif not isinstance(error, click.ClickException):
        click.echo("".join(traceback.format_exception(error)), err=True)


def _paint(text: str, colour: str) -> str:
    wanted = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    return click.style(text, fg=colour, bold=True) if wanted else text


def _usage_hint(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "trackreel"
    return f"see `{command} --help`"
