"""The lines of the live view: where the run stands, recent failures, and a line a worker. Folded to any terminal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from runner.eventwords import counts, pace, task_pace
from runner.plaintext import clean, clock, rough
from runner.runstate import Running, RunState

SMALLEST_NAME = 12


@dataclass(frozen=True, slots=True)
class Look:
    """What there is to draw on. width, height: in cells."""

    width: int
    height: int
    ascii_only: bool = False
    colour: bool = True


def rows(state: RunState, look: Look) -> list[Text]:
    """Every line of the view, at most `look.height - 1` of them and none wider than the terminal."""
    head = list(_head(state, look) if state.batch else _single(state, look))
    room = max(0, look.height - 1 - len(head))
    workers = _workers(state, look, room) if state.batch else []
    lines = (head + workers)[: max(1, look.height - 1)]
    for line in lines:
        line.truncate(look.width, overflow="ellipsis")
    return lines


def bar(share: float, width: int, look: Look) -> Text:
    """A bar: as long as the share says; where there are no colours the rest is blank."""
    share = min(1.0, max(0.0, share))
    full, rest = ("#", "-") if look.ascii_only else ("━", "━" if look.colour else " ")
    done = int(share * width)
    return Text.assemble((full * done, "green" if share >= 1 else "cyan"), (rest * (width - done), "bright_black"))


def shorten(name: str, width: int) -> str:
    """The name in `width` cells: filled up, or with its middle left out, since ids begin and end alike."""
    name = clean(name)
    if cell_len(name) <= width:
        return set_cell_size(name, width)
    head = set_cell_size(name, max(0, (width - 1) // 3)).rstrip()
    tail = ""
    for one in reversed(name):
        if cell_len(head) + 1 + cell_len(one + tail) > width:
            break
        tail = one + tail
    return set_cell_size(f"{head}…{tail}", width)


def _head(state: RunState, look: Look) -> Iterator[Text]:
    total = state.tasks or 0
    over = state.done + state.skipped + state.failed
    width = min(40, look.width // 4)
    words = Text(counts(state))
    if state.failed:
        words.highlight_words([f"{state.failed:,} failed"], "bold red")
    yield Text.assemble(bar(over / total, width, look), "  ", words) if total else words
    known = pace(state)
    yield Text.assemble((f"{clock(state.elapsed)}", "bright_black"), "  ", known or "", style="")
    if state.message:
        yield Text(clean(state.message), style="yellow")
    if state.failed:
        hidden = state.failed - len(state.failures)
        more = f" ({hidden:,} more before)" if hidden else ""
        for index, (task, message) in enumerate(state.failures):
            yield Text.assemble(
                ("failed ", "red"), f"{clean(task)}: {clean(message)}", (more if index == 0 else "", "bright_black")
            )


def _single(state: RunState, look: Look) -> Iterator[Text]:
    """An export: one task, no workers."""
    if not state.running:
        begins = "" if state.done or state.failed else "starting"
        yield Text(clean(state.message) or begins, style="bright_black")
    for one in state.running.values():
        left = f"  about {rough(state.left)} left" if state.left else ""
        line = _row(one, "", look, spare=cell_len(left))
        yield line.append(left, "bright_black")


def _workers(state: RunState, look: Look, room: int) -> list[Text]:
    running = sorted(state.running.values(), key=lambda one: (len(one.worker), one.worker, one.task))
    shown = running if len(running) <= room else running[: max(0, room - 1)]
    label = max((cell_len(clean(one.worker)) for one in shown), default=0)
    lines = [_row(one, shorten(one.worker, min(label, 12)) + "  ", look) for one in shown]
    hidden = running[len(shown) :]
    if hidden and room:
        speed = sum(one.drawn_fps for one in hidden)
        lines.append(Text(f"and {len(hidden)} more at {speed:.0f} fps", style="bright_black"))
    return lines


def _row(one: Running, label: str, look: Look, spare: int = 0) -> Text:
    """`1  batch/aurora-song-720p  render  ━━━━━━━━  43 %  94 fps 1.6x`, with less of it where there is no room."""
    stage = f"{one.stage or 'start':<7}"
    percent = f"{100 * one.share:3.0f} %"
    speed = f"{task_pace(one):>15}"
    room = look.width - cell_len(label) - spare - 1
    tail = Text(f"  {stage} {percent}")
    if room >= SMALLEST_NAME + cell_len(tail.plain) + 15:
        tail.append(speed)
    width = min(24, room - SMALLEST_NAME * 2 - cell_len(tail.plain))
    line = Text(label, style="")
    if width >= 5:
        tail = Text.assemble(tail[:9], " ", bar(one.share, width, look), tail[9:])
    name = max(1, min(48, room - cell_len(tail.plain)))
    return line.append(shorten(one.task, name)).append_text(tail)
