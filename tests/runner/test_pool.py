"""Batches over real workers that are killed, interrupted, and run again."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from engine.ffmpeg import find
from tests import fake_ffmpeg
from tests.batch_runs import Batch, is_rendering


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The hashes of a run with one worker."""
    batch = Batch(tmp_path_factory.mktemp("undisturbed") / "work")
    done = batch.run()
    assert done.returncode == 0, done.stderr
    assert batch.leftovers() == []
    assert len(batch.hashes()) == 4
    return batch.hashes()


@pytest.fixture
def batch(tmp_path: Path) -> Batch:
    return Batch(tmp_path / "work")


def test_two_workers_give_the_bytes_of_one(batch: Batch, undisturbed: dict[str, str]) -> None:
    run = batch.start("-j", "2")
    assert run.end()[0] == 0
    assert batch.hashes() == undisturbed
    assert {one["worker"] for one in run.events if one["event"] == "task_done"} == {"1", "2"}
    assert len(run.told("task_started")) == 4
    assert batch.leftovers() == []
    assert batch.is_left_alone()


@pytest.mark.parametrize("kind", ["worker", "renderer", "ffmpeg"])
def test_a_killed_process_costs_an_attempt(batch: Batch, undisturbed: dict[str, str], kind: str) -> None:
    run = batch.start("-j", "2")
    run.wait_for(is_rendering)
    run.find(kind).kill()
    status, said = run.end()
    assert (status, said) == (0, "")
    assert len(set(run.told("task_retry"))) == 1  # whom it did not concern is not charged
    assert batch.hashes() == undisturbed
    assert batch.leftovers() == []
    assert batch.is_left_alone()


def test_a_killed_run_takes_everything_along_and_the_next_one_completes(
    batch: Batch, undisturbed: dict[str, str]
) -> None:
    run = batch.start("-j", "2")
    run.wait_for(lambda event: event["event"] == "task_done")
    run.wait_for(is_rendering)
    run.kill()
    assert batch.is_left_alone()
    finished = run.told("task_done")
    again = batch.start("-j", "2")
    assert again.end() == (0, "")
    assert set(finished) <= set(again.told("task_skipped"))
    assert batch.hashes() == undisturbed
    assert batch.leftovers() == []


def test_the_first_ctrl_c_finishes_what_runs(batch: Batch, undisturbed: dict[str, str]) -> None:
    run = batch.start("-j", "2")
    run.wait_for(is_rendering)
    begun = set(run.told("task_started"))
    run.interrupt()
    status, said = run.end()
    assert (status, said) == (130, "")
    assert begun <= set(run.told("task_done"))
    assert len(run.told("task_done")) < 4
    assert run.told("task_failed") == []
    assert batch.run("-j", "2").returncode == 0
    assert batch.hashes() == undisturbed


def test_the_second_ctrl_c_leaves_nothing(batch: Batch) -> None:
    job = batch.folder / "job.yaml"
    job.write_text(job.read_text().replace("width: 192, height: 108", "width: 1280, height: 720"))
    run = batch.start("-j", "2")
    run.wait_for(is_rendering)
    run.interrupt()
    run.wait_for(lambda event: event["event"] == "stopping")
    begin = time.monotonic()
    run.interrupt()
    status, said = run.end()
    assert status == 130
    assert "Traceback" not in said
    assert batch.is_left_alone(seconds=5 - (time.monotonic() - begin))
    assert batch.hashes() == {}
    assert batch.leftovers() == []


def test_after_the_second_ctrl_c_a_run_completes(batch: Batch, undisturbed: dict[str, str]) -> None:
    script = fake_ffmpeg.make(batch.folder, "hangs-at-trailer", find())
    run = batch.start("-j", "2", "--ffmpeg", str(script))
    run.wait_for(is_rendering)
    run.interrupt()
    run.wait_for(lambda event: event["event"] == "stopping")
    begin = time.monotonic()
    run.interrupt()
    status, said = run.end()
    assert (status, "Traceback" in said) == (130, False)
    assert batch.is_left_alone(seconds=5 - (time.monotonic() - begin))
    assert (batch.hashes(), batch.leftovers()) == ({}, [])
    again = batch.start("-j", "2")
    assert again.end() == (0, "")
    assert len(again.told("task_done")) == 4
    assert batch.hashes() == undisturbed
    assert batch.leftovers() == []


def test_a_task_that_kills_its_worker_is_given_up_and_the_others_are_made(batch: Batch) -> None:
    # The ffmpeg of one task kills the process that started its render process.
    script = fake_ffmpeg.make(batch.folder, "kills-worker-of-poison", find())
    run = batch.start(
        "-j", "2", "--retries", "1", "--ffmpeg", str(script), "--set", "name=poison", "--only", "*-a-108p"
    )
    status, said = run.end()
    assert status == 1
    assert "killed 2 times" in said
    assert run.told("task_failed") == ["poison/aurora-a-108p"]
    assert run.told("task_done") == ["poison/scope-a-108p"]
    assert run.told("task_retry") == ["poison/aurora-a-108p"]
    assert batch.leftovers() == []


def test_a_second_run_waits_or_refuses(batch: Batch, undisturbed: dict[str, str]) -> None:
    first = batch.start()
    first.wait_for(lambda event: event["event"] == "task_started")
    refused = batch.run("--no-wait")
    assert refused.returncode == 1
    assert f"another run works in out: process {first.process.pid} on " in refused.stderr
    second = batch.start()
    waiting = second.wait_for(lambda event: event["event"] == "waiting")
    assert f"process {first.process.pid} on " in waiting["message"]
    first.kill()  # and its lock heals itself
    assert second.end() == (0, "")
    assert batch.hashes() == undisturbed
    assert batch.leftovers() == []


def test_what_a_killed_run_had_just_named_is_made_again(batch: Batch, undisturbed: dict[str, str]) -> None:
    only = ("--only", "four/aurora-a-108p")
    batch.folder.joinpath("out/four").mkdir(parents=True)
    output = batch.folder / "out/four/aurora-a-108p.mp4"
    output.write_bytes(b"it may be anybody's")
    assert batch.run(*only).returncode == 2
    claim = output.with_name(f".{output.name}.claim")
    claim.write_text(f'["{output.name}"]')
    assert batch.run(*only).returncode == 0
    assert batch.hashes() == {output.name: undisturbed[output.name]}
    assert batch.leftovers() == []
