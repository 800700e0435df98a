"""Overlays in jobs: defaults, placeholders, files and their digests, and what is wrong with its place."""

import base64
import io
import json
from pathlib import Path
from typing import Any

import mutagen
import numpy as np
import pytest
import soundfile
from mutagen.flac import Picture
from PIL import Image, features

from engine.errors import InputError, MissingError
from engine.overlay import fonts
from engine.overlay.values import Item
from runner import assets, coverart, job, options, overlays, plan, status
from runner.diagnostics import JobError
from runner.task import Task
from tests.runner.made import make

HEAD = "version: 1\naudio: {source: a.wav, duration: 0.5}\nvideo: {width: 64, height: 48, fps: 10}\n"


def write(folder: Path, *items: str, head: str = HEAD) -> Path:
    lines = "".join(f"  - {one}\n" for one in items)
    (folder / "j.yaml").write_text(f"{head}overlay:\n{lines}")
    return folder / "j.yaml"


def tasks(path: Path, **overrides: str) -> list[Task]:
    return list(plan.tasks(job.load(path, overrides), path.parent / "out"))


def wrong(path: Path) -> list[str]:
    with pytest.raises(JobError) as caught:
        job.load(path)
    return [str(one).replace(f"{path.parent}/", "") for one in caught.value.diagnostics]


def picture(path: Path, size: int = 8) -> Path:
    Image.new("RGB", (size, size), (200, 30, 30)).save(path, path.suffix[1:])
    return path


def tagged(path: Path, cover: Path | None = None, **values: str) -> Path:
    soundfile.write(path, np.zeros(8000), 8000)
    file: Any = mutagen.File(path)
    for name, value in values.items():
        file[name] = [value]
    if cover is not None:
        for kind, data in ((4, b"the back"), (3, cover.read_bytes())):
            one = Picture()
            one.type, one.data, one.mime = kind, data, "image/png"
            file.add_picture(one)
    file.save()
    return path


def test_items_have_every_default_and_words_as_people_write_them(folder: Path) -> None:
    tagged(folder / "a.flac", title="What? / Why: 1/2", artist="Ada & Co.")
    head = HEAD.replace("a.wav", "a.flac")
    path = write(folder, '{text: "{tags.title}"}', '{watermark: "{tags.artist} {{c}} {video.height}"}', "{time: both}",
                 "{progress: bar, to: '-0:01'}", head=head)  # fmt: skip
    (task,) = tasks(path)
    title, mark, time, bar = task.overlay
    assert title == Item("text", "What? / Why: 1/2", None, "bottom-left", 5.0, shadow=0.7, lines=2)
    assert (mark.kind, mark.content, mark.opacity, mark.weight) == ("text", "Ada & Co. {c} 48", 0.55, "regular")
    assert (time.position, bar.position, bar.start, bar.end) == ("bottom-right", "bottom", None, -1.0)
    assert Task.from_dict(json.loads(json.dumps(task.to_dict()))) == task
    assert overlays.summary(task.overlay).startswith("text What? / Why: 1/2, text Ada & Co. {c} 48, time both")


def test_what_a_file_holds_decides_and_not_where_it_is(folder: Path) -> None:
    (folder / "a.lrc").write_text("[00:00]la")
    picture(folder / "logo.png")
    path = write(folder, '{lyrics: "{audio.stem}.lrc"}', "{logo: logo.png}")
    (before,) = tasks(path)
    make(before)
    assert status.status(before).current
    (folder / "logo.png").rename(folder / "other.png")
    path = write(folder, '{lyrics: "{audio.stem}.lrc"}', "{logo: other.png, size: 9}")
    (renamed,) = tasks(path)
    assert str(status.status(renamed)) == "changed: overlay item 2 size 8 -> 9"
    assert tasks(write(folder, "{lyrics: a.lrc}", "{logo: other.png}"))[0].digest == before.digest
    (folder / "a.lrc").write_text("[00:00]lo")
    (sung,) = tasks(write(folder, "{lyrics: a.lrc}", "{logo: other.png}"))
    assert str(status.status(sung)) == "changed: the bytes of a.lrc"
    (none,) = tasks(write(folder, "{logo: other.png}"))
    assert str(status.status(none)) == "changed: overlay lyrics+logo -> logo"
    with pytest.raises(InputError, match=r"'a\.lrc' changed while the run was under way"):
        assets.read(before.overlay[0].file)  # type: ignore[arg-type]


def test_a_job_without_overlay_keeps_its_digest(folder: Path) -> None:
    (folder / "j.yaml").write_text(HEAD)
    (task,) = tasks(folder / "j.yaml")
    assert "overlay" not in task.recipe()
    assert tasks(write(folder, "{time: both}"))[0].digest != task.digest


def test_a_matrix_varies_it_and_a_track_has_its_own(folder: Path) -> None:
    head = "version: 1\noutput: {path: '{name}/{audio.stem}-{seed}.mp4'}\n"
    path = folder / "j.yaml"
    path.write_text(
        f"{head}audio: {{source: a.wav}}\nmatrix:\n  seed: [1, 2]\n  zip: [[seed, overlay]]\n"
        "  overlay:\n    - [{text: one}]\n    - [{text: two}, {time: both}]\n"
    )
    assert [[one.content for one in task.overlay] for task in tasks(path)] == [["one"], ["two", "both"]]
    (folder / "art").mkdir()
    picture(folder / "art" / "logo.png")
    soundfile.write(folder / "art" / "c.wav", np.zeros(8000), 8000)
    (folder / "art" / "c.trackreel.yaml").write_text("version: 1\nset: {overlay: [{logo: logo.png}]}\n")
    path.write_text(
        f"{head}overlay: [{{text: all}}]\ntracks:\n  - {{source: a.wav, set: {{overlay: []}}}}\n"
        "  - source: b.wav\n  - source: art/c.wav\n"
    )
    found = [[one.kind for one in task.overlay] for task in tasks(path)]
    assert found == [[], ["text"], ["logo"]], "paths are relative to the file that has them"


def test_cover_art_of_the_tags(folder: Path) -> None:
    tagged(folder / "a.flac", cover=picture(folder / "front.png"))
    head = HEAD.replace("a.wav", "a.flac")
    (task,) = tasks(write(folder, "{cover: tags}", head=head))
    (item,) = task.overlay
    assert item.file is not None
    assert item.file.sha256 == task.audio_sha256
    assert assets.read(item.file) == (folder / "front.png").read_bytes(), "the front, not the back"
    broken = folder / "broken.png"
    broken.write_bytes((folder / "front.png").read_bytes()[:50])
    tagged(folder / "a.flac", cover=broken)
    (line,) = wrong(write(folder, "{cover: tags}", head=head))
    assert line.startswith("j.yaml:5:13: the cover art of a.flac is ")


@pytest.mark.parametrize("suffix", ["mp3", "ogg", "wav"])
def test_cover_art_of_other_formats(folder: Path, suffix: str) -> None:
    path = folder / f"c.{suffix}"
    soundfile.write(path, np.zeros(8000), 8000)
    assert coverart.read(path) is None
    file: Any = mutagen.File(path)
    if suffix == "ogg":
        one = Picture()
        one.type, one.data = 3, b"picture"
        file["metadata_block_picture"] = [base64.b64encode(one.write()).decode()]
    else:
        file.tags or file.add_tags()
        file.tags.add(mutagen.id3.APIC(3, "image/png", 3, "front", b"picture"))
    file.save()
    assert coverart.read(path) == b"picture"
    assert coverart.read(folder / "text.wav") is None


def test_bad_lyrics_are_named_by_their_own_lines(folder: Path) -> None:
    (folder / "bad.lrc").write_bytes("\ufeff[00:01]ok\r\nwords\r\n[00:02]\u6f22\r\n".encode())
    words, glyph = wrong(write(folder, "{lyrics: bad.lrc}"))
    assert words == "bad.lrc:2:1: there is no time before these words (write [01:23.45] before them)"
    assert glyph.startswith('bad.lrc:3:8: missing font glyph: no font has "\u6f22" (U+6F22) (name a font that has it')


def test_a_huge_picture_and_a_bomb_are_refused(folder: Path) -> None:
    with (folder / "huge.png").open("wb") as file:
        file.truncate(40_000_000)
    buffer = io.BytesIO()
    Image.new("1", (6000, 6000)).save(buffer, "PNG")
    (folder / "bomb.png").write_bytes(buffer.getvalue())
    assert len(buffer.getvalue()) < 10_000
    assert wrong(write(folder, "{logo: huge.png}", "{cover: bomb.png}")) == [
        "j.yaml:5:12: huge.png has 38 MB; pictures may have 20 (save it smaller)",
        "j.yaml:6:13: bomb.png has 6000 x 6000 pixels; pictures may have 25 million (save it smaller)",
    ]


def test_a_font_of_ones_own_goes_before_the_built_in_one(folder: Path) -> None:
    (folder / "own.otf").write_bytes(fonts.builtin("regular")[0])
    (task,) = tasks(write(folder, "{text: hi, font: own.otf}"))
    assert [Path(one.path).name for one in task.overlay[0].fonts] == ["own.otf"]


@pytest.mark.skipif(not features.check("raqm"), reason="this Pillow has no raqm")
def test_letters_that_join_need_raqm_and_are_never_drawn_without(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(folder, '{text: "\u05e9\u05dc\u05d5\u05dd"}')
    (line,) = wrong(path)
    assert 'no font has "\u05e9" (U+05E9)' in line
    monkeypatch.setattr(features, "check", lambda name: False)
    with pytest.raises(MissingError, match="letters that join"):
        job.load(path)


def test_the_words_of_the_command_line(folder: Path) -> None:
    data, _ = options.job_mapping({"audio": "a.wav", "title": "{tags.title}", "artist": "Ada"})
    assert [one["text"] for one in data["overlay"]] == ["{tags.title}", "Ada"]
    task = plan.single({"audio": str(folder / "a.wav"), "out": str(folder / "a.mp4"), "title": "{tags.title}"})
    assert [(one.content, one.size) for one in task.overlay] == [("a", 5.0)]
    with pytest.raises(JobError) as caught:
        plan.single({"audio": str(folder / "a.wav"), "out": str(folder / "a.mp4"), "artist": "\u6f22"})
    assert str(caught.value).startswith("--artist: missing font glyph")


def test_a_preset_brings_words_where_the_job_says_nothing_of_overlays(folder: Path) -> None:
    plain = (folder / "plain.yaml").read_text()
    words = 'overlay: [{text: "{tags.title}", size: 8}, {text: "{tags.artist}"}, {text: "\u6f6e"}, {text: hello}]\n'
    (folder / "words.yaml").write_text(plain + words)
    tagged(folder / "tagged.flac", title="Low Tide", artist="Ada")
    head = "version: 1\naudio: {source: [a.wav, tagged.flac]}\n"
    path = folder / "j.yaml"

    def shown(rest: str) -> list[list[str]]:
        path.write_text(head + rest)
        return [[item.content for item in one.overlay] for one in tasks(path)]

    # What a track has no tag for and what no font has are left out; a title is the file's name at least.
    assert shown("scene: {preset: ./words.yaml}\n") == [["a", "hello"], ["Low Tide", "Ada", "hello"]]
    assert shown("scene: {preset: ./words.yaml}\noverlay: [{text: mine}]\n") == [["mine"], ["mine"]]
    assert shown("scene: {preset: ./words.yaml}\noverlay: []\n") == [[], []]
    assert shown("scene: {presets: [./words.yaml, ./plain.yaml]}\n") == [[], []]
    (folder / "words.yaml").write_text(plain + 'overlay: [{text: "{tag.title}"}]\n')
    (found,) = wrong(path)
    assert found.startswith(f"words.yaml:{len(plain.splitlines()) + 1}:19: unknown placeholder")
    (folder / "words.yaml").write_text(plain + "overlay: [{logo: a.png}]\n")
    assert wrong(path)
