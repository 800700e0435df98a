"""How a run wants its tasks made: what every worker is told, and the one thing that it may ask later."""

from __future__ import annotations

import contextlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from runner.supervision import STALL_TIMEOUT, Limits

_STOP = "stop"


@dataclass(frozen=True, slots=True)
class Terms:
    """How a run wants its tasks made; travels as a dict.

    run_dir: where `workers/` and `logs/` are. The rest is as the options of `run` say.
    cwd: what relative paths are relative to. retries: attempts after the first. fail_fast: nothing begins after a
    failure.
    """

    run_dir: str
    cwd: str
    retries: int = 2
    stall_timeout: float = STALL_TIMEOUT
    task_timeout: float | None = None
    max_memory: int | None = None
    fail_fast: bool = False

    @property
    def spool(self) -> Path:
        """The folder that workers write their events to."""
        return Path(self.run_dir) / "workers"

    @property
    def logs(self) -> Path:
        """The folder of the logs of failed tasks."""
        return Path(self.run_dir) / "logs"

    @property
    def stopped(self) -> bool:
        """Whether the run wants nothing more to begin."""
        return (self.spool / _STOP).exists()

    @property
    def limits(self) -> Limits:
        """What a task may take."""
        return Limits(self.stall_timeout, self.task_timeout, self.max_memory)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for `Terms(**data)`."""
        return asdict(self)


def stop(terms: Terms) -> None:
    """See to it that nothing more begins. Never raises."""
    with contextlib.suppress(OSError):
        (terms.spool / _STOP).touch()
