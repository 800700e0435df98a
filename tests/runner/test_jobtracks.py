"""Tracks: what an entry, the file beside a track and its own tags say of it, and which goes before which."""

from pathlib import Path
from typing import Any

import mutagen
import numpy as np
import pytest
import soundfile

from runner import job, plan
from runner.diagnostics import JobError
from runner.task import Task


def tasks(path: Path, **overrides: str) -> list[Task]:
    loaded = job.load(path, {key.replace("__", "."): value for key, value in overrides.items()})
    return list(plan.tasks(loaded, path.parent / "out"))


def write(folder: Path, text: str) -> Path:
    path = folder / "j.yaml"
    path.write_text(f"version: 1\nvideo: {{width: 64, height: 48, fps: 10}}\n{text}\n")
    return path


def tag(path: Path, **values: str) -> None:
    file: Any = mutagen.File(path, easy=True)
    for name, value in values.items():
        file[name] = [value]
    file.save()


@pytest.fixture
def song(folder: Path) -> Path:
    soundfile.write(folder / "song.flac", np.zeros(16000), 8000)
    tag(folder / "song.flac", title="Of the file", artist="Of the file", album="Of the file")
    (folder / "song.trackreel.yaml").write_text(
        "version: 1\ntags: {title: Beside, artist: Beside}\n"
        "set: {audio.start: 0.5, scene.preset: ./plain.yaml, seed: 4}\n"
    )
    return folder


def test_a_list_of_tracks(jobs_folder: Path) -> None:
    found = tasks(jobs_folder / "tracks.yaml")
    assert [one.id for one in found] == [
        "tracks/0 3 Ada - Northern_ Lights 1", "tracks/1 2 Ada - Low Tide 1",
        "tracks/0 3 Ada - Northern_ Lights 2", "tracks/1 2 Ada - Low Tide 2",
    ]  # fmt: skip
    assert [(one.first_frame, one.frame_count) for one in found[:2]] == [(5, 5), (0, 15)]
    assert [one.scenes[0].locals["glow"] for one in found[:2]] == [1.0, "0.4 + 0.6*bass"]


def test_the_entry_goes_before_the_file_beside_and_that_before_the_tags(song: Path) -> None:
    entry = "{source: song.flac, tags: {title: Entry}, set: {seed: 5}}"
    path = write(song, f"tracks: [{entry}]\noutput: {{path: '{{tags.title}}-{{tags.artist}}-{{tags.album}}.mp4'}}")
    (one,) = tasks(path)
    assert one.id == "Entry-Beside-Of the file"
    assert (one.seed, one.first_frame, one.scenes[0].name) == (5, 5, "plain")
    assert [task.seed for task in tasks(path, seed="6")] == [6]


def test_the_matrix_goes_before_the_file_beside(song: Path) -> None:
    path = write(song, "audio: {source: song.flac}\nmatrix: {seed: [1, 2]}\noutput: {path: '{seed}.mp4'}")
    assert [(one.seed, one.first_frame) for one in tasks(path)] == [(1, 5), (2, 5)]


def test_preset_files_beside_a_track_are_relative_to_it(song: Path) -> None:
    (song / "music").mkdir()
    for name in ("song.flac", "song.trackreel.yaml", "plain.yaml"):
        (song / name).rename(song / "music" / name)
    (one,) = tasks(write(song, "audio: {source: music/*.flac}"))
    assert one.id == "j/plain-song-48p"


def test_a_track_without_title_has_its_name(folder: Path) -> None:
    (one,) = tasks(write(folder, "audio: {source: a.wav}\noutput: {path: '{tags.title}.mp4'}"))
    assert one.id == "a"


def test_hostile_tags_stay_below_the_output_root(folder: Path) -> None:
    for index, title in enumerate(["../../../etc/passwd", "..", "/abs", "a\nb", "x" * 5000, "con\x07", "\u202emp4"]):
        soundfile.write(folder / f"{index}.flac", np.zeros(8000), 8000)
        tag(folder / f"{index}.flac", title=title)
    path = write(folder, "audio: {source: '*.flac'}\noutput: {path: '{audio.index}/{tags.title}.mp4'}")
    for index, one in enumerate(tasks(path)):
        assert one.outputs.final.parent == folder / "out" / str(index)
        assert one.outputs.final.name.isprintable()


def test_a_file_beside_a_track_is_checked_as_strictly_as_a_job(song: Path) -> None:
    (song / "song.trackreel.yaml").write_text(
        "version: 2\ntags: {titel: x}\nset: {video.wdith: 3, seed: -1, audio.source: x}\nextra: 1\n"
    )
    with pytest.raises(JobError) as caught:
        tasks(write(song, "audio: {source: song.flac}"))
    found = [str(one).replace(f"{song}/", "") for one in caught.value.diagnostics]
    assert [one.split(" ")[0] for one in found] == [
        f"song.trackreel.yaml:{place}:" for place in ("1:10", "2:8", "3:7", "3:29", "3:33", "4:1")
    ]
    assert "did you mean 'title'?" in found[1]


def test_values_beside_a_track_are_reported_where_they_stand(song: Path) -> None:
    (song / "song.trackreel.yaml").write_text("set:\n  audio.start: 99\n  scene.preset: nonesuch\n")
    with pytest.raises(JobError) as caught:
        tasks(write(song, "audio: {source: song.flac}"))
    assert [(one.file.rpartition("/")[2], one.line) for one in caught.value.diagnostics] == [
        ("song.trackreel.yaml", 2), ("song.trackreel.yaml", 3),
    ]  # fmt: skip


@pytest.mark.parametrize("own", ["scene.preset: ./plain.yaml", "scene: {preset: ./plain.yaml}"])
def test_a_preset_of_a_track_replaces_several_of_the_job(folder: Path, own: str) -> None:
    path = write(folder, f"scene: {{presets: [aurora, warp]}}\ntracks: [{{source: a.wav, set: {{{own}}}}}]")
    assert [[scene.name for scene in one.scenes] for one in tasks(path)] == [["plain"]]
