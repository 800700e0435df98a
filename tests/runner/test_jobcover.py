"""`scene.cover`: the picture of the tags, a file, artwork; what it does to digests, and what is wrong at its place."""

from pathlib import Path

import pytest
from PIL import Image

from runner import job, plan, status
from runner.diagnostics import JobError
from runner.task import Task
from tests.runner.test_overlays import picture, tagged


def write(folder: Path, scene: str = "", source: str = "a.wav", preset: str = "cover") -> Path:
    path = folder / "j.yaml"
    path.write_text(f"version: 1\naudio: {{source: {source}}}\nscene: {{preset: {preset}{scene}}}\n")
    return path


def tasks(path: Path) -> list[Task]:
    return list(plan.tasks(job.load(path, {}), path.parent / "out"))


def wrong(path: Path) -> list[str]:
    with pytest.raises(JobError) as caught:
        job.load(path)
    return [str(one).replace(f"{path.parent}/", "") for one in caught.value.diagnostics]


def test_without_a_word_it_is_the_tags_picture_where_there_is_one(folder: Path) -> None:
    picture(folder / "art.png")
    (folder / "text.png").write_text("no picture")
    tagged(folder / "tagged.flac", folder / "art.png")
    tagged(folder / "broken.flac", folder / "text.png")
    found = tasks(write(folder, source="[tagged.flac, broken.flac, a.wav]"))
    assert [one.cover is not None and one.cover.part for one in found] == ["cover", False, False]
    assert [Task.from_dict(one.to_dict()) for one in found] == found
    assert all(one.cover is None for one in tasks(write(folder, source="tagged.flac", preset="./plain.yaml")))


def test_a_file_is_known_by_its_bytes_not_by_its_path(folder: Path) -> None:
    first, second = picture(folder / "art.png"), folder / "a.png"
    second.write_bytes(first.read_bytes())
    (named,) = tasks(write(folder, ", cover: art.png"))
    (own,) = tasks(write(folder, ', cover: "{audio.stem}.png"'))
    (none,) = tasks(write(folder))
    assert named.digest == own.digest != none.digest
    assert list(status._changes(none.to_dict(), named)) == [("parameter", "scene.cover none -> art.png")]
    Image.new("RGB", (9, 9)).save(first)
    (changed,) = tasks(write(folder, ", cover: art.png"))
    assert changed.digest != named.digest
    assert list(status._changes(named.to_dict(), changed)) == [("parameter", "the bytes of art.png")]


def test_what_a_job_names_must_be_there_whatever_the_preset_shows(folder: Path) -> None:
    (folder / "text.png").write_text("no picture")
    for preset, column in (("cover", 31), ("./plain.yaml", 38)):
        (found,) = wrong(write(folder, ", cover: tags", preset=preset))
        assert found.startswith(f"j.yaml:3:{column}: missing cover art: there is no picture in the tags of a.wav")
        (found,) = wrong(write(folder, ", cover: art.png", preset=preset))
        assert found.startswith(f"j.yaml:3:{column}: no such picture file: art.png")
    (found,) = wrong(write(folder, ", cover: text.png"))
    assert found.startswith("j.yaml:3:31: text.png is no PNG, JPEG or WebP picture")
    (found,) = wrong(write(folder, ', cover: "{audio.steam}.png"'))
    assert found.startswith("j.yaml:3:32: unknown placeholder")
    (found,) = wrong(write(folder, ', cover: "{tags.album}.png"'))
    assert found.startswith("j.yaml:3:31: a.wav has no tag 'album'")
