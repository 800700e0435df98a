"""`scene.palette`: names, colours, cover art of each track; what it does to digests, names and messages."""

from pathlib import Path

import pytest
from PIL import Image

from engine.palettes import PALETTES
from runner import job, plan, status
from runner.diagnostics import JobError
from runner.task import Task
from tests.runner.test_overlays import picture, tagged


def write(folder: Path, scene: str, source: str = "a.wav", rest: str = "") -> Path:
    path = folder / "j.yaml"
    path.write_text(f"version: 1\naudio: {{source: {source}}}\nscene: {{preset: ./plain.yaml{scene}}}\n{rest}")
    return path


def tasks(path: Path) -> list[Task]:
    return list(plan.tasks(job.load(path, {}), path.parent / "out"))


def wrong(path: Path) -> list[str]:
    with pytest.raises(JobError) as caught:
        job.load(path)
    return [str(one).replace(f"{path.parent}/", "") for one in caught.value.diagnostics]


def test_a_job_s_palette_replaces_the_preset_s_and_changes_the_digest(folder: Path) -> None:
    (own,) = tasks(write(folder, ""))
    (named,) = tasks(write(folder, ", palette: ember"))
    (listed,) = tasks(write(folder, ', palette: ["#000000", "#FFFFFF"]'))
    assert own.scenes[0].palette == ("#05070f", "#37e0a0")
    assert named.scenes[0].palette == PALETTES["ember"].colours
    assert listed.scenes[0].palette == ("#000000", "#ffffff")
    assert len({one.digest for one in (own, named, listed)}) == 3
    ((kind, words),) = status._changes(listed.to_dict(), named)
    assert (kind, words) == ("parameter", f"scene.palette #000000 #ffffff -> {' '.join(PALETTES['ember'].colours)}")


def test_each_track_has_the_colours_of_its_own_cover_art(folder: Path) -> None:
    for name, colour in (("red", (200, 20, 20)), ("green", (20, 160, 40))):
        Image.new("RGB", (8, 8), colour).save(folder / f"{name}.png")
        tagged(folder / f"{name}.flac", folder / f"{name}.png")
    path = write(folder, ", palette: cover", "[red.flac, green.flac]")
    red, green = tasks(path)
    assert red.scenes[0].palette != green.scenes[0].palette
    beside = write(folder, ', palette: {cover: "{audio.stem}.png"}', "[red.flac, green.flac]")
    assert [one.scenes for one in tasks(beside)] == [red.scenes, green.scenes]


def test_a_cover_that_the_scene_names_goes_before_the_tags(folder: Path) -> None:
    picture(folder / "art.png")
    named, mapped = (tasks(write(folder, f", palette: {one}")) for one in ("cover, cover: art.png", "{cover: art.png}"))
    assert named[0].scenes == mapped[0].scenes


def test_outputs_are_told_apart_by_their_palettes(folder: Path) -> None:
    picture(folder / "art.png")
    values = '[ember, ["#000000", "#FFffff"], {cover: art.png}]'
    output = 'output: {path: "{scene.palette}.mp4"}\n'
    found = tasks(write(folder, "", rest=f"matrix: {{scene.palette: {values}}}\n{output}"))
    assert [one.id for one in found] == ["ember", "000000+ffffff", "art"]
    assert tasks(write(folder, "", rest=output))[0].id == "own"


def test_art_that_cannot_be_used_is_refused_at_its_place(folder: Path) -> None:
    (folder / "text.png").write_text("no picture")
    tagged(folder / "broken.flac", folder / "text.png")
    (found,) = wrong(write(folder, ", palette: cover", "broken.flac"))
    assert found.startswith("j.yaml:3:40: the cover art of broken.flac is no PNG, JPEG or WebP picture")
    (found,) = wrong(write(folder, ", palette: {cover: text.png}"))
    assert found.startswith("j.yaml:3:48: text.png is no PNG, JPEG or WebP picture")
    (found,) = wrong(write(folder, ', palette: {cover: "{tags.album}.png"}'))
    assert found.startswith("j.yaml:3:48: a.wav has no tag 'album'")
