"""Where a run stands: counts, rates and the time left, told from its events."""

from __future__ import annotations

import operator
from typing import Any

import jsonschema
from hypothesis import given
from hypothesis import strategies as st

import schemas
from runner.eventwords import counts, describe, pace
from runner.liverows import Look, rows
from runner.runstate import RunState
from runner.summary import Summary
from tests.runner import streams


class Clock:
    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


def test_the_streams_of_these_tests_are_sound() -> None:
    for event in streams.overnight(20, 3):
        jsonschema.validate(event, schemas.load("event"))


def test_the_time_left_follows_from_video_seconds_left_and_the_rate_so_far() -> None:
    clock = Clock()
    state = RunState(clock)
    for event in (streams.begun(10), streams.started("a"), streams.drawn("a", 1)):
        state.update(event)
    assert (state.realtime, state.left) == (None, None)  # nothing is known yet
    clock.time += 10
    state.update(streams.done("a"))
    state.update(streams.started("b"))
    state.update(streams.drawn("b", 30))
    assert state.realtime == 3.0 / 10  # 2 s of the first, 1 s of the second
    assert state.left is not None
    assert abs(state.left - 17 / 0.3) < 1e-9
    state.update(streams.failed("b"))
    state.update(streams.skipped("c"))
    assert state.left == (20 - 2 - 2 - 2) / 0.2
    assert pace(state) == "0.20x realtime, about 1 min left"
    state.update({"event": "stopping", "message": "m"})
    assert pace(state) == "0.20x realtime"  # what is left will not be made


def test_nothing_is_said_of_the_end_while_the_length_is_unknown() -> None:
    clock = Clock()
    state = RunState(clock)
    state.update({"event": "run_started", "jobs": [], "run_dir": "r"})
    for name in "ab":
        state.update(streams.started(name))
        clock.time += 20
        state.update(streams.done(name))
    assert state.realtime == 0.1
    assert "left" not in pace(state)


def test_a_retry_is_counted_until_its_next_attempt() -> None:
    state = RunState()
    for event in (streams.begun(3), streams.started("a"), streams.retried("a")):
        state.update(event)
    assert (list(state.running), counts(state)) == ([], "0 of 3 done, 1 to be tried again")
    state.update(streams.started("a", attempt=2))
    assert (list(state.running), state.retrying) == (["a"], 0)
    state.update(streams.retried("a", 3))
    state.update(streams.failed("a"))
    assert (state.retrying, state.failed) == (0, 1)


def test_rates_of_a_task_count_from_its_first_frame() -> None:
    clock = Clock()
    state = RunState(clock)
    state.update(streams.started("a"))
    state.update(streams.analysed("a", 0.5))
    clock.time += 30
    state.update(streams.drawn("a", 1))
    clock.time += 2
    state.update(streams.drawn("a", 31))
    assert (state.running["a"].drawn_fps, state.running["a"].realtime) == (15.0, 0.5)


names = st.sampled_from(["a", "b", "c", "\x1b[2J\u202e", "曲" * 40])
events = st.one_of(
    st.builds(streams.started, names, st.sampled_from(["1", "2", "host-3"])),
    st.builds(streams.analysed, names, st.floats(0, 1)),
    st.builds(streams.drawn, names, st.integers(0, 60)),
    st.builds(streams.done, names, seconds=st.floats(0, 1e6)),
    st.builds(streams.failed, names, names, exit_status=st.sampled_from([1, 2, 130])),
    st.builds(streams.skipped, names),
    st.builds(streams.retried, names),
    st.builds(streams.ended, st.integers(0, 9)),
    st.just({"event": "heard of in a later version"}),
    st.builds(lambda text: {"event": "warning", "message": text}, st.text(max_size=9)),
)


first = st.lists(st.builds(streams.begun, st.integers(0, 5), st.integers(1, 40)), max_size=1)


@given(
    stream=st.builds(operator.add, first, st.lists(events, max_size=40)),
    width=st.integers(8, 200),
    height=st.integers(2, 40),
)
def test_whatever_comes_it_is_counted_and_fits(stream: list[dict[str, Any]], width: int, height: int) -> None:
    state, summary = RunState(), Summary()
    for event in stream:
        state.update(event)
        summary.update(event)
        lines = rows(state, Look(width, height))
        assert len(lines) <= max(1, height - 1)
        assert all(line.cell_len <= width for line in lines)
        assert not any(one in line.plain + describe(event) for line in lines for one in "\x1b\n\u202e")
    wanted = {
        "done": sum(one["event"] == "task_done" for one in stream),
        "skipped": sum(one["event"] == "task_skipped" for one in stream),
        "failed": sum(one["event"] == "task_failed" and one["exit_status"] != 130 for one in stream),
    }
    assert {name: getattr(state, name) for name in wanted} == wanted
    assert {name: summary.to_dict()[name] for name in wanted} == wanted
