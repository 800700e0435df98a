"""The end of a run, however it comes: the view is closed, the summary and the report are written, somebody is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from engine.errors import RenderError
from runner import onfinish, report
from runner.progress import Reporter
from runner.record import Record


@dataclass(frozen=True, slots=True)
class Crash:
    """The outcome of a run that an error ended."""

    exit_status: int
    interrupted: bool = False


@contextmanager
def always(record: Record, shown: Reporter, hook: Sequence[str], say: Callable[[str], None]) -> Iterator[None]:
    """Whatever happens inside: an end in the record, report.html, and the --on-finish command. say: prints a line."""
    try:
        yield
    except KeyboardInterrupt:
        record.finish(Crash(130, interrupted=True))
        raise
    except Exception as error:
        known = error if isinstance(error, RenderError) else RenderError(f"internal: {type(error).__name__}: {error}")
        record.finish(Crash(known.exit_status), known)
        raise
    finally:
        shown.close()
        _report(record)
        record.close()
        if hook:
            problem = onfinish.call(hook, record.folder, record.summary, record.exit_status)
            if problem:
                say(f"warning: {problem}")


def _report(record: Record) -> None:
    try:
        report.write(record.folder)
    except RenderError as error:
        record.warn(error.message)
