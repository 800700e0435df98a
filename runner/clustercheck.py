"""Reaching a Dask cluster, and whether it would draw the same frames and sees our disk. All before the first task."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from distributed import Client
from distributed.core import rpc
from distributed.security import Security

from engine.errors import InputError, MissingError
from runner import clusterhost

START = "`dask worker {address} --nworkers 2 --nthreads 1` starts two"
VISIBLE_S = 20.0
"""Seconds after which a network disk shows others what was written."""
ANSWER_S = 60.0
"""Seconds for all workers to answer a question: the first one makes them load trackreel."""
CLOSE_S = 5.0

Report = Callable[[Mapping[str, Any]], None]


def connect(address: str, patience: float) -> Client:
    """A client of the scheduler there. patience: seconds to wait for it.

    Raises InputError (no address of a scheduler), MissingError (nobody answers).
    """
    for name in list(logging.root.manager.loggerDict):
        if name.startswith(("distributed", "tornado")):
            logging.getLogger(name).setLevel(logging.CRITICAL)  # what it knows, we say; it prints to stderr
    try:
        kind = asyncio.run(asyncio.wait_for(_kind(address, patience), patience))
    except ValueError as error:
        message = f"--scheduler {address}: no address of a Dask scheduler: {error}"
        raise InputError(message, "write it as `dask scheduler` prints it, such as tcp://host:8786") from error
    except (OSError, EOFError, AttributeError, TypeError) as error:
        message = f"no Dask scheduler answers at {address} within {patience:g} s"
        raise MissingError(message, "start one with `dask scheduler`; a firewall may be in the way") from error
    if kind != "Scheduler":
        message = f"there is no Dask scheduler at {address}, but a {kind}"
        raise InputError(message, "name the address that `dask scheduler` prints, and the workers connect to")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of other versions; await_workers looks for those that matter
            return Client(address, timeout=patience, set_as_default=False, name="trackreel")
    except OSError as error:
        raise MissingError(f"the Dask scheduler at {address} does not answer: {error}", "look at its log") from error


async def _kind(address: str, patience: float) -> str:
    """What listens there. Raises OSError, and whatever a stranger's answer leads to."""
    arguments = Security().get_connection_args("client")
    async with rpc(address, timeout=patience, connection_args=arguments) as there:
        return str((await there.identity())["type"])


def await_workers(client: Client, address: str, patience: float) -> None:
    """Wait for a first worker, then look at all of them: threads and versions. Raises MissingError."""
    try:
        client.wait_for_workers(1, timeout=patience)
    except TimeoutError as error:
        message = f"the Dask scheduler at {address} has no workers after {patience:g} s"
        raise MissingError(message, START.format(address=address)) from error
    crowded = sorted(worker for worker, threads in client.nthreads().items() if threads > 1)
    if crowded:
        message = f"the Dask worker {crowded[0]} has more than one thread; a worker makes one task at a time"
        raise MissingError(message, START.format(address=address))
    _compare(_ask(client, clusterhost.identity))


def _compare(answers: Mapping[str, Any]) -> None:
    ours = clusterhost.identity()
    for worker, theirs in answers.items():
        if isinstance(theirs, BaseException):
            lacking = "No module named" in str(theirs)
            message = f"the Dask worker {worker} {'lacks trackreel' if lacking else 'cannot work'}: {theirs}"
            raise MissingError(message, "install trackreel[cluster] there, in the same version as here")
        different = [name for name, version in ours.items() if theirs.get(name) != version]
        if different:
            name = different[0]
            message = f"the Dask worker {worker} has {name} {theirs.get(name)}, this host {ours[name]}"
            hint = "frames would differ: install the same versions everywhere, then restart the workers"
            if name == "ffmpeg":
                hint = "set TRACKREEL_FFMPEG, for the workers too, so that all run the same; then restart the workers"
            raise MissingError(message, hint)


def check_shared(client: Client, events: Path, root: Path, patience: float, report: Report) -> None:
    """See to it that all workers read and write a run's folder of events and its output root, if it has locked that.

    patience: seconds to wait until they do. Raises MissingError, OSError.
    """
    token = secrets.token_hex(16)
    (events / clusterhost.MARK).write_text(token, encoding="utf-8")
    places = (events.absolute(), root.absolute(), Path.cwd())
    end = time.monotonic() + min(patience, VISIBLE_S)
    while True:
        answers = _ask(client, clusterhost.look, *map(str, places))
        problem = next((found for one in answers.items() if (found := _problem(*one, token, *places))), "")
        if not problem:
            break
        if time.monotonic() > end:
            hint = "output root, run directory, job and audio must be on a disk that all hosts mount at the same path"
            raise MissingError(problem, hint)
        time.sleep(0.5)
    unlocked = [worker for worker, seen in answers.items() if not seen["locked"]]
    if unlocked:
        message = f"locks of {places[0]} do not hold on the Dask worker {unlocked[0]}"
        hint = "see docs/cluster.md: no second run should work in this output root meanwhile"
        report({"event": "warning", "message": message, "hint": hint})


def _problem(worker: str, seen: Any, token: str, events: Path, root: Path, here: Path) -> str:
    """What a worker does not see, in words; empty: nothing."""
    if isinstance(seen, BaseException):
        return f"the Dask worker {worker} cannot work: {seen}"
    unlike = f"the Dask worker {worker} does not see this host's"
    if seen["here"] != str(here.resolve()):
        return f"{unlike} {here}"
    if seen["lock"] != clusterhost.lock_text(root):
        return f"{unlike} {root}"
    if seen["token"] != token:
        return f"{unlike} {events}"
    wrote = seen["wrote"] and (events / seen["wrote"]).exists()
    return "" if wrote else f"the Dask worker {worker} cannot write to {events}"


def _ask(client: Client, question: Callable[..., Any], *words: Any) -> dict[str, Any]:
    """The answer of every worker that is still there, or what it raised. Raises MissingError: they do not answer."""
    pool = ThreadPoolExecutor(1)
    try:
        answers = pool.submit(client.run, question, *words, on_error="return").result(ANSWER_S)
        there = client.nthreads()
        return {worker: answer for worker, answer in sorted(answers.items()) if worker in there}
    except TimeoutError as error:
        message = f"the Dask workers do not answer within {ANSWER_S:g} s"
        raise MissingError(message, "look at their logs; restart them") from error
    finally:
        pool.shutdown(wait=False)


def close(client: Client) -> None:
    """Leave the cluster alone again. Never raises."""
    with suppress(Exception):
        client.close(timeout=CLOSE_S)
