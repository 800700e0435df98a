"""The figures of ci/bench/verdicts.py on pictures whose figures are known."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from tests.ci.scripts import load

load("bench/looks")
measures, verdicts = sys.modules["measures"], sys.modules["verdicts"]
FPS = 30
HEIGHT, WIDTH = 36, 48


def grey(*levels: float, part: slice = slice(None)) -> list[np.ndarray]:
    """A frame a level, on black outside of `part` of the rows."""
    found = [np.zeros((HEIGHT, WIDTH, 4), np.uint8) for _ in levels]
    for frame, one in zip(found, levels, strict=True):
        frame[part, :, :3] = one
    return found


def flash(levels: list[np.ndarray], kind: str = "general") -> float:
    return getattr(measures.watch(levels, FPS).flashes, kind)


def test_luma_is_in_levels() -> None:
    frame = grey(200)[0]
    assert measures.luma(frame) == pytest.approx(np.full((HEIGHT, WIDTH), 200.0))
    assert measures.LINEAR[[0, 255]].tolist() == [0.0, 1.0]
    assert measures.LINEAR[188] == pytest.approx(0.503, abs=0.001)


def test_what_is_finer_than_anybody_sees_is_averaged() -> None:
    stripes = np.zeros((12, 640, 4), np.uint8)
    stripes[:, ::2, :3] = 200
    assert measures.view(stripes) == pytest.approx(np.full((6, 320), 100.0))
    assert measures.view(stripes[:, :320]).shape == (12, 320)
    assert measures.view(stripes[:, :97]).max() == pytest.approx(200.0)
    assert measures.shrink(np.ones((9, 640, 3), np.float32), 320).shape == (4, 320, 3)


def test_motion_and_light_of_each_frame() -> None:
    found = measures.watch(grey(10, 10, 30, 20), FPS)
    assert found.light == pytest.approx([10, 10, 30, 20])
    assert found.motion == pytest.approx([0, 20, 10])


@pytest.mark.parametrize(("levels", "share"), [([10, 20] * 20, 1.0), (range(40), 0.0), ([10, 10, 90, 10] * 10, 0.0)])
def test_flicker_is_what_alternates_and_not_what_passes(levels, share: float) -> None:
    found = measures.watch(grey(*levels), FPS)
    assert measures.flicker(*map(np.array, (found.motion, found.alternation)), FPS, 0.25) == pytest.approx(share)


def test_flicker_below_what_anybody_sees_is_none() -> None:
    found = measures.watch(grey(*[10, 20] * 20), FPS)
    assert measures.flicker(*map(np.array, (found.motion, found.alternation)), FPS, 11.0) == 0.0


def test_the_longest_run() -> None:
    assert measures.longest(np.array([1, 1, 0, 1, 1, 1, 0], bool)) == 3
    assert measures.longest(np.ones(4, bool)) == 4
    assert measures.longest(np.zeros(4, bool)) == 0


def test_correlation() -> None:
    up = np.linspace(0.0, 1.0, 90)
    assert measures.correlation(2.0 * up + 7.0, up, 0.01) == pytest.approx(1.0)
    assert measures.correlation(-up, up, 0.01) == pytest.approx(-1.0)
    assert measures.correlation(np.ones(90), up, 0.01) == 0.0
    assert np.isnan(measures.correlation(up, np.ones(90), 0.01))


def test_ssim_of_equal_shifted_and_noisy_pictures() -> None:
    generator = np.random.default_rng(1)
    image = generator.uniform(0.0, 255.0, (64, 64)).astype(np.float32)
    assert measures.ssim(image, image) == pytest.approx(1.0)
    assert measures.ssim(image, 255.0 - image) < -0.9
    flat, brighter = np.full((64, 64), 100.0, np.float32), np.full((64, 64), 150.0, np.float32)
    expected = (2 * 100 * 150 + 6.5025) / (100**2 + 150**2 + 6.5025)
    assert measures.ssim(flat, brighter) == pytest.approx(expected)


# 84 levels are a relative luminance of 0.09, 90 of 0.10; 231 of 0.80.
@pytest.mark.parametrize(
    ("low", "high", "per_second"),
    [(0, 255, 5.0), (0, 95, 5.0), (0, 84, 0.0), (235, 255, 0.0), (220, 255, 5.0)],
)
def test_general_flashes_need_a_tenth_of_luminance_from_a_dark_state(low: int, high: int, per_second: float) -> None:
    assert flash(grey(*([low] * 3 + [high] * 3) * 10)) == per_second


def test_slow_and_few_changes_are_few_flashes() -> None:
    assert flash(grey(*[0] * 20, *[255] * 3, *[0] * 40)) == 1.0
    assert flash(grey(*range(0, 250, 2))) == 0.5
    assert flash(grey(*([0] * 8 + [255] * 7) * 6)) == 2.0


@pytest.mark.parametrize(("rows", "per_second"), [(4, 5.0), (2, 0.0)])
def test_flashes_count_where_they_cover_a_quarter_of_a_field(rows: int, per_second: float) -> None:
    """A field has 12 of the 36 rows."""
    assert flash(grey(*([0] * 3 + [255] * 3) * 10, part=slice(0, rows))) == per_second


def test_what_moves_lights_no_quarter_of_a_field_at_once() -> None:
    """A bar of a quarter of the width that goes round in two seconds."""
    frames = grey(*[0] * 90)
    for step, frame in enumerate(frames):
        frame[:, (np.arange(12) + step * WIDTH // 60) % WIDTH, :3] = 255
    assert flash(frames) == 0.0


def test_red_flashes() -> None:
    frames = grey(*[0] * 60)
    for frame in frames[::4] + frames[1::4]:
        frame[..., 0] = 120
    assert flash(frames) == 0.0
    assert flash(frames, "red") > 3.0
    for frame in frames:
        frame[..., 2] = 200
    assert flash(frames, "red") == 0.0


def test_figures_of_a_picture_that_stops() -> None:
    moving = measures.watch(grey(*range(20, 60), *[60] * 40), FPS)
    loud = np.full(80, -20.0)
    level = np.concatenate((np.linspace(1.0, 0.5, 40), np.zeros(40)))
    found = verdicts.figures([verdicts.Part(moving, level, loud)], FPS)
    assert found["frozen"] == pytest.approx(39 / 30)
    assert (found["dark"], found["white"], found["flash"]) == (0.0, 0.0, 0.0)
    assert found["follows"] > 0.8
    quiet = verdicts.Part(moving, level, loud - 40.0)
    assert verdicts.figures([quiet], FPS)["frozen"] == 0.0
    assert verdicts.figures([quiet, verdicts.Part(moving, level, loud)], FPS)["frozen"] == found["frozen"]


GOOD = {
    "frozen": 0.2, "dark": 0.0, "white": 0.0, "flicker": 0.01, "motion": 4.0, "follows": 0.5, "hush light": 9.0,
    "hush drift": 1.0, "hush motion": 0.3, "ssim": 0.95, "flash": 1.0, "red": 0.0,
}  # fmt: skip


def failed(memory: bool = True, flashes: bool = False, **values: float) -> list[str]:
    seen = verdicts.Look("one", "song", {**GOOD, **{name.replace("_", " "): value for name, value in values.items()}})
    seen.judge(memory=memory, flashes=flashes)
    return [text.split(" ")[0] for text in seen.failed]


def test_what_falls_short_is_named() -> None:
    assert failed() == []
    assert failed(memory=False) == ["ssim"]
    assert failed(frozen=1.1, dark=0.03, follows=0.1) == ["frozen", "dark", "follows"]
    assert failed(follows=float("nan")) == []
    assert failed(flash=3.5) == ["flash"]
    assert failed(flash=3.5, flashes=True) == []
    assert failed(hush_light=1.0, hush_drift=0.0, hush_motion=1.2) == ["hush"] * 3
