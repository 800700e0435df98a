"""Events and the state of a run in words for a person. Names and messages come from strangers and are made safe."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from runner.plaintext import clean, rough
from runner.runstate import Running, RunState

Event = Mapping[str, Any]


def describe(event: Event) -> str:
    """The event as one line; empty where it is of no interest. The command line explains failures."""
    words = _WORDS.get(event["event"])
    return clean(words(event)) if words else ""


def counts(state: RunState) -> str:
    """`12 of 48 done, 1 failed, 3 up to date`."""
    of = f" of {state.tasks:,}" if state.tasks is not None else ""
    parts = [f"{state.done:,}{of} done"]
    if state.failed:
        parts.append(f"{state.failed:,} failed")
    if state.skipped:
        parts.append(f"{state.skipped:,} up to date")
    if state.retrying:
        parts.append(f"{state.retrying:,} to be tried again")
    return ", ".join(parts)


def pace(state: RunState) -> str:
    """`2.3x realtime, about 12 min left`: as much of it as is known."""
    parts = []
    if state.realtime is not None:
        parts.append(f"{state.realtime:.2f}x realtime")
    if state.left:
        parts.append(f"about {rough(state.left)} left")
    return ", ".join(parts)


def task_pace(one: Running) -> str:
    """`94 fps 3.1x`, or nothing before two progress events."""
    return f"{one.drawn_fps:.0f} fps {one.realtime:.1f}x" if one.drawn_fps else ""


def _started(event: Event) -> str:
    reason = event["reason"]
    why = "" if reason == "export" else f" ({reason})"  # a run says why it makes a task; an export was asked for
    again = f", attempt {event['attempt']}" if event.get("attempt", 1) > 1 else ""
    return f"{event['task']}: {event['frames']} frames{why}{again}"


def _done(event: Event) -> str:
    seconds = max(event["seconds"], 1e-6)
    speed = ""
    if "frames" in event and "fps" in event:
        realtime = event["frames"] / event["fps"] / seconds
        speed = f" ({event['frames'] / seconds:.0f} fps, {realtime:.2f}x realtime)"
    return f"{event['task']}: {event['output']} in {event['seconds']:.1f} s{speed}"


def _retry(event: Event) -> str:
    return f"{event['task']}: {event['message']}; attempt {event['attempt']} in {event['wait']:g} s"


def _finished(event: Event) -> str:
    rest = "; interrupted: run again to make the rest" if event["exit_status"] == 130 else ""
    return f"{event['done']:,} made, {event['skipped']:,} up to date, {event['failed']:,} failed{rest}"


_WORDS: Mapping[str, Callable[[Event], str]] = {
    "task_started": _started,
    "task_done": _done,
    "task_retry": _retry,
    "task_failed": lambda event: f"{event['task']}: failed: {event['message']}",
    "waiting": lambda event: event["message"],
    "stopping": lambda event: event["message"],
    "warning": lambda event: f"warning: {event['message']}",
    "run_finished": _finished,
}
