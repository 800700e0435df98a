"""Batches on a disk that fills up at every bad moment: it costs the tasks concerned, and space is all they need.

Where a system call has to fail, an audit hook in the processes of the run makes it fail (`sitecustomize`, which Python
loads by itself); one test has a disk that really is full, where this machine lets us make one.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.ffmpeg import find
from tests import fake_ffmpeg, sounds, trackreel
from tests.batch_runs import Batch

JOB = """\
version: 1
name: full
audio: {source: "*.wav", duration: 1}
video: {width: 64, height: 48, fps: 10}
encode: {speed: ultrafast}
scene: {preset: scope}
output: {path: "{audio.stem}/v.mp4"}
"""

MOMENTS = {
    "opening": ("open", r"/opening/\.v\.mp4\.part\.mp4$"),
    "claim": ("open", r"/claim/\.v\.mp4\.claim$"),
    "rename": ("os.rename", r"/rename/v\.mp4$"),
    "manifest": ("open", r"/manifest/\.[0-9a-f]{12}\.part$"),
    "manifestname": ("os.rename", r"/manifestname/v\.manifest\.json$"),
}
"""Track (and folder of its output) -> the system call that finds no space, and for which path."""

HOOK = """\
import errno, os, re, sys
MOMENTS = {moments!r}

def refuse(event, arguments):
    if event in ("open", "os.rename"):
        path = str(arguments[1 if event == "os.rename" else 0])
        for kind, pattern in MOMENTS:
            if event == kind and re.search(pattern, path):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)

sys.addaudithook(refuse)
"""


class FullDisk(Batch):
    """A batch of a task for each track on a disk without space for what `moments` names."""

    moments: tuple[tuple[str, str], ...] = ()

    @property
    def environment(self) -> dict[str, str]:
        hooks = self.scratch.with_name("hooks")
        hooks.mkdir(exist_ok=True)
        (hooks / "sitecustomize.py").write_text(HOOK.format(moments=self.moments))
        return {**super().environment, "PYTHONPATH": os.pathsep.join((str(hooks), str(trackreel.ROOT)))}

    def videos(self) -> list[str]:
        """The tracks whose video is there."""
        return sorted(path.parent.name for path in (self.folder / "out").glob("*/v.mp4"))

    def manifests(self) -> list[str]:
        """The tracks whose manifest is there."""
        return sorted(path.parent.name for path in (self.folder / "out").glob("*/v.manifest.json"))


def test_it_costs_the_tasks_concerned(tmp_path: Path) -> None:
    tracks = [*MOMENTS, "frames", "well"]
    batch = FullDisk(tmp_path / "work", JOB, {name: 110 + 40 * at for at, name in enumerate(tracks)})
    batch.moments = tuple(MOMENTS.values())
    script = fake_ffmpeg.make(batch.folder, "full-disk-for-frames", find(), taken=2 * 64 * 48 * 4)
    run = batch.start("-j", "2", "--retries", "1", "--ffmpeg", str(script))
    status, said = run.end()
    assert status == 1
    failed = {one["task"].removesuffix("/v"): one for one in run.events if one["event"] == "task_failed"}
    assert set(failed) == {*MOMENTS, "frames"}, said
    for one in failed.values():
        assert one["error"] == "StorageError"
        assert "disk full" in one["message"] or "disk is full" in one["message"]
        assert "free some space" in one["hint"]
    assert sorted(run.told("task_retry")) == sorted(one["task"] for one in failed.values())
    assert "Traceback" not in said
    assert "internal" not in said
    assert batch.manifests() == ["well"]
    assert batch.videos() == ["manifest", "manifestname", "well"]  # whole ones: the claims beside them say whose
    assert [Path(one).name for one in batch.leftovers()] == [".v.mp4.claim"] * 2

    batch.moments = ()
    again = batch.start("-j", "2")
    assert again.end() == (0, "")
    assert len(again.told("task_skipped")) == 1
    assert batch.manifests() == batch.videos() == sorted(tracks)
    assert batch.leftovers() == []
    last = batch.start()  # what is there has the hashes that the manifests name
    assert last.end() == (0, "")
    assert len(last.told("task_skipped")) == len(tracks)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_events_that_find_no_space_cost_no_video(tmp_path: Path) -> None:
    batch = FullDisk(tmp_path / "work", JOB, {"a": 220, "b": 330, "c": 440})
    record = batch.folder / "record"
    record.mkdir()
    (record / "events.jsonl").symlink_to("/dev/full")
    batch.moments = (("open", r"record/workers/[^/]*\.jsonl$"), ("open", r"record/\.[0-9a-f]{12}\.part$"))
    run = batch.start("-j", "2", "--run-dir", "record")
    status, said = run.end()
    assert status == 1  # the record is not complete
    (warning,) = [one for one in run.events if one["event"] == "warning"]
    assert "record/events.jsonl: No space left on device" in warning["message"]
    assert "the videos are not affected; free some space" in warning["hint"]
    assert (run.told("task_failed"), len(run.told("task_done"))) == ([], 3)
    assert "Traceback" not in said
    assert batch.leftovers() == []
    assert sorted(one.name for one in record.iterdir()) == ["events.jsonl"]

    batch.moments = ()
    again = batch.start("-j", "2")
    assert again.end() == (0, "")
    assert len(again.told("task_skipped")) == 3


class SmallDisk:
    """A disk of our own, of memory, in a namespace where everybody may mount one."""

    def __init__(self, folder: Path, size: str) -> None:
        self.folder = folder
        self._holder = subprocess.Popen(
            [
                "unshare",
                "-Urm",
                "sh",
                "-c",
                'mount -t tmpfs -o size="$0" tmpfs . && echo there && exec sleep 600',
                size,
            ],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self._holder.stdout is not None
        said = self._holder.stdout.readline()
        if said != "there\n":
            self.close()
            pytest.skip(f"cannot mount a disk of memory here: {said.strip()}")

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command where the disk is there."""
        into = ["nsenter", "--preserve-credentials", "-U", "-m", "-t", str(self._holder.pid)]
        there = ["sh", "-c", 'cd "$0" && exec "$@"', str(self.folder)]
        return subprocess.run(
            [*into, *there, *words],
            env=trackreel.environment(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def batch(self) -> tuple[int, list[dict[str, str]], str]:
        """Run the job beside the disk, onto it: the exit status, the events, what it said."""
        options = ("--json", "-j", "2", "--out-root", ".", "--retries", "0")
        done = self.run(*trackreel.arguments("run", "../job.yaml", *options))
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr

    def files(self) -> list[str]:
        """What is on it but the records of runs."""
        found = self.run("find", ".", "-type", "f", "-not", "-path", "./.runs/*").stdout.split()
        return sorted(found)

    def close(self) -> None:
        """Take it away."""
        self._holder.kill()
        self._holder.communicate()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    if not (shutil.which("unshare") and shutil.which("nsenter")):
        pytest.skip("no unshare and nsenter here")
    (tmp_path / "disk").mkdir()
    disk = SmallDisk(tmp_path / "disk", "300k")
    yield disk
    disk.close()


def test_a_disk_that_really_is_full(disk: SmallDisk, tmp_path: Path) -> None:
    tracks = {name: 110 + 40 * at for at, name in enumerate("abcdef")}
    job = JOB.replace("64, height: 48", "160, height: 90").replace("ultrafast", "ultrafast, crf: 4")  # some 70 kB each
    (tmp_path / "job.yaml").write_text(job)
    for name, hertz in tracks.items():
        sounds.write(tmp_path / f"{name}.wav", sounds.sine(hertz, 1.5))
    status, events, said = disk.batch()
    assert status == 1
    failed = [one for one in events if one["event"] == "task_failed"]
    done = [one["task"] for one in events if one["event"] == "task_done"]
    assert failed
    assert done
    assert len(failed) + len(done) == len(tracks)
    for one in failed:
        assert one["error"] == "StorageError", one
        assert "free some space" in one["hint"]
    assert "Traceback" not in said
    assert [one for one in disk.files() if ".part" in one] == []
    manifests = [one for one in disk.files() if one.endswith(".manifest.json")]
    assert len(manifests) == len(done)

    assert disk.run("mount", "-o", "remount,size=50m", ".").returncode == 0
    status, events, said = disk.batch()
    assert (status, said) == (0, "")
    assert sorted(one["task"] for one in events if one["event"] == "task_skipped") == sorted(done)
    wanted = [f"./{name}/v.{suffix}" for name in tracks for suffix in ("manifest.json", "mp4")]
    assert disk.files() == wanted
