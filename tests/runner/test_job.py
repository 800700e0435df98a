"""Job files: every file of tests/jobs/valid loads, every one of tests/jobs/invalid says what its .txt says."""

import math
import os
import pickle
import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import InputError
from runner import job, jobvalues, plan, yamlfile
from runner.diagnostics import JobError
from tests.runner.conftest import JOBS

INVALID = sorted(JOBS.glob("invalid/*.yaml"))


def problems(path: Path, overrides: dict[str, str] | None = None) -> list[str]:
    """What is wrong, without the folder's name."""
    with pytest.raises(JobError) as caught:
        job.load(path, overrides or {})
    return [str(one).replace(f"{path.parent}{os.sep}", "") for one in caught.value.diagnostics]


def first_settings(path: Path, overrides: dict[str, str] | None = None) -> dict[str, Any]:
    loaded = job.load(path, overrides or {})
    return loaded.settings(next(loaded.cells()))


@pytest.mark.parametrize("name", [path.name for path in sorted(JOBS.glob("valid/*.yaml"))])
def test_valid_job_loads(jobs_folder: Path, name: str) -> None:
    loaded = job.load(jobs_folder / name)
    assert loaded.name == {"every-key.yaml": "every key", "plain-words.yaml": "on"}.get(
        name, name.removesuffix(".yaml")
    )
    assert loaded.document.problems == []


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_invalid_job_is_refused_as_written_beside_it(folder: Path, path: Path) -> None:
    shutil.copy(path, folder)
    assert problems(folder / path.name) == path.with_suffix(".txt").read_text().splitlines()


def test_every_invalid_case_has_its_message() -> None:
    assert {one.stem for one in INVALID} == {one.stem for one in JOBS.glob("invalid/*.txt")}


def test_snippet_points_at_the_value(folder: Path) -> None:
    shutil.copy(JOBS / "invalid" / "leading-zero.yaml", folder / "j.yaml")
    with pytest.raises(JobError) as caught:
        job.load(folder / "j.yaml")
    (one,) = caught.value.diagnostics
    assert one.render().splitlines()[1:] == ["    seed: 012", "          ^~~"]


def test_defaults_come_after_validation(jobs_folder: Path) -> None:
    settings = first_settings(jobs_folder / "minimal.yaml")
    assert settings["video"] == {"width": 1280, "height": 720, "fps": 60}
    assert settings["engine"] == {"backend": "cpu", "quality": "balanced", "threads": 1}
    assert settings["encode"] == {
        "codec": "h264", "audio_codec": "aac", "crf": 20, "speed": "veryfast", "threads": 4, "bitexact": True,
    }  # fmt: skip
    assert (settings["seed"], settings["scene"]["switch"]["mode"], settings["output"]["overwrite"]) == (
        0,
        "manual",
        False,
    )


def test_overrides_win_over_file_and_matrix(jobs_folder: Path) -> None:
    overrides = {"video.width": "32", "scene.params.glow": "1", "output.path": "{video.height}-{encode.crf}.mp4"}
    loaded = job.load(jobs_folder / "matrix.yaml", overrides)
    cells = [loaded.settings(cell) for cell in loaded.cells()]
    assert {(one["video"]["width"], one["scene"]["params"]["glow"]) for one in cells} == {(32, 1)}
    assert [one["video"]["height"] for one in cells] == [48, 64]


def test_overriding_preset_replaces_presets(jobs_folder: Path) -> None:
    scene = first_settings(jobs_folder / "presets.yaml", {"scene.preset": "./plain.yaml"})["scene"]
    assert scene["preset"] == "./plain.yaml"
    assert "presets" not in scene


def test_wrong_overrides_are_reported_together(jobs_folder: Path) -> None:
    overrides = {"video.fsp": "30", "seed": "x", "video.width": "012", "kind": "bench"}
    assert problems(jobs_folder / "minimal.yaml", overrides) == [
        "--set kind=bench: 'kind' is not a key that can be set",
        '--set seed=x: seed must be a whole number, not "x"',
        "--set video.fsp=30: 'video.fsp' is not a key that can be set (did you mean 'video.fps'?)",
        '--set video.width=012: the number 012 starts with a zero (write 12 for a number, "012" for text)',
    ]


def test_missing_file(tmp_path: Path) -> None:
    assert problems(tmp_path / "none.yaml") == ["none.yaml: no such file (check the path)"]
    assert "this is a directory" in problems(tmp_path)[0]


def test_errors_survive_pickling(folder: Path) -> None:
    shutil.copy(JOBS / "invalid" / "sizes.yaml", folder / "j.yaml")
    with pytest.raises(JobError) as caught:
        job.load(folder / "j.yaml")
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.diagnostics == caught.value.diagnostics
    assert again.exit_status == InputError.exit_status == 2


def test_a_literal_name_goes_before_a_glob(folder: Path) -> None:
    shutil.copy(folder / "a.wav", folder / "[ab].wav")
    found = [path for _, path in jobvalues.expand_sources("[ab].wav", folder)]
    assert [path.name for path in found if isinstance(path, Path)] == ["[ab].wav"]


def test_a_glob_is_sorted_and_skips_folders(folder: Path) -> None:
    (folder / "z.wav").mkdir()
    found = [path for _, path in jobvalues.expand_sources("?.wav", folder)]
    assert found == [folder / "a.wav", folder / "b.wav"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.1, Fraction(1, 10)), (90, Fraction(90)), ("1:30", Fraction(90)), ("1:02:03.5", Fraction(7447, 2)),
        ("90s", Fraction(90)), ("1500ms", Fraction(3, 2)), ("2m", Fraction(120)), ("1h", Fraction(3600)),
    ],
)  # fmt: skip
def test_seconds(value: float | str, expected: Fraction) -> None:
    assert jobvalues.seconds(value) == expected


@pytest.mark.parametrize("value", ["", "1:60", "1:2:3:4", "-1", "1e3", "6:00:01", 21601, "٣s"])
def test_seconds_refused(value: float | str) -> None:
    with pytest.raises(ValueError, match=r"is not a time|is outside"):
        jobvalues.seconds(value)


@pytest.mark.parametrize(
    ("value", "expected"), [(29.97, Fraction(2997, 100)), ("30000/1001", Fraction(30000, 1001)), ("25", Fraction(25))]
)
def test_rate_is_exact(value: float | str, expected: Fraction) -> None:
    assert jobvalues.rate(value) == expected


@given(
    st.fractions(min_value=Fraction(1, 8000), max_value=1000, max_denominator=48000),
    st.sampled_from([Fraction(24), Fraction(30000, 1001), Fraction(60), Fraction(240)]),
    st.fractions(min_value=0, max_value=1, max_denominator=1000),
    st.none() | st.fractions(min_value=Fraction(1, 1000), max_value=2000, max_denominator=1000),
)
def test_an_excerpt_lies_in_the_track(
    track: Fraction, fps: Fraction, part: Fraction, duration: Fraction | None
) -> None:
    start = track * part * Fraction(999, 1000)
    total = max(1, math.floor(track * fps + Fraction(1, 2)))
    first, count = jobvalues.frame_range(track, fps, start, duration)
    assert 0 <= first < total
    assert 1 <= count <= total - first
    if duration is None:
        assert first + count == total
    assert jobvalues.frame_range(track, fps, Fraction(0), None) == (0, total)


TEXTS = st.one_of(
    st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12),
    st.sampled_from(
        ["on", "no", "012", "1:30", "1e3", "0o17", "0x1F", ".inf", "~", "null", "-", "<<", "1_000", "=", "!a", "#"]
    ),
    st.from_regex(r"[-+]?[0-9._eE:]{1,6}", fullmatch=True),
)
DATA = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(TEXTS, DATA, max_size=4))
def test_written_yaml_is_read_back_the_same(data: dict[str, Any]) -> None:
    read = yamlfile.parse(job.to_yaml(data, "job.schema.json"), "job.yaml")
    assert read.problems == []
    assert repr(read.data) == repr(data)


JOB_KEYS = (
    st.sampled_from(
        ["version", "kind", "name", "seed", "audio", "source", "start", "video", "width", "fps", "scene", "preset"]
    )
    | st.sampled_from(
        ["presets", "params", "glow", "encode", "codec", "crf", "output", "path", "matrix", "zip", "include", "exclude"]
    )
    | st.sampled_from(
        [
            "<<",
            "tracks",
            "tags",
            "set",
            "title",
            "video.width",
            "scene.params.glow",
            "audio.source",
            "switch",
            "hold_min",
            "jobs",
            "reason",
            "golden",
        ]
    )
)
JOB_KEYS |= st.sampled_from(["tracks", "tags", "set", "title", "scene"])
JOB_LEAVES = st.sampled_from(
    [0, 1, -1, 64, 30.5, 1e300, True, None, "", "a.wav", "*.wav", "./plain.yaml", "{name}.mp4", "{", "bass", "export"]
) | st.sampled_from(["9:9", "verify", "bench", "update-goldens", "h264", "30000/1001", "aurora", "\u202e", "time"])
JOB_DATA = st.recursive(
    JOB_LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(JOB_KEYS, inner, max_size=4), max_leaves=12
)


SOUND = [yaml.safe_load(path.read_text()) for path in sorted(JOBS.glob("valid/*.yaml"))]


def mutate(data: Any, draw: Callable[[st.SearchStrategy[Any]], Any]) -> Any:
    """The data with one place, somewhere, replaced, removed or given another key."""
    if not isinstance(data, (dict, list)) or not data or not draw(st.integers(0, 3)):
        return draw(JOB_DATA)
    if isinstance(data, list):
        index = draw(st.integers(0, len(data) - 1))
        return [*data[:index], mutate(data[index], draw), *data[index + 1 :]]
    key = draw(st.sampled_from(sorted(data)))
    rest = {name: value for name, value in data.items() if name != key}
    if not draw(st.integers(0, 5)):
        return rest
    new = key if draw(st.integers(0, 5)) else draw(JOB_KEYS)
    return {**rest, new: mutate(data[key], draw)}


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_mapping_is_a_job_or_is_refused(jobs_folder: Path, data: st.DataObject) -> None:
    job_data = data.draw(st.sampled_from(SOUND))
    for _ in range(data.draw(st.integers(1, 3))):
        job_data = mutate(job_data, data.draw)
    (jobs_folder / "j.yaml").write_text(
        job.to_yaml(job_data) if isinstance(job_data, dict) else "- 1", encoding="utf-8"
    )
    try:
        loaded = job.load(jobs_folder / "j.yaml")
        if loaded.kind == "export":
            assert all(task.frame_count >= 1 for task in plan.tasks(loaded, jobs_folder / "out"))
    except JobError as error:
        assert error.diagnostics
        assert all(one.message and one.file for one in error.diagnostics)
