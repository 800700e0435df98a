"""Batches over a real Dask scheduler and real workers, some of which are killed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import ffmpeg
from tests import fake_ffmpeg, trackreel
from tests.batch_runs import Batch, is_rendering
from tests.dask_cluster import DaskCluster, documented

FRAMES = ("--set", "output.framemd5=true")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    """Its ffmpeg kills the worker around it for outputs with poison and aurora in their name.

    Dask runs a task again once by itself; then it gives up, and we have to go on.
    """
    folder = tmp_path_factory.mktemp("cluster")
    script = fake_ffmpeg.make(folder, "kills-worker-of-poison", ffmpeg.find())
    scratch = folder / "tmp"
    scratch.mkdir()
    patience = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}
    cluster = DaskCluster(folder / "dask", {ffmpeg.VARIABLE: str(script), "TMPDIR": str(scratch), **patience})
    yield cluster
    cluster.close()


@pytest.fixture(scope="module")
def loky(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """What loky makes."""
    batch = Batch(tmp_path_factory.mktemp("loky") / "work")
    assert batch.run("-j", "2", *FRAMES).returncode == 0
    return batch


@pytest.fixture
def batch(tmp_path: Path) -> Batch:
    return Batch(tmp_path / "work")


def on(cluster: DaskCluster) -> list[str]:
    """The options that the README says."""
    words = documented("trackreel run jobs/batch.yaml --backend dask")[3:]
    return [word.replace("tcp://host:8786", cluster.address) for word in words]


def frames(batch: Batch) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted((batch.folder / "out").rglob("*.framemd5"))}


def half_written(batch: Batch) -> list[Path]:
    return list((batch.folder / "out").rglob(".*.part*"))


def enlarge(batch: Batch) -> None:
    """Tasks that take long enough to be stopped."""
    job = batch.folder / "job.yaml"
    job.write_text(job.read_text().replace("width: 192, height: 108", "width: 1280, height: 720"))


def test_a_cluster_gives_the_frames_of_loky(cluster: DaskCluster, loky: Batch, batch: Batch) -> None:
    run = batch.start(*on(cluster), *FRAMES)
    assert run.end() == (0, "")
    assert frames(batch) == frames(loky)
    assert len(frames(batch)) == 4
    assert batch.hashes() == loky.hashes()
    assert {one["worker"] for one in run.events if one["event"] == "task_done"} == {"1", "2"}
    assert {one["stage"] for one in run.events if one["event"] == "progress"} >= {"render"}
    assert batch.leftovers() == []
    assert batch.is_left_alone()  # the workers' render processes have ended
    assert "0 made, 4 up to date" in batch.run("-j", "2", *FRAMES).stderr


def test_a_killed_worker_costs_an_attempt(cluster: DaskCluster, loky: Batch, batch: Batch) -> None:
    run = batch.start(*on(cluster), *FRAMES)
    run.wait_for(is_rendering)
    cluster.workers()[0].kill()
    assert run.end() == (0, "")
    assert len(run.told("task_retry")) == 1
    assert len(run.told("task_done")) == 4
    assert frames(batch) == frames(loky)
    assert batch.leftovers() == []


def test_a_task_that_kills_its_worker_is_given_up_and_the_others_are_made(cluster: DaskCluster, batch: Batch) -> None:
    run = batch.start(*on(cluster), "--set", "name=poison", "--only", "*-a-108p")
    status, said = run.end()
    assert status == 1
    assert "error: poison/aurora-a-108p: the worker process that made this task was killed 3 times" in said
    assert run.told("task_failed") == ["poison/aurora-a-108p"]
    assert run.told("task_retry") == ["poison/aurora-a-108p"] * 2
    assert run.told("task_done") == ["poison/scope-a-108p"]
    assert half_written(batch) == []
    assert "because 2 workers died" in cluster.said()  # Dask gave up before we did


def test_the_tasks_of_a_killed_run_end(cluster: DaskCluster, batch: Batch) -> None:
    enlarge(batch)
    run = batch.start(*on(cluster))
    run.wait_for(is_rendering)
    assert half_written(batch) != []
    run.kill()
    end = time.monotonic() + 10
    while half_written(batch) and time.monotonic() < end:
        time.sleep(0.05)
    assert half_written(batch) == []
    assert batch.hashes() == {}  # they were stopped: nobody waits for them


def test_the_first_ctrl_c_finishes_what_runs(cluster: DaskCluster, batch: Batch) -> None:
    run = batch.start(*on(cluster))
    run.wait_for(is_rendering)
    begun = set(run.told("task_started"))
    run.interrupt()
    assert run.end() == (130, "")
    assert begun <= set(run.told("task_done"))
    assert len(run.told("task_done")) < 4


def test_the_second_ctrl_c_leaves_nothing(cluster: DaskCluster, batch: Batch) -> None:
    enlarge(batch)
    run = batch.start(*on(cluster))
    run.wait_for(is_rendering)
    run.interrupt()
    run.wait_for(lambda event: event["event"] == "stopping")
    begin = time.monotonic()
    run.interrupt()
    status, said = run.end()
    assert time.monotonic() < begin + 30, "it does not wait for what runs"
    assert status == 130
    assert "Traceback" not in said
    assert batch.hashes() == {}
    assert half_written(batch) == []


def test_the_loss_of_the_scheduler_ends_the_run(tmp_path: Path, batch: Batch) -> None:
    enlarge(batch)
    cluster = DaskCluster(tmp_path / "dask", {"TMPDIR": str(batch.scratch)}, workers=0)
    try:
        refused = batch.run(*on(cluster), "--cluster-timeout", "0.5")
        assert refused.returncode == 3
        assert f"error: the Dask scheduler at {cluster.address} has no workers after 0.5 s" in refused.stderr
        cluster.start_workers(1)
        run = batch.start(*on(cluster))
        run.wait_for(is_rendering)
        cluster.scheduler.kill()
        status, said = run.end()
        assert status == 1
        assert said.startswith("error: the connection to the Dask scheduler was lost\nhint: ")
        end = time.monotonic() + 10
        while half_written(batch) and time.monotonic() < end:
            time.sleep(0.05)
        assert half_written(batch) == []
        assert batch.hashes() == {}
    finally:
        cluster.close()


def test_a_worker_is_no_scheduler(cluster: DaskCluster, batch: Batch) -> None:
    worker = cluster.worker_address()
    done = trackreel.call("run", "job.yaml", "--backend", "dask", "--scheduler", worker, cwd=batch.folder)
    assert done.returncode == 2
    assert f"error: there is no Dask scheduler at {worker}, but a Worker\n" in done.stderr
