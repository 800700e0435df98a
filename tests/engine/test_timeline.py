"""The timeline's files: what is written comes back equal, and what is damaged is refused."""

from __future__ import annotations

import json
import pickle
import tracemalloc
from fractions import Fraction
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import analysis, timeline
from engine.errors import InputError, OutputError
from tests import sounds

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "schemas" / "timeline.schema.json").read_text())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> timeline.Timeline:
    folder = tmp_path_factory.mktemp("timeline")
    path = sounds.write(folder / "a.wav", sounds.drum_loop(120, 4.0).sound)
    return analysis.analyse(path, Fraction(30000, 1001), folder / "work")


def assert_equal(one: timeline.Timeline, two: timeline.Timeline) -> None:
    for name in ("fps", "frames", "sample_rate", "channels", "samples", "tempo"):
        assert getattr(one, name) == getattr(two, name)
    assert list(one.features) == list(two.features)
    for name, values in one.features.items():
        assert np.array_equal(values, two.features[name])
        assert two.features[name].dtype == np.float32
    for name in ("bands", "beats", "onsets", "sections"):
        assert np.array_equal(getattr(one, name), getattr(two, name))
        assert getattr(one, name).dtype == getattr(two, name).dtype
    for index in range(0, one.frames, 7):
        assert np.array_equal(one.waves.row(index), two.waves.row(index))


def test_saved_and_loaded_is_equal(made: timeline.Timeline, tmp_path: Path) -> None:
    timeline.save(made, tmp_path / "new")
    assert_equal(made, timeline.load(tmp_path / "new"))
    timeline.save(timeline.load(tmp_path / "new"), tmp_path / "new")  # onto itself
    assert_equal(made, timeline.load(tmp_path / "new"))


def test_packed_through_json_is_equal(made: timeline.Timeline, tmp_path: Path) -> None:
    text = json.dumps(timeline.pack(made))
    assert_equal(made, timeline.unpack(json.loads(text), tmp_path / "unpacked"))


def test_a_timeline_survives_pickling(made: timeline.Timeline) -> None:
    made.waves.row(0)
    assert_equal(made, pickle.loads(pickle.dumps(made)))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("version", 2), ("frames", 0), ("frames", 10**9), ("frames", 121), ("stream_bytes", 10**12), ("bands", "!"),
        ("bands", ""), ("features", {"rms": "AAAA"}), ("features", 3), ("starts", None), ("fps", "1/0"), ("beats", "x"),
        ("gain", "loud"),
    ],
)  # fmt: skip
def test_damaged_plans_are_refused(made: timeline.Timeline, tmp_path: Path, key: str, value: object) -> None:
    data = timeline.pack(made) | {key: value}
    with pytest.raises(InputError, match="damaged"):
        timeline.unpack(data, tmp_path)


@given(st.dictionaries(st.sampled_from(["version", "frames", "stream_bytes", "features", "bands", "fps"]), st.just(1)))
def test_any_other_dict_is_refused(data: dict[str, int]) -> None:
    with pytest.raises(InputError):
        timeline.unpack(data, Path("never-made"))
    assert not Path("never-made").exists()


def test_a_bomb_is_not_inflated(made: timeline.Timeline, tmp_path: Path) -> None:
    import base64
    import zlib

    bomb = base64.b64encode(zlib.compress(bytes(50_000_000), 9)).decode()
    data = timeline.pack(made) | {"bands": bomb}
    tracemalloc.start()
    with pytest.raises(InputError, match="damaged"):
        timeline.unpack(data, tmp_path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


def test_a_missing_or_cut_folder_is_refused(made: timeline.Timeline, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        timeline.load(tmp_path)
    timeline.save(made, tmp_path)
    (tmp_path / timeline.TABLE).write_bytes((tmp_path / timeline.TABLE).read_bytes()[:500])
    with pytest.raises(InputError, match="cannot be read"):
        timeline.load(tmp_path)


def test_lines_follow_the_schema_and_count_from_the_output(made: timeline.Timeline, tmp_path: Path) -> None:
    path = tmp_path / "a.timeline.jsonl"
    change = {"kind": "wipe", "from": "aurora", "progress": 0.25}
    changes = [None] * 30 + [change] + [None] * 29
    timeline.write_jsonl(made, path, 30, 60, ["aurora"] * 30 + ["tunnel"] * 30, changes)
    header, *frames = [json.loads(line) for line in path.read_text().splitlines()]
    validator = jsonschema.Draft202012Validator(SCHEMA)
    for value in (header, *frames):
        validator.validate(value)
    assert header["frames"] == len(frames) == 60
    assert header["fps"] == "30000/1001"
    assert [frame["i"] for frame in frames] == list(range(60))
    assert frames[30]["t"] == pytest.approx(30 * 1001 / 30000, abs=1e-6)
    assert (frames[29]["preset"], frames[30]["preset"]) == ("aurora", "tunnel")
    assert [frame.get("transition") for frame in frames] == changes
    assert frames[5]["features"]["bass"] == pytest.approx(float(made.features["bass"][35]), abs=1e-6)
    flagged = [frame["i"] for frame in frames if frame["beat"]]
    assert flagged == [int((time + 0.0005) * 30000 / 1001) for time in header["beats"]]
    assert len(flagged) == 4


def test_lines_refuse_a_wrong_range(made: timeline.Timeline, tmp_path: Path) -> None:
    for first, count, presets in ((-1, 2, 2), (0, 0, 0), (0, made.frames + 1, made.frames + 1), (0, 5, 4)):
        with pytest.raises(ValueError, match="presets"):
            timeline.write_jsonl(made, tmp_path / "a", first, count, ["x"] * presets)
    with pytest.raises(OutputError):
        timeline.write_jsonl(made, tmp_path / "none" / "a", 0, 1, ["x"])


def test_windows_beyond_the_ends_are_silence(tmp_path: Path) -> None:
    (tmp_path / "s").write_bytes(np.full((600, 2), 1000, "<i2").tobytes())
    waves = timeline.StreamWaves(tmp_path / "s", np.array([-100, -600, 500, 10**6]) * timeline.SUBSAMPLE, 2.0)
    row = waves.row(0)
    assert (row[0, 99], row[0, 100], row[1, 511]) == (0, 2000, 2000)
    assert not waves.row(1).any()
    assert (waves.row(2)[0, 99], waves.row(2)[0, 100]) == (2000, 0)
    assert not waves.row(3).any()
