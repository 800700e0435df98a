"""The live view of a run on a terminal: what is finished scrolls by above, where the run stands is redrawn below.

Drawn a few times a second by rich, whatever number of events comes in between; lines are plain text of our own, since
tables of rich would cost several percent of a core with many workers.
"""

from __future__ import annotations

import threading

from rich.console import Console
from rich.live import Live
from rich.text import Text

from runner import interrupt
from runner.eventwords import Event, describe
from runner.liverows import Look, rows
from runner.runstate import RunState

REDRAWS = 4
"""Times a second."""

SCROLLING = {"task_done", "task_retry", "waiting", "warning", "run_finished"}
"""Events that become lines of their own. Failures, and that it is stopping, are shown below."""


class LiveView:
    """Owns the lower lines of the terminal until `close`, which always gives the cursor back."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True)
        self._state = RunState()
        self._guard = threading.Lock()
        self._live = Live(
            console=self._console,
            get_renderable=self._draw,
            refresh_per_second=REDRAWS,
            transient=True,
            redirect_stdout=False,  # it may be a file or a pipe
            vertical_overflow="crop",
        )
        self._live.start()

    def __call__(self, event: Event) -> None:
        """Take an event; a line of its own where it ends something."""
        with self._guard:
            self._state.update(event)
        # Not under the guard: printing takes the locks of rich, whose thread in turn asks `_draw`.
        if event["event"] in SCROLLING:
            line = Text(describe(event), style="yellow" if event["event"] in {"warning", "task_retry"} else "")
            self._console.print(line, soft_wrap=True)

    def close(self) -> None:
        """Give the terminal back, undisturbed by an impatient Ctrl-C. May be called repeatedly."""
        with interrupt.shielded():
            self._live.stop()

    def _draw(self) -> Text:
        look = Look(
            width=self._console.width - 3,  # a terminal echoes ^C at the end: it must not begin another line
            height=self._console.height,
            ascii_only=self._console.options.ascii_only,
            colour=self._console.color_system is not None and not self._console.no_color,
        )
        with self._guard:
            return Text("\n").join(rows(self._state, look))
