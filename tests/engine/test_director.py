from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine import director
from engine.errors import InputError
from engine.scene import SWITCH_MODES, TRANSITIONS, Switch, Transition
from engine.timeline import Timeline
from tests.engine.timelines import make_timeline

PRESETS = ["a", "b", "c", "d", "e", "f"]


def track(fps: int | str = 30, seconds: float = 120.0) -> Timeline:
    """120 bpm from 0.25 s; quiet, loud from 30 s, quiet from 70 s; sections at 30.1 and 70 s."""
    return make_timeline(
        seconds,
        Fraction(fps),
        beats=np.arange(0.25, seconds, 0.5),
        sections=(0.0, 30.1, 70.0),
        **dict.fromkeys(director.ACTIVITY, lambda t: np.where((t >= 30) & (t < 70), 0.8, 0.2)),
    )


def test_manual_shows_the_first_preset_alone() -> None:
    shots = director.plan(track(), PRESETS, Switch("manual"), 1)
    assert not shots.current.any()
    assert np.array_equal(shots.previous, shots.current)
    assert (shots.progress == 1.0).all()
    assert shots.current.dtype == shots.previous.dtype == np.int16
    assert shots.progress.dtype == np.float32
    assert len(shots.cuts) == 0


def test_time_cuts_on_the_clock_and_fades() -> None:
    shots = director.plan(track(), PRESETS, Switch("time", every=20.0, transition=2.0), 1)
    assert shots.cuts.tolist() == [20.0, 40.0, 60.0, 80.0, 100.0]
    assert shots.current[599] == shots.previous[600] == 0
    assert shots.current[600] != 0
    assert shots.progress[600] == 0.0
    assert shots.progress[630] == 0.5
    assert shots.progress[660] == 1.0
    assert (np.diff(shots.progress[600:661]) > 0).all()
    assert shots.previous[660] == shots.current[660]


def test_a_hard_cut_has_no_fade() -> None:
    shots = director.plan(track(), PRESETS, Switch("time", every=20.0, transition=0.0), 1)
    assert (shots.progress == 1.0).all()
    assert np.array_equal(shots.previous, shots.current)


def test_a_fade_ends_before_the_next_cut() -> None:
    shots = director.plan(track(seconds=10.0), PRESETS, Switch("time", every=2.0, transition=5.0), 1)
    assert shots.progress[119] > 0.99
    assert shots.progress[120] == 0.0


def test_beat_counts_beats_within_the_holds() -> None:
    cuts = director.plan(track(), PRESETS, Switch("beat", every=32, hold_min=8, hold_max=40), 1).cuts
    assert cuts[0] == 16.25
    assert np.all(np.diff(cuts) == 16.0)
    short = director.plan(track(), PRESETS, Switch("beat", every=4, hold_min=8, hold_max=40), 1).cuts
    assert np.diff(short).min() >= 8.0
    assert np.diff(short).max() <= 8.5
    long = director.plan(track(), PRESETS, Switch("beat", every=200, hold_min=8, hold_max=20), 1).cuts
    assert np.diff(long).max() <= 20.0
    assert all(one in track().beats for one in (*cuts, *short, *long))


def test_beat_without_beats_falls_back_to_hold_max() -> None:
    shots = director.plan(make_timeline(50.0), PRESETS, Switch("beat", every=8, hold_min=5, hold_max=20), 1)
    assert shots.cuts.tolist() == [20.0, 40.0]


def test_energy_cuts_where_the_music_changes_on_a_beat() -> None:
    cuts = director.plan(track(), PRESETS, Switch("energy", hold_min=8, hold_max=20), 1).cuts
    assert len(cuts) == 2
    assert abs(cuts[0] - 30.1) <= 0.5
    assert abs(cuts[1] - 70.0) <= 0.5
    assert all(one in track().beats for one in cuts)


def test_energy_steps_are_found_without_sections() -> None:
    timeline = make_timeline(60.0, **dict.fromkeys(director.ACTIVITY, lambda t: np.where(t < 25, 0.1, 0.9)))
    assert director.plan(timeline, PRESETS, Switch("energy"), 1).cuts.tolist() == [25.0]


def test_adaptive_never_holds_longer_than_hold_max() -> None:
    cuts = director.plan(track(), PRESETS, Switch("adaptive", hold_min=8, hold_max=18), 1).cuts
    assert np.diff(np.concatenate(([0.0], cuts))).max() <= 18.0
    assert any(abs(one - 30.1) <= 0.6 for one in cuts)


@pytest.mark.parametrize("mode", SWITCH_MODES)
def test_frame_rates_agree(mode) -> None:
    switch = Switch(mode, every=7.0, hold_min=5, hold_max=13)
    at30, at60 = (director.plan(track(fps), PRESETS, switch, 9) for fps in (30, 60))
    assert np.array_equal(at30.cuts, at60.cuts)
    assert np.array_equal(at30.current, at60.current[::2])
    assert np.array_equal(at30.previous, at60.previous[::2])
    assert np.array_equal(at30.progress, at60.progress[::2])
    assert np.array_equal(at30.cuts, director.plan(track("24000/1001"), PRESETS, switch, 9).cuts)


def test_the_seed_orders_the_presets() -> None:
    switch = Switch("time", every=2.0, transition=0.0)
    orders = {tuple(director.plan(track(), PRESETS, switch, seed).current[::60].tolist()) for seed in range(5)}
    assert len(orders) == 5
    assert all(order[0] == 0 for order in orders)


@pytest.mark.parametrize("count", [2, 3, 6])
def test_no_preset_returns_soon_and_all_are_shown_alike(count) -> None:
    shots = director.plan(track(), PRESETS[:count], Switch("time", every=2.0, transition=0.0), 3)
    order = shots.current[::60].tolist()
    apart = max(count // 2, 1)
    assert all(one not in order[max(i - apart, 0) : i] for i, one in enumerate(order))
    shown = np.bincount(order, minlength=count)
    assert shown.max() - shown.min() <= 1


@pytest.mark.parametrize(
    ("switch", "message"),
    [
        (Switch("random"), "unknown switch mode `random`"),
        (Switch("time", every=0), "switch.every is 0"),
        (Switch("beat", hold_min=9, hold_max=8), "contradict"),
        (Switch("beat", hold_min=-1), "contradict"),
        (Switch("time", transition=-1), "switch.transition is -1"),
        (Switch("time", transition=Transition(("wipe", "wype"))), "unknown transition `wype`"),
    ],
)
def test_a_senseless_switch_is_refused(switch, message) -> None:
    with pytest.raises(InputError) as caught:
        director.plan(track(seconds=5.0), PRESETS, switch, 0)
    assert message in caught.value.message
    assert caught.value.hint


def test_no_presets_is_refused() -> None:
    with pytest.raises(InputError, match="at least one preset"):
        director.plan(track(seconds=5.0), [], Switch(), 0)


def test_a_plain_number_is_a_crossfade() -> None:
    plain = director.plan(track(), PRESETS, Switch("time", transition=2.0), 1)
    said = director.plan(track(), PRESETS, Switch("time", transition=Transition(("crossfade",), 2.0)), 1)
    assert np.array_equal(plain.progress, said.progress)
    assert {TRANSITIONS[kind] for kind in plain.kind[plain.progress < 1.0]} == {"crossfade"}


def test_each_cut_has_a_kind_in_an_order_without_near_repeats() -> None:
    switch = Switch("time", every=2.0, transition=Transition(TRANSITIONS, 1.0))
    shots = director.plan(track(), PRESETS, switch, 3)
    kinds = shots.kind[60::60].tolist()
    assert all(one not in kinds[max(i - 4, 0) : i] for i, one in enumerate(kinds))
    assert sorted(kinds[:8]) == list(range(8)), "each is used before one is used again"
    assert kinds != director.plan(track(), PRESETS, switch, 4).kind[60::60].tolist()
    hard = np.flatnonzero(shots.kind == TRANSITIONS.index("cut"))
    assert (shots.progress[hard] == 1.0).all()
    assert (np.diff(shots.shot)[59::60] == 1).all()


def test_beats_carry_a_transition_through_a_change_of_tempo() -> None:
    """A beat every 0.5 s up to 10 s, then every 0.25 s; four beats from 9 s on are two slow and two fast ones."""
    beats = np.concatenate((np.arange(0.0, 10.0, 0.5), np.arange(10.0, 20.0, 0.25)))
    timeline = make_timeline(20.0, Fraction(100), beats=beats)
    switch = Switch("time", every=9.0, transition=Transition(("wipe",), 4.0, beats=True))
    progress = director.plan(timeline, PRESETS[:2], switch, 1).progress
    assert [float(progress[frame]) for frame in (900, 1000, 1050)] == [0.0, 0.5, 1.0]
    assert (np.diff(progress[900:1051]) > 0).all()


def test_beats_go_on_where_none_was_found() -> None:
    """At the track's tempo of 120: before the first beat, in a gap, after the last one, and without any."""
    sparse = np.array([3.0, 3.5, 4.0, 4.5, 12.5, 13.0])
    for beats, cut in ((sparse, 1.2), (sparse, 8.0), (sparse, 16.0), (None, 5.0)):
        timeline = make_timeline(20.0, Fraction(100), beats=beats)
        switch = Switch("time", every=cut, transition=Transition(("wipe",), 2.0, beats=True))
        progress = director.plan(timeline, PRESETS[:2], switch, 1).progress
        start = int(cut * 100)
        assert progress[start + 50] == pytest.approx(0.5, abs=1e-4), cut
        assert progress[start + 99] < 1.0 == progress[start + 101], cut


@settings(max_examples=60, deadline=None)
@given(
    mode=st.sampled_from(SWITCH_MODES),
    every=st.floats(0.2, 50),
    hold=st.tuples(st.floats(0, 20), st.floats(0, 20)),
    change=st.builds(
        Transition,
        st.lists(st.sampled_from(TRANSITIONS), min_size=1, max_size=8, unique=True).map(tuple),
        st.floats(0, 6),
        st.booleans(),
    ),
    seconds=st.floats(0.05, 40),
    presets=st.integers(1, 6),
    seed=st.integers(-(2**70), 2**70),
)
@example(
    mode="beat", every=1.0, hold=(0.0, 0.0), change=Transition(length=5e-324), seconds=1.0, presets=2, seed=0
)  # fmt: skip
def test_every_plan_is_whole(mode, every, hold, change, seconds, presets, seed) -> None:
    timeline = track(30, seconds)
    switch = Switch(mode, every, hold[0], hold[0] + hold[1], change)
    shots = director.plan(timeline, PRESETS[:presets], switch, seed)
    entries = (shots.current, shots.previous, shots.progress, shots.kind, shots.shot)
    assert {len(one) for one in entries} == {timeline.frames}
    assert {TRANSITIONS[one] for one in shots.kind[shots.progress < 1.0]} <= set(change.kinds) - {"cut"}
    falling = np.flatnonzero(np.diff(shots.progress) < 0)
    assert (np.diff(shots.shot)[falling] > 0).all(), "progress never falls within a shot"
    faster = director.plan(track(60, seconds), PRESETS[:presets], switch, seed)
    for name in ("current", "previous", "progress", "kind", "shot"):
        at30, at60 = getattr(shots, name), getattr(faster, name)[::2]
        assert np.array_equal(at30[: len(at60)], at60[: len(at30)]), name
    assert shots.current.min(initial=0) >= 0
    assert shots.current.max(initial=0) < presets
    assert ((shots.progress >= 0.0) & (shots.progress <= 1.0)).all()
    assert (np.diff(shots.cuts) > 0).all()
    assert ((shots.previous == shots.current) == (shots.progress == 1.0)).all() or change.length > 0
    if mode in ("beat", "energy", "adaptive"):
        assert (np.diff(np.concatenate(([0.0], shots.cuts))) >= switch.hold_min - 1e-6).all()
