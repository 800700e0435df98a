"""Clusters that cannot be used: each is told before the first task, with a hint."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.errors import MissingError
from runner import clustercheck, clustertask
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


def test_a_cluster_like_this_host_is_good(tmp_path: Path) -> None:
    warnings: list[Any] = []
    owned = OwnedFolder(tmp_path)
    clustercheck.await_workers(Client(), ADDRESS, 1)
    clustercheck.check_shared(Client(), tmp_path, 1, warnings.append)
    assert warnings == []
    owned.remove()


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


def test_a_folder_that_a_worker_does_not_see(tmp_path: Path) -> None:
    mine, other = tmp_path / "mine", tmp_path / "other"
    for one in (mine, other):
        one.mkdir()
        (one / clustertask.MARK).write_text("of an earlier run")
    for client in (Client(see=lambda _path: str(other)), Client(see=lambda path: path + "/nothing")):
        with pytest.raises(MissingError) as caught:
            clustercheck.check_shared(client, mine, 0.1, print)  # type: ignore[arg-type]
        assert caught.value.message == f"the Dask worker tcp://worker:1 does not see this host's {mine}"
        assert "mount at the same path" in caught.value.hint


def test_a_folder_that_a_worker_cannot_write(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="does not see"):
        clustercheck.check_shared(Client(wrote="nothing"), tmp_path, 0.1, print)  # type: ignore[arg-type]


def test_locks_that_do_not_hold_are_told(tmp_path: Path) -> None:
    warnings: list[Any] = []
    owned = OwnedFolder(tmp_path)
    clustercheck.check_shared(Client(locked=False), tmp_path, 1, warnings.append)  # type: ignore[arg-type]
    assert [one["message"] for one in warnings] == [
        f"locks of {tmp_path} do not hold on the Dask worker tcp://worker:1"
    ]
    owned.remove()


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (("--backend", "dask"), 2, "error: --backend dask needs --scheduler\nhint: start one with `dask scheduler`"),
        (("--scheduler", ADDRESS), 2, "error: --scheduler goes with --backend dask"),
        (("--backend", "dask", "--scheduler", "nonsense"), 2, "error: --scheduler nonsense: missing port number"),
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
