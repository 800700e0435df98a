"""Clusters that cannot be used: each is told before the first task, with a hint."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.errors import MissingError
from runner import clustercheck, clusterhost, lock
from runner.leftovers import OwnedFolder
from tests import trackreel
from tests.batch_runs import Batch

ADDRESS = "tcp://scheduler:8786"


class Client:
    """A client of one worker, which answers in this process; `see`: how it sees our paths."""

    def __init__(self, threads: int = 1, see: Callable[[str], str] = str, **changes: Any) -> None:
        self.threads, self.see, self.changes = threads, see, changes

    def wait_for_workers(self, count: int, timeout: float) -> None:
        if not self.threads:
            raise TimeoutError

    def nthreads(self) -> dict[str, int]:
        return {"tcp://worker:1": self.threads}

    def run(self, question: Callable[..., dict[str, Any]], *words: str, on_error: str) -> dict[str, Any]:
        if "raises" in self.changes:
            return {"tcp://worker:1": self.changes["raises"]}
        return {"tcp://worker:1": {**question(*map(self.see, words)), **self.changes}, "tcp://gone:1": OSError()}


@pytest.fixture
def batch(tmp_path: Path) -> Batch:
    return Batch(tmp_path / "work")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "events").mkdir()
    owned = OwnedFolder(tmp_path / "events")
    with lock.held(tmp_path / "out", None):
        yield Run(tmp_path)
    owned.remove()


class Run:
    """A run that looks whether its cluster sees its files."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.warnings = folder, list[Any]()

    def check(self, client: Any) -> None:
        clustercheck.check_shared(client, Path("events"), Path("out"), 0.1, self.warnings.append)


def test_a_cluster_like_this_host_is_good(run: Run) -> None:
    clustercheck.await_workers(Client(), ADDRESS, 1)  # type: ignore[arg-type]
    run.check(Client())
    assert run.warnings == []


@pytest.mark.parametrize(
    ("client", "message", "hint"),
    [
        (Client(threads=0), "has no workers after 1 s", f"`dask worker {ADDRESS} --nworkers 2 --nthreads 1`"),
        (Client(threads=4), "the Dask worker tcp://worker:1 has more than one thread", "--nthreads 1"),
        (Client(raises=RuntimeError("No module named 'runner'")), "lacks trackreel", "install trackreel[cluster]"),
        (Client(raises=MissingError("ffmpeg not found")), "cannot work: ffmpeg not found", "install"),
        (Client(Python="2.7"), "the Dask worker tcp://worker:1 has Python 2.7, this host 3.", "frames would differ"),
        (Client(distributed="1.0"), "has distributed 1.0", "install the same versions"),
        (Client(ffmpeg="5.1"), "has ffmpeg 5.1", "set TRACKREEL_FFMPEG"),
        (Client(**{"trackreel's source": "abc"}), "has trackreel's source abc", "restart the workers"),
    ],
)
def test_workers_that_are_not_like_this_host(client: Any, message: str, hint: str) -> None:
    with pytest.raises(MissingError) as caught:
        clustercheck.await_workers(client, ADDRESS, 1)
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_a_run_that_locks_no_output_root(run: Run) -> None:  # as those that compare with goldens
    clustercheck.check_shared(Client(), Path("events"), Path("nothing"), 0.1, run.warnings.append)  # type: ignore[arg-type]
    assert run.warnings == []


@pytest.mark.parametrize("name", ["events", "out", ""])
@pytest.mark.parametrize("there", [True, False])
def test_a_folder_that_a_worker_does_not_see(run: Run, name: str, there: bool) -> None:
    mine, other = run.folder / name, run.folder / "other"
    if there:  # on that host there is another one of that name, also of a run
        other.mkdir()
        (other / clusterhost.MARK).write_text("another")
        (other / lock.NAME).write_text("{}")
    with pytest.raises(MissingError) as caught:
        run.check(Client(see=lambda path: str(other) if path == str(mine) else path))
    assert caught.value.message == f"the Dask worker tcp://worker:1 does not see this host's {mine}"
    assert "mount at the same path" in caught.value.hint


def test_a_folder_that_a_worker_cannot_write(run: Run) -> None:
    with pytest.raises(MissingError, match=r"the Dask worker tcp://worker:1 cannot write to .*/events"):
        run.check(Client(wrote=""))


def test_locks_that_do_not_hold_are_told(run: Run) -> None:
    run.check(Client(locked=False))
    said = [one["message"] for one in run.warnings]
    assert said == [f"locks of {run.folder / 'events'} do not hold on the Dask worker tcp://worker:1"]


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (("--backend", "dask"), 2, "error: --backend dask needs --scheduler\nhint: start one with `dask scheduler`"),
        (("--scheduler", ADDRESS), 2, "error: --scheduler goes with --backend dask"),
        (("--backend", "dask", "--scheduler", "nonsense"), 2, "nonsense: no address of a Dask scheduler: missing"),
        (("--backend", "dask", "--scheduler", "http://x:1"), 2, "unknown address scheme 'http'"),
        (("--backend", "dask", "--scheduler", "tcp://127.0.0.1:1"), 3, "error: no Dask scheduler answers at tcp://"),
    ],
)
def test_addresses_that_lead_nowhere(batch: Batch, words: tuple[str, ...], status: int, message: str) -> None:
    done = trackreel.call("run", "job.yaml", "--cluster-timeout", "0.5", *words, cwd=batch.folder)
    assert done.returncode == status
    assert message in done.stderr
    assert not (batch.folder / "out").exists()


def test_another_server(batch: Batch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        words = ("--backend", "dask", "--scheduler", address, "--cluster-timeout", "0.5")
        done = trackreel.call("run", "job.yaml", *words, cwd=batch.folder)
    assert done.returncode == 3
    assert f"error: no Dask scheduler answers at {address} within 0.5 s\nhint: " in done.stderr


def test_a_host_without_distributed(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("runner.cluster", "runner.clustercheck", "runner.clusterbackend"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.delattr("runner.cluster", raising=False)
    monkeypatch.setitem(sys.modules, "distributed", None)
    done = trackreel.call("run", "job.yaml", "--backend", "dask", "--scheduler", ADDRESS, cwd=batch.folder)
    assert done.returncode == 3
    assert "error: --backend dask needs the package 'distributed', which is not installed\n" in done.stderr
    assert "hint: pip install 'trackreel[cluster]'\n" in done.stderr
