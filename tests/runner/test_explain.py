"""The page about goldens that are not equal: what it says, that it stands alone, and that a browser shows it."""

from __future__ import annotations

import gzip
import json
import shutil
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from PIL import Image

from engine.errors import InputError
from engine.sinks.sketch import Sketch, block_means
from runner import explain, goldenpictures, goldenverdict
from runner import golden as golden_module
from runner.explain import Page as Explanation
from runner.golden import Golden
from runner.goldenresult import GoldenResult
from tests import browser
from tests.goldens import Goldens
from tests.runner.test_report import EVIL, Page

RED, GREEN = (200, 30, 30), (30, 180, 60)
FRAMES = 6


def made(base: Path, colour: tuple[int, int, int], bass: float = 0.5, preset: str = "plain") -> Golden:
    """A golden of frames of which the lower right quarter is of this colour."""
    frame = np.zeros((48, 64, 4), np.uint8)
    frame[24:, 32:, :3] = colour
    frame[..., 3] = 255
    base.mkdir(parents=True)
    rows = "".join(f"0, {i:10d}, {i:10d}, 1, {frame.nbytes}, {sum(colour):032x}\n" for i in range(FRAMES))
    head = "#format: frame checksums\n#version: 2\n#hash: MD5\n#software: x\n#tb 0: 1/10\n#media_type 0: video\n"
    head += "#codec_id 0: rawvideo\n#dimensions 0: 64x48\n#sar 0: 1/1\n"
    head += "#stream#, dts,        pts, duration,     size, hash\n"
    base.with_name(base.name + ".framemd5").write_text(head + rows)
    (base / "sketch.gz").write_bytes(Sketch(64, 48, np.stack([block_means(frame)] * FRAMES)).pack())
    for index in (0, 3, 5):
        Image.fromarray(frame[..., :3]).save(base / f"{index:06d}.png")
    lines = [{"version": 1, "tempo": 120.0}]
    lines += [{"i": i, "preset": preset, "features": {"bass": bass if i > 0 else 0.5}} for i in range(FRAMES)]
    (base / "timeline.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    note = {"date": "2026-01-31", "reason": EVIL, "recipe": {"seed": 1, "scenes": [{"glow": 0.5}]}}
    return Golden(base, note)


@pytest.fixture
def found(tmp_path: Path) -> GoldenResult:
    return GoldenResult(
        "v/plain",
        "v",
        "frames",
        "mismatch",
        "it differs",
        frames=FRAMES,
        differing=[2, 3, 4],
        time=Fraction(1, 5),
        where=(32, 24, 64, 48),
        golden=made(tmp_path / "golden/plain", RED),
        recorded=made(tmp_path / "recorded/plain", GREEN),
    )


def page_of(*results: GoldenResult) -> Page:
    page = Explanation()
    for one in results:
        page.add(one)
    return Page(page.render())


def moved(found: GoldenResult, name: str, **changes: object) -> GoldenResult:
    assert found.recorded is not None
    return replace(found, recorded=made(found.recorded.base.with_name(name), GREEN, **changes))  # type: ignore[arg-type]


def test_the_drawing_or_the_analysis_or_the_switching_moved(found: GoldenResult) -> None:
    drawing = goldenverdict.judge(found)
    assert drawing.title == "the drawing moved"
    assert drawing.timeline == []
    analysis = goldenverdict.judge(moved(found, "a", bass=0.25))
    assert analysis.title == "the music analysis moved"
    assert analysis.timeline == [("bass", "0.5", "0.25")]
    assert analysis.frame == 2
    assert goldenverdict.judge(moved(found, "b", preset="x")).title == "the switching moved"
    # Before the music differs it cannot be the reason.
    early = replace(moved(found, "c", bass=0.25), differing=[0, 1])
    assert goldenverdict.judge(early).title == "the drawing moved"


def test_a_timeline_that_differed_before_carries_on(found: GoldenResult) -> None:
    recorded = found.recorded
    assert recorded is not None
    path = recorded.base / "timeline.jsonl"
    path.write_text(path.read_text().replace('"bass": 0.5', '"bass": 0.1', 1))
    verdict = goldenverdict.judge(found)
    assert (verdict.title, verdict.frame) == ("the music analysis moved", 0)
    path.write_text(path.read_text().replace("120.0", "121.0"))
    verdict = goldenverdict.judge(replace(found, recorded=Golden(recorded.base, {})))
    assert (verdict.frame, verdict.timeline) == (goldenverdict.HEADER, [("tempo", "120.0", "121.0")])


def test_the_recipe_changed(found: GoldenResult) -> None:
    recipe = {"seed": 1.0, "scenes": [{"glow": 0.75, "haze": [1]}]}
    stale = replace(found, status="stale", changed=[("scenes.0.glow", 0.5, 0.75)], recipe=recipe)
    verdict = goldenverdict.judge(stale)
    assert verdict.title == "the recipe changed"
    assert verdict.recipe == [("scenes.0.glow", "0.5", "0.75"), ("scenes.0.haze", "none", "[1]")]


def test_the_nearest_stored_frame_that_differs_is_shown(found: GoldenResult) -> None:
    shown = goldenpictures.of(found)
    assert shown is not None
    assert (shown.frame, shown.differs, shown.where) == (3, True, (32, 21, 64, 48))  # in blocks of the sketch
    assert (shown.pixels, shown.largest) == (32 * 24, 170)
    shown = goldenpictures.of(replace(found, differing=[1, 2]))
    assert shown is not None
    assert (shown.frame, shown.differs) == (0, False)
    shown = goldenpictures.of(replace(found, differing=[1, 5]))
    assert shown is not None
    assert (shown.frame, shown.differs) == (5, True)
    assert goldenpictures.of(replace(found, differing=[])) is None


@given(some.lists(some.integers(0, 255), min_size=1, max_size=9))
def test_every_pixel_that_differs_is_seen(values: list[int]) -> None:
    apart = np.array(values, np.int64)
    shown = goldenpictures.amplified(apart)
    assert ((shown > 0) == (apart > 0)).all()
    assert shown.max() in {0, 255}
    assert (np.diff(shown[np.argsort(apart)].astype(int)) >= 0).all()


@given(some.sets(some.integers(0, 999), max_size=60), some.integers(1000, 5000))
def test_the_strip_covers_what_differs(differing: set[int], frames: int) -> None:
    bars = explain.strip(sorted(differing), frames)
    inside = {bar for begin, count in bars for bar in range(begin, begin + count)}
    assert inside == {one * explain.STRIP // frames for one in differing}


def test_the_page_stands_alone(found: GoldenResult) -> None:
    page = page_of(found)
    assert {tag for tag, _ in page.tags} & {"script", "link", "iframe", "object", "a"} == set()
    pictures = [attributes for tag, attributes in page.tags if tag == "img"]
    assert [one["alt"].split(",")[0] for one in pictures] == ["expected", "actual", "difference"]
    assert all(one["src"].startswith("data:image/png;base64,") for one in pictures)
    assert not any(
        "http" in str(attributes.get("src", "")) + str(attributes.get("href", "")) for _, attributes in page.tags
    )
    assert "url(" not in page.text
    assert "default-src 'none'; img-src data:;" in str([one for tag, one in page.tags if tag == "meta"])
    assert [attributes["style"] for tag, attributes in page.tags if tag == "i"] == [
        "left: 50.000%; top: 43.750%; width: 50.000%; height: 56.250%"
    ] * 3
    words = " ".join(page.words)
    assert "First: frame 2 at 0.200 s ; 3 of 6 frames differ; within x 32 to 63, y 24 to 47." in words
    assert "trackreel run jobs/update-goldens.yaml --only v/plain --set 'reason=say why'" in words


def test_what_strangers_wrote_is_text(found: GoldenResult) -> None:
    recipe = {EVIL: EVIL}
    evil = replace(found, task=EVIL, message=EVIL, status="stale", changed=[(EVIL, 1, EVIL)], recipe=recipe)
    page = page_of(evil)
    assert {tag for tag, _ in page.tags} & {"script"} == set()
    assert len([1 for tag, _ in page.tags if tag == "img"]) == 3
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert page.text.count("{{7*7}}") >= 5
    assert "\x00" not in page.text


def test_a_task_is_named_for_the_shell_and_as_a_glob(found: GoldenResult) -> None:
    words = explain.accept(replace(found, task="v/a b[1]; rm -rf $HOME"))
    assert words.startswith("trackreel run jobs/update-goldens.yaml --only 'v/a b[[]1]; rm -rf $HOME' --set ")
    assert explain.accept(replace(found, status="unused")).endswith("--set prune=true")


def test_files_that_cannot_be_read_are_said_and_never_raise(found: GoldenResult) -> None:
    golden = found.golden
    assert golden is not None
    for name, data in (("timeline.jsonl.gz", gzip.compress(b"{}", mtime=0)[:-9]), ("000003.png", b"PNG")):
        (golden.base / name).write_bytes(data)
    page = page_of(found)
    assert "its timeline cannot be read" in page.text
    assert "plain/000003.png is no picture" in page.text


@pytest.mark.parametrize("data", [b"x", gzip.compress(b"\xff", mtime=0), gzip.compress(b" " * 2**20, mtime=0)])
def test_a_timeline_that_is_damaged_or_a_bomb(
    found: GoldenResult, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(golden_module, "MAX_TIMELINE", 2**16)
    assert found.golden is not None
    (found.golden.base / "timeline.jsonl.gz").write_bytes(data)
    with pytest.raises(InputError, match="its timeline cannot be read"):
        goldenverdict.judge(found)
    assert "not known" in page_of(found).text


def test_without_a_timeline_nobody_knows(found: GoldenResult) -> None:
    for one in (found.recorded, found.golden):
        assert one is not None
        (one.base / "timeline.jsonl").unlink()
        judged = replace(found, recorded=Golden(found.recorded.base, {}) if found.recorded else None)
        assert goldenverdict.judge(judged).title == "not known"


def test_what_is_equal_or_not_compared_is_no_mismatch(found: GoldenResult, tmp_path: Path) -> None:
    page = Explanation()
    for other in ({"status": "close"}, {"status": "foreign", "of": "encoded"}):
        page.add(replace(found, **other))  # type: ignore[arg-type]
    assert page.write(tmp_path) is None
    assert not (tmp_path / explain.PAGE).exists()


def test_too_many_are_named(found: GoldenResult, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explain, "SHOWN", 2)
    monkeypatch.setattr(explain, "PICTURES_BYTES", 700)
    page = page_of(found, found, replace(found, task="v/third"))
    assert "v/third" in page.words
    assert "the drawing moved: 2" in " ".join(page.words)
    assert "no room for more pictures" in page.text


PICTURES = """[...document.images].map(one => {
  const {left, top, right, bottom} = one.getBoundingClientRect();
  const width = document.documentElement.clientWidth;
  return [one.alt, one.complete && one.naturalWidth, one.naturalHeight, left >= 0 && right <= width && bottom > top];
})"""


@pytest.mark.skipif(browser.find() is None, reason=browser.MISSING)
def test_a_browser_shows_the_pictures_and_fetches_nothing(found: GoldenResult, tmp_path: Path) -> None:
    page = Explanation()
    page.add(found)
    path = page.write(tmp_path)
    assert path == tmp_path / explain.PAGE
    with browser.Browser(tmp_path / "profile") as shown:
        for width in (1200, 390):
            shown.open(path, width, 1000)
            pictures = [[f"{name}, frame 3", 64, 48, True] for name in ("expected", "actual", "difference")]
            assert shown.ask(PICTURES) == pictures
            assert shown.ask("document.documentElement.scrollWidth") <= width
            words = shown.ask("document.body.innerText")  # what is visible
            assert "First: frame 2 at 0.200 s; 3 of 6 frames differ" in words
            assert "the drawing moved" in words
            pixels = shown.shot().reshape(-1, 3)
            difference = goldenpictures.amplified(np.abs(np.array([[RED]]) - np.array([[GREEN]])))[0, 0]
            for colour in (RED, GREEN, tuple(difference)):
                assert (pixels == colour).all(axis=1).sum() > 5000, (width, colour)
        asked = {one.split(",")[0] for one in shown.requests}
        assert asked == {path.as_uri(), "data:image/png;base64"}


def test_a_deliberately_wrong_golden_has_a_page(tmp_path: Path) -> None:
    """From recording to the page, and none of it left once all is well."""
    goldens = Goldens(tmp_path)
    assert goldens.update().returncode == 0
    right = tmp_path / "right"
    shutil.copytree(tmp_path / "golden", right)
    # Another scene's frames under this one's name, with a provenance that vouches for them.
    folder, note = tmp_path / "golden/v", tmp_path / "golden/v/plain.json"
    (folder / "bars/timeline.jsonl.gz").unlink()  # the music is the same
    was, other = (json.loads((folder / f"{one}.json").read_text()) for one in ("plain", "bars"))
    kept = {"timeline.jsonl.gz": was["files"]["timeline.jsonl.gz"]}
    note.write_text(json.dumps(was | {"files": other["files"] | kept}))
    shutil.copy(folder / "bars.framemd5", folder / "plain.framemd5")
    shutil.copytree(folder / "bars", folder / "plain", dirs_exist_ok=True)
    done = goldens.verify("--run-dir", "run")
    assert done.returncode == 4
    assert "what differs, in pictures: run/mismatches.html" in done.stderr
    page = Page((tmp_path / "run/mismatches.html").read_text())
    words = " ".join(page.words)
    assert "the drawing moved" in words
    assert "First: frame 0 at 0.000 s ; 6 of 6 frames differ; within x " in words
    assert len([1 for tag, _ in page.tags if tag == "img"]) == 3
    shutil.rmtree(tmp_path / "golden")
    right.rename(tmp_path / "golden")
    assert goldens.verify("--run-dir", "run").returncode == 0
    assert not (tmp_path / "run/mismatches.html").exists()
    assert not (tmp_path / "run/goldens").exists()
