"""The main job: a track in, a finished video out, the same bits every time."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import signal
import time
from pathlib import Path

import av
import jsonschema
import numpy as np
import pytest
from PIL import Image

import schemas
from tests import sounds
from tests.trackreel import ROOT, leftovers, run, start

SIZE = ("--width", "160", "--height", "90", "--fps", "30", "--speed", "ultrafast")


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds and a bit: 65 frames at 30 fps."""
    clicks = sounds.click_track([0.5, 1.0, 1.5, 2.0], 2.15)
    return sounds.write(tmp_path_factory.mktemp("audio") / "song.wav", clicks)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, song: Path) -> Path:
    """A folder with a full export: out.mp4 and everything beside it."""
    folder = tmp_path_factory.mktemp("made")
    done = run("export", "--audio", song, "--out", "out.mp4", *SIZE, *emit("out"), cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


def emit(name: str) -> list[str]:
    return [
        "--emit-manifest",
        f"{name}.json",
        "--emit-timeline",
        f"{name}.jsonl",
        "--emit-framemd5",
        f"{name}.framemd5",
    ]


def hashes(path: Path) -> list[str]:
    return [line.split()[-1] for line in path.read_text().splitlines() if not line.startswith("#")]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def export(folder: Path, song: Path, *words: str, env: dict[str, str] | None = None) -> list[str]:
    """The frame hashes of an export with these options."""
    done = run("export", "--audio", song, "--out", "o.mp4", "--overwrite", *SIZE, "--emit-framemd5", "o.framemd5",
               *words, cwd=folder, env=env)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return hashes(folder / "o.framemd5")


def test_the_video_has_exactly_the_frames_and_streams(made: Path) -> None:
    with av.open(str(made / "out.mp4")) as file:
        assert [one.type for one in file.streams] == ["video", "audio"]
        video = file.streams.video[0]
        assert (video.codec_context.width, video.codec_context.height) == (160, 90)
        assert sum(1 for _ in file.decode(video)) == 65
    with av.open(str(made / "out.mp4")) as file:
        sound = sum(frame.samples / frame.sample_rate for frame in file.decode(audio=0))
    assert abs(sound - 65 / 30) <= 1 / 30 + 1024 / 44100


def test_what_lies_beside_it_says_what_was_made(made: Path, song: Path) -> None:
    record = json.loads((made / "out.json").read_text())
    jsonschema.validate(record, schemas.load("manifest"))
    assert record["output"]["sha256"] == digest(made / "out.mp4")
    assert record["output"]["frames"] == 65
    assert record["audio"]["sha256"] == digest(song)
    assert {"analyse", "render", "pipe_write", "encode_wait"} <= set(record["stages"])
    assert record["stages"]["render"]["p95"] >= record["stages"]["render"]["median"] > 0
    assert record["measured"]["peak_memory"]["renderer"] > 0
    lines = (made / "out.jsonl").read_text().splitlines()
    assert len(lines) == 1 + 65
    assert json.loads(lines[1])["i"] == 0
    assert len(hashes(made / "out.framemd5")) == 65
    assert leftovers(made, ["out.mp4", "out.json", "out.jsonl", "out.framemd5"]) == []


def test_a_dry_run_prints_the_very_command(made: Path, song: Path) -> None:
    done = run("export", "--audio", song, "--out", "out.mp4", "--overwrite", "--dry-run", *SIZE, cwd=made)
    assert shlex.split(done.stdout) == json.loads((made / "out.json").read_text())["command"]


def test_the_same_export_gives_the_same_bytes(made: Path, song: Path, tmp_path: Path) -> None:
    assert export(tmp_path, song, "--threads", "2") == hashes(made / "out.framemd5")
    assert digest(tmp_path / "o.mp4") == digest(made / "out.mp4")


def test_another_seed_draws_other_frames(made: Path, song: Path, tmp_path: Path) -> None:
    assert set(export(tmp_path, song, "--seed", "1", "--duration", "0.3")).isdisjoint(hashes(made / "out.framemd5"))


def test_words_lie_over_the_picture(made: Path, song: Path, tmp_path: Path) -> None:
    words = ("--title", "{tags.title}", "--artist", "Ada", "--emit-manifest", "o.json", "--duration", "0.1")
    assert set(export(tmp_path, song, *words)).isdisjoint(hashes(made / "out.framemd5"))
    record = json.loads((tmp_path / "o.json").read_text())
    assert [one["content"] for one in record["task"]["overlay"]] == ["song", "Ada"]
    assert {"pillow", "freetype"} <= set(record["versions"])


def test_frames_do_not_depend_on_what_numpy_finds_in_the_cpu(made: Path, song: Path, tmp_path: Path) -> None:
    plain = {"NPY_DISABLE_CPU_FEATURES": " ".join(_numpy_features())}
    assert export(tmp_path, song, "--duration", "1", env=plain) == hashes(made / "out.framemd5")[:30]


def test_start_and_duration_cut_the_output_not_the_analysis(made: Path, song: Path, tmp_path: Path) -> None:
    assert export(tmp_path, song, "--start", "1", "--duration", "0.5") == hashes(made / "out.framemd5")[30:45]


def test_a_still_has_the_bits_of_the_export(made: Path, song: Path, tmp_path: Path) -> None:
    done = run("still", "--audio", song, "--at", "1.0", "--out", "s.png", *SIZE[:6], cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    with Image.open(tmp_path / "s.png") as image:
        pixels = np.asarray(image.convert("RGBA"))
    assert hashlib.md5(pixels.tobytes()).hexdigest() == hashes(made / "out.framemd5")[30]


def test_a_plan_renders_the_same_frames_without_the_analysis(made: Path, song: Path, tmp_path: Path) -> None:
    assert run("export-plan", "--audio", song, "--plan", "p.json", *SIZE, cwd=tmp_path).returncode == 0
    words = ["export", "--plan", "p.json", "--out", "o.mp4", "--emit-framemd5", "o.framemd5", "--json"]
    done = run(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert hashes(tmp_path / "o.framemd5") == hashes(made / "out.framemd5")
    assert digest(tmp_path / "o.mp4") == digest(made / "out.mp4")
    finished = [json.loads(one) for one in done.stdout.splitlines()][-1]
    assert finished["stages"]["analyse"]["seconds"] == 0
    other = run(*words, "--overwrite", "--preset", "1", "--duration", "0.2", cwd=tmp_path)
    assert other.returncode == 0, other.stderr
    assert set(hashes(tmp_path / "o.framemd5")).isdisjoint(hashes(made / "out.framemd5"))
    wrong = run(*words, "--overwrite", "--fps", "60", cwd=tmp_path)
    assert wrong.returncode == 2
    assert "--fps" in wrong.stderr


def test_a_written_job_renders_the_same_bytes(made: Path, song: Path, tmp_path: Path) -> None:
    done = run("export", "--audio", song, "--out", "o.mp4", *SIZE, "--write-job", "jobs/o.yaml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert run("run", "jobs/o.yaml", cwd=tmp_path).returncode == 0
    assert digest(tmp_path / "out/o.mp4") == digest(made / "out.mp4")


JOB = """\
version: 1
name: two
audio: {source: song.wav, duration: 0.5}
video: {width: 64, height: 36, fps: 30}
encode: {speed: ultrafast}
output: {path: "{name}/{seed}.mp4"}
matrix: {seed: [1, 2]}
"""


@pytest.fixture
def batch(tmp_path: Path, song: Path) -> Path:
    (tmp_path / "song.wav").write_bytes(song.read_bytes())
    (tmp_path / "job.yaml").write_text(JOB)
    return tmp_path


def events(folder: Path, *words: str) -> list[dict]:
    done = run("run", "job.yaml", "--json", *words, cwd=folder)
    assert done.returncode == 0, done.stderr
    return [json.loads(one) for one in done.stdout.splitlines()]


def outcomes(found: list[dict]) -> list[tuple[str, str, str]]:
    return [(one["event"], one["task"], one.get("reason", "")) for one in found if one["event"] in
            {"task_started", "task_skipped"}]  # fmt: skip


def test_a_second_run_makes_only_what_is_missing_or_changed(batch: Path) -> None:
    first = events(batch)
    assert outcomes(first) == [("task_started", "two/1", "new"), ("task_started", "two/2", "new")]
    for event in first:
        jsonschema.validate(event, schemas.load("event"))
    assert outcomes(events(batch)) == [("task_skipped", "two/1", "up to date"), ("task_skipped", "two/2", "up to date")]
    (batch / "out/two/2.mp4").write_bytes(b"other")
    again = outcomes(events(batch))
    assert again[0][0] == "task_skipped"
    assert again[1][0] == "task_started"
    assert "changed" in again[1][2]
    changed = outcomes(events(batch, "--only", "two/1", "--set", "encode.crf=30"))
    assert len(changed) == 1
    assert "encode.crf" in changed[0][2]
    record = json.loads(min((batch / "out/.runs").glob("*/summary.json")).read_text())
    assert (record["done"], record["skipped"], record["failed"]) == (2, 0, 0)


def test_a_foreign_file_is_never_replaced_unless_forced(batch: Path) -> None:
    (batch / "out/two").mkdir(parents=True)
    (batch / "out/two/1.mp4").write_bytes(b"mine")
    done = run("run", "job.yaml", cwd=batch)
    assert done.returncode == 2, done.stderr
    assert "two/1" in done.stderr
    assert (batch / "out/two/1.mp4").read_bytes() == b"mine"
    assert (batch / "out/two/2.mp4").stat().st_size > 0
    assert outcomes(events(batch, "--force")) == [("task_started", "two/1", "new"), ("task_started", "two/2", "forced")]


def test_plan_and_dry_run_make_nothing(batch: Path) -> None:
    plan = run("plan", "job.yaml", cwd=batch)
    assert plan.returncode == 0, plan.stderr
    assert "two/1: new" in plan.stdout
    assert "frames  15 " in plan.stdout
    dry = run("run", "job.yaml", "-n", cwd=batch)
    assert len(dry.stdout.splitlines()) == 2
    assert dry.stdout.splitlines()[0] in plan.stdout
    none = run("run", "job.yaml", "--only", "three/*", cwd=batch)
    assert none.returncode == 2
    assert "no task matches" in none.stderr
    assert not (batch / "out").exists()


@pytest.mark.parametrize("delay", [0.0, 0.1, 0.3, 0.6, 1.0, 2.0])
def test_ctrl_c_at_any_moment_leaves_nothing(delay: float, song: Path, tmp_path: Path) -> None:
    work, scratch = tmp_path / "work", tmp_path / "tmp"
    work.mkdir()
    scratch.mkdir()
    long = ("--width", "640", "--height", "360", "--fps", "240", "--quality", "ultra", "--speed", "veryslow")
    process = start("export", "--audio", song, "--out", "o.mp4", *long, cwd=work, env={"TMPDIR": str(scratch)})
    time.sleep(delay)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    # Until Python has found our program, there is nobody of ours to give an exit status.
    if delay >= 1.0 or str(ROOT / "runner") in said or process.returncode != -signal.SIGINT:
        assert process.returncode == 130, said
        assert "error: interrupted" in said
        assert "Traceback" not in said
    assert leftovers(work) == []
    assert list(scratch.iterdir()) == []
    assert _users_of(work) == []


def test_a_run_finishes_its_task_on_the_first_ctrl_c(batch: Path) -> None:
    process = start("run", "job.yaml", "--json", cwd=batch)
    assert process.stdout is not None
    while '"task_started"' not in process.stdout.readline():
        pass
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert leftovers(batch / "out/two") == ["1.manifest.json", "1.mp4"]


def test_the_second_ctrl_c_stops_at_once(batch: Path) -> None:
    (batch / "job.yaml").write_text(JOB.replace("64, height: 36", "1280, height: 720").replace("ultrafast", "veryslow"))
    process = start("run", "job.yaml", "--json", cwd=batch)
    assert process.stdout is not None
    for awaited in ('"progress"', '"stopping"'):
        while awaited not in process.stdout.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
    rest, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert '"exit_status": 130' in rest
    assert leftovers(batch / "out/two") == []
    assert _users_of(batch) == []


def test_a_killed_export_leaves_no_process_and_no_output(song: Path, tmp_path: Path) -> None:
    big = ("--width", "1280", "--height", "720", "--speed", "veryslow", "--json")
    process = start("export", "--audio", song, "--out", "o.mp4", *big, cwd=tmp_path)
    assert process.stdout is not None
    while '"render"' not in process.stdout.readline():
        assert process.poll() is None
    process.kill()
    process.communicate()
    for _ in range(400):  # the render process finds its stdin closed, and cleans up
        if not _users_of(tmp_path) and not leftovers(tmp_path):
            break
        time.sleep(0.05)
    assert _users_of(tmp_path) == []
    assert leftovers(tmp_path) == []


def _numpy_features() -> list[str]:
    """The CPU features that numpy would use here beyond its baseline."""
    from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

    return [name for name in __cpu_dispatch__ if __cpu_features__.get(name)]


def _users_of(folder: Path) -> list[str]:
    """Command lines of processes that still work on the folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().decode(errors="replace")
        except OSError:
            continue
        if str(folder) in words:
            found.append(words)
    return found
