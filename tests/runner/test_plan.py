"""Tasks: resolved exactly, identified by what decides their bytes, run again only for a reason."""

import json
import re
from dataclasses import fields, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image

from engine.errors import InputError
from engine.overlay.values import Asset, Item
from engine.palettes import PALETTES
from engine.scene import TRANSITIONS, Canvas, Switch, Transition
from engine.sinks.codecs import EncodeSettings
from runner import job, options, plan
from runner.diagnostics import JobError
from runner.task import Outputs, Task


def tasks(path: Path, **overrides: str) -> list[Task]:
    loaded = job.load(path, {key.replace("__", "."): value for key, value in overrides.items()})
    return list(plan.tasks(loaded, path.parent / "out"))


def single(folder: Path, **given: Any) -> Task:
    usual = {"audio": str(folder / "a.wav"), "out": str(folder / "v.mp4"), "preset": str(folder / "plain.yaml")}
    return plan.single({**usual, **given})


def test_every_key_reaches_the_task(jobs_folder: Path) -> None:
    first, second = tasks(jobs_folder / "every-key.yaml")
    out = jobs_folder / "out" / "every key"
    assert (first.id, second.id) == ("every key/0-a", "every key/1-b")
    assert (first.job, first.audio, first.seed) == ("every key", jobs_folder / "a.wav", 42)
    assert first.canvas == Canvas(64, 48, Fraction(30000, 1001))
    assert (first.first_frame, first.frame_count) == (7, 15)
    assert (first.backend, first.quality, first.threads, first.overwrite) == ("cpu", "fast", 2, True)
    assert first.switch == Switch("time", 5.0, 2.0, 9.5, 0.5)
    assert first.encode == EncodeSettings("h264", "aac", 23.0, "ultrafast", 2, bitexact=False)
    assert first.outputs == Outputs(out / "0-a.mkv", None, out / "0-a.timeline.jsonl", out / "0-a.framemd5")
    assert [scene.locals["glow"] for scene in first.scenes] == ["0.4 + 0.6*bass"]


def test_transitions_are_numbers_or_mappings(jobs_folder: Path) -> None:
    found = tasks(jobs_folder / "transitions.yaml")
    assert [one.switch.transition for one in found] == [
        0.5, Transition(TRANSITIONS, 2.0, beats=True), Transition(("zoom",), 2.0), 3.0,
    ]  # fmt: skip
    again = [Task.from_dict(json.loads(json.dumps(one.to_dict(), allow_nan=False))) for one in found]
    assert again == found
    assert len({one.digest for one in found}) == 4
    loaded = job.load(jobs_folder / "transitions.yaml", {"scene.switch.transition.beats": "3"})
    said = [one.switch.transition for one in plan.tasks(loaded)]
    assert said[:3] == [Transition(kinds, 3.0, beats=True) for kinds in (("crossfade",), TRANSITIONS, ("zoom",))]


@pytest.mark.parametrize(
    ("text", "transition"),
    [
        ("0.5", 0.5), ("wipe", Transition(("wipe",))), ("any:2", Transition(TRANSITIONS, 2.0)), ("crossfade:2s", 2.0),
        ("wipe, circle:1.5beats", Transition(("wipe", "circle"), 1.5, beats=True)), ("cut", Transition(("cut",))),
    ],
)  # fmt: skip
def test_transitions_on_the_command_line(folder: Path, text: str, transition: float | Transition) -> None:
    assert single(folder, transition=text).switch.transition == transition


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("wype", "transition.kind must be one of"), ("wipe,wype", "kind item 2 must be one of"),
        ("wipe:soon", "transition.seconds must be a number"), ("wipe:0beats", "transition.beats must be more than 0"),
        ("-1", "switch.transition must be at least 0"), ("", "transition.kind must be one of"),
    ],
)  # fmt: skip
def test_wrong_transitions_on_the_command_line(folder: Path, text: str, message: str) -> None:
    with pytest.raises(JobError, match="--transition: ") as caught:
        single(folder, transition=text)
    assert message in str(caught.value)


def test_a_task_travels_as_json(jobs_folder: Path) -> None:
    for one in tasks(jobs_folder / "every-key.yaml"):
        again = Task.from_dict(json.loads(json.dumps(one.to_dict(), allow_nan=False)))
        assert again == one
        assert again.digest == one.digest


@pytest.mark.parametrize(
    ("samples", "fps", "count"),
    [(8000, "60", 60), (8001, "30000/1001", 30), (1, "30", 1), (4400, "30", 17), (4399, "30", 16)],
)
def test_a_whole_track_has_floor_of_duration_times_fps_plus_a_half_frames(
    folder: Path, samples: int, fps: str, count: int
) -> None:
    soundfile.write(folder / "c.wav", np.ones(samples) / 2, 8000)
    task = single(folder, audio=str(folder / "c.wav"), fps=fps)
    assert (task.first_frame, task.frame_count) == (0, count)


def test_duration_ends_with_the_track(folder: Path) -> None:
    task = single(folder, start="0.5", duration="1:00", fps="20")
    assert (task.first_frame, task.frame_count) == (10, 10)


def test_matrix_makes_a_task_a_cell_in_order(jobs_folder: Path) -> None:
    found = tasks(jobs_folder / "matrix.yaml")
    assert [one.id for one in found] == ["64x48-0.5-30", "64x48-bass-30", "48x64-bass-20"]
    assert len({one.digest for one in found}) == 3
    assert found[0].scenes[0].locals["glow"] == 0.5


def test_zipped_sources(jobs_folder: Path) -> None:
    assert [(one.audio.name, one.seed) for one in tasks(jobs_folder / "matrix-source.yaml")] == [
        ("a.wav", 1),
        ("b.wav", 2),
    ]


def test_tasks_come_lazily(jobs_folder: Path) -> None:
    (jobs_folder / "b.wav").unlink()
    loaded = job.load(jobs_folder / "glob.yaml")
    (jobs_folder / "a.wav").unlink()
    assert next(plan.tasks(loaded)).audio_sha256 == "0" * 64  # its task will fail; the others go on


CHANGES: dict[str, Any] = {
    "audio_sha256": "0" * 64, "first_frame": 1, "frame_count": 7, "canvas": Canvas(64, 48, Fraction(24)),
    "backend": "vulkan", "quality": "fast", "seed": 9, "scenes": (), "switch": Switch("beat"),
    "encode": EncodeSettings(crf=30.0), "overlay": (Item("text", "words", None, "top", 5.0),),
    "cover": Asset("a.png", "0" * 64),
}  # fmt: skip
HARMLESS: dict[str, Any] = {
    "id": "other", "job": "other", "audio": Path("elsewhere.wav"), "threads": 8, "overwrite": True,
    "outputs": Outputs(Path("elsewhere.mp4")), "presets": (), "action": "record",
}  # fmt: skip


def test_the_digest_covers_every_field_that_decides_the_bytes(folder: Path) -> None:
    task = single(folder)
    assert {one.name for one in fields(Task)} == {*CHANGES, *HARMLESS}
    digests = {name: replace(task, **{name: value}).digest for name, value in {**CHANGES, **HARMLESS}.items()}
    assert [name for name in digests if digests[name] == task.digest] == list(HARMLESS)
    assert replace(task, outputs=Outputs(Path("x.mkv"))).digest != task.digest


def test_equal_jobs_have_equal_digests_however_they_are_written(folder: Path) -> None:
    one = single(folder, fps="30000/1000", params=["glow=1"], crf="20", width="64")
    other = single(folder, fps=30.0, params={"glow": 1.0}, crf=20, width=64, start="0:00", out=str(folder / "w.mp4"))
    assert one.digest == other.digest


def test_two_jobs_with_one_output_collide(jobs_folder: Path) -> None:
    both = tasks(jobs_folder / "minimal.yaml") + tasks(jobs_folder / "glob.yaml", name="minimal")
    with pytest.raises(InputError, match="is written by"):
        plan.check_collisions(both)
    plan.check_collisions(tasks(jobs_folder / "glob.yaml"))


def test_only_exports_have_tasks(jobs_folder: Path) -> None:
    with pytest.raises(InputError, match="kind 'bench'"):
        tasks(jobs_folder / "bench.yaml")


def test_an_output_never_replaces_its_track_or_leaves_the_root(jobs_folder: Path, tmp_path_factory: Any) -> None:
    (jobs_folder / "out").mkdir()
    (jobs_folder / "out" / "v.mp4").hardlink_to(jobs_folder / "a.wav")
    with pytest.raises(InputError, match="is the track itself"):
        tasks(jobs_folder / "minimal.yaml", output__path="v.mp4")
    (jobs_folder / "out" / "away").symlink_to(tmp_path_factory.mktemp("away"))
    with pytest.raises(InputError, match="leaves the output root"):
        tasks(jobs_folder / "minimal.yaml", output__path="away/v.mp4")


def test_single_is_the_task_of_the_written_job(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    given = {
        "audio": "a.wav",
        "out": "v{1}.mp4",
        "preset": "./plain.yaml",
        "params": ["glow=0.3 + bass"],
        "fps": "24",
        "seed": 3,
    }
    (folder / "jobs").mkdir()
    data, _ = options.job_mapping(given, Path("jobs"))
    (folder / "jobs" / "j.yaml").write_text(job.to_yaml(data))
    alone = plan.single(given)
    (written,) = tasks(folder / "jobs" / "j.yaml")
    assert written.digest == alone.digest
    assert alone.outputs.final == Path("v{1}.mp4")
    assert written.outputs.final.name == "v{1}.mp4"


def test_single_puts_files_where_it_is_told(folder: Path) -> None:
    task = single(folder, emit_manifest=folder / "m.json", emit_timeline=folder / "t.jsonl")
    assert task.outputs == Outputs(folder / "v.mp4", folder / "m.json", folder / "t.jsonl", None)
    with pytest.raises(InputError, match="written by 'export' twice"):
        single(folder, emit_manifest=folder / "v.mp4")


def test_single_takes_presets_by_index_and_several(folder: Path) -> None:
    plain = folder / "plain.yaml"
    assert [one.name for one in single(folder, preset=f"{plain},{plain}").scenes] == ["plain", "plain"]


@pytest.mark.parametrize(("text", "key"), [("ember", "ember"), ("#000000, #FFFFFF", None), ("art.png", None)])
def test_single_takes_a_palette(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str, key: str | None) -> None:
    monkeypatch.chdir(folder)
    Image.new("RGB", (4, 4), (200, 0, 0)).save(folder / "art.png")
    (scene,) = single(folder, preset=str(folder / "plain.yaml"), palette=text).scenes
    assert scene.palette != ("#05070f", "#37e0a0")
    assert (scene.palette == PALETTES["ember"].colours) == (key == "ember")
    assert (scene.palette == ("#000000", "#ffffff")) == text.startswith("#")


def test_single_names_the_options_that_are_wrong(folder: Path) -> None:
    with pytest.raises(JobError) as caught:
        single(folder, width="1281", fps="abc", start="9", params=["glwo=1"], out=str(folder / "v.webm"))
    assert [str(one).split(":")[0] for one in caught.value.diagnostics] == [
        "--fps",
        "--param glwo",
        "--start",
        "--width",
    ]
    with pytest.raises(JobError, match=r"--out: h264 video cannot go into \.webm"):
        single(folder, out=str(folder / "v.webm"))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"audio": "http://host/a.wav"}, "not a local file"),
        ({"audio": "*.wav"}, "no such audio file"),
        ({"audio": None}, "no track was given"),
        ({"out": "-"}, "cannot write to a pipe"),
        ({"preset": "999"}, "there is no preset 999"),
        ({"params": ["glow"]}, "there is no '='"),
        ({"width": "012"}, "starts with a zero"),
    ],
)
def test_single_refuses(folder: Path, given: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        single(folder, **given)


@pytest.mark.parametrize("name", ["-v.mp4", "100%d.mp4", "a\nb.mp4", "ünï.mp4", "a:b.mp4", "{x}.mp4", "..v.mp4"])
def test_odd_names_are_data(folder: Path, name: str) -> None:
    track = folder / (name.removesuffix(".mp4") + ".wav")
    (folder / "a.wav").rename(track)
    task = single(folder, audio=str(track), out=str(folder / name))
    assert task.outputs.final == folder / name
    assert task.audio == track


@pytest.mark.parametrize(
    ("codec", "audio_codec", "suffix"),
    [
        ("h264", "aac", "mp4"), ("vp9", "opus", "webm"), ("vp9", "aac", "mp4"), ("prores", "aac", "mov"),
        ("prores", "opus", "mkv"), ("h264", "pcm", "mov"), ("vp9", "none", "webm"),
    ],
)  # fmt: skip
def test_the_default_container_carries_the_codecs(jobs_folder: Path, codec: str, audio_codec: str, suffix: str) -> None:
    (task,) = tasks(jobs_folder / "minimal.yaml", encode__codec=codec, encode__audio_codec=audio_codec)
    assert task.outputs.final.name == f"plain-a-720p.{suffix}"


def test_equal_names_in_two_folders_are_told_apart(jobs_folder: Path) -> None:
    for name in ("one", "two"):
        (jobs_folder / name).mkdir()
        (jobs_folder / name / "a.wav").hardlink_to(jobs_folder / "a.wav")
    with pytest.raises(
        JobError, match=r"one with audio: one/a\.wav, one with audio: two/a\.wav \(add \{audio\.parent\}"
    ):
        tasks(jobs_folder / "minimal.yaml", audio__source="[one/a.wav, two/a.wav]")
    found = tasks(
        jobs_folder / "minimal.yaml",
        audio__source="[one/a.wav, two/a.wav]",
        output__path="{audio.parent}/{audio.stem}.mp4",
    )
    assert [one.id for one in found] == ["one/a", "two/a"]


@pytest.mark.parametrize(
    ("name", "codec", "suffix", "impossible"),
    [
        ("c.wav", "h264", ".mov", "pcm_s16le audio (audio codec copy) cannot go into .mp4"),
        ("c.flac", "h264", ".mp4", "flac audio (audio codec copy) cannot go into .mov"),
        ("c.ogg", "vp9", ".webm", "vorbis audio (audio codec copy) cannot go into .mp4"),
        ("c.mp3", "vp9", ".mp4", "mp3 audio (audio codec copy) cannot go into .webm"),
    ],
)
def test_copied_audio_goes_where_it_can(jobs_folder: Path, name: str, codec: str, suffix: str, impossible: str) -> None:
    soundfile.write(jobs_folder / name, np.sin(np.arange(8000) / 9) / 2, 8000)
    given = {"audio__source": name, "encode__audio_codec": "copy", "encode__codec": codec}
    (task,) = tasks(jobs_folder / "minimal.yaml", **given)
    assert task.outputs.final.suffix == suffix
    with pytest.raises(JobError, match=re.escape(impossible)):
        tasks(jobs_folder / "minimal.yaml", **given, output__path="v" + impossible[-5:].strip())
