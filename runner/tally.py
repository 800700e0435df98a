"""How a run went, and the exit status that this means."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.errors import RenderError


@dataclass
class Tally:
    """How a run went: counts, and the failures as (task id, error)."""

    done: int = 0
    skipped: int = 0
    failed: int = 0
    interrupted: bool = False
    failures: list[tuple[str, RenderError]] = field(default_factory=list)

    @property
    def exit_status(self) -> int:
        """130 interrupted, 0 all well, otherwise the failures' own status where they agree, else 1."""
        if self.interrupted:
            return 130
        statuses = {error.exit_status for _, error in self.failures}
        return statuses.pop() if len(statuses) == 1 else int(bool(statuses))
