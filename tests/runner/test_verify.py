import gzip
import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from PIL import Image

import schemas
from engine.sinks.sketch import Sketch
from runner import goldencompare, goldenresult, plan, versions
from runner import job as jobs
from runner.backends import probe_backend
from runner.golden import Golden, recipe
from runner.goldenresult import GoldenResult, Limits
from tests import trackreel
from tests.goldens import Goldens


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recorded")
    done = Goldens(folder).update()
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def goldens(recorded: Path, tmp_path: Path) -> Goldens:
    shutil.copytree(recorded, tmp_path, dirs_exist_ok=True)
    return Goldens(tmp_path)


def test_what_was_recorded_is_equal_and_nothing_is_written(goldens: Goldens) -> None:
    before = goldens.state()
    done = goldens.verify()
    assert done.returncode == 0, done.stderr
    assert "2 goldens: 2 equal" in done.stderr
    assert goldens.state() == before
    assert not list((goldens.folder / "out/.runs").glob("*/goldens"))  # artefacts are kept on failure alone


@pytest.mark.parametrize("words", [["-j", "2"], ["--set", "engine.threads=2"]])
def test_is_equal_with_more_workers_and_threads(goldens: Goldens, words: list[str]) -> None:
    done = goldens.verify(*words)
    assert done.returncode == 0, done.stderr
    assert "2 equal" in done.stderr


def test_a_golden_of_frames_does_not_depend_on_encoder_backend_and_places(goldens: Goldens) -> None:
    task = next(plan.tasks(jobs.load(goldens.folder / "v.yaml")))
    others = {
        "encode": replace(task.encode, codec="vp9"),
        "backend": "cuda",
        "threads": 5,
        "id": "x",
        "audio": Path("x"),
    }
    for name, value in others.items():
        assert recipe(replace(task, **{name: value})) == recipe(task), name
    assert recipe(replace(task, seed=9)) != recipe(task)
    encoded = replace(task, action="decode")
    assert recipe(replace(encoded, encode=others["encode"])) != recipe(encoded)


def test_is_equal_in_another_order_by_run_and_told_in_the_jobs_order(goldens: Goldens) -> None:
    done = trackreel.run("run", "v.yaml", "--shuffle", "0", "--json", cwd=goldens.folder)
    assert done.returncode == 0, done.stderr
    assert "2 equal" in done.stderr
    events = [json.loads(one) for one in done.stdout.splitlines()]
    assert [one["task"] for one in events if one["event"] == "task_done"] == ["v/bars", "v/plain"]
    assert [one["task"] for one in events if one["event"] == "golden"] == ["v/plain", "v/bars"]


def flip(text: str) -> str:
    line = text.splitlines()[12]
    other = line[:-1] + ("0" if line[-1] != "0" else "1")
    return text.replace(line, other)


def renumbered(rows: list[str]) -> str:
    return "".join(f"0, {i:10d}, {i:10d}, {row.split(', ', 3)[3]}" for i, row in enumerate(rows))


def with_rows(text: str, rows: list[str]) -> str:
    head = "".join(one for one in text.splitlines(keepends=True) if one.startswith("#"))
    return head + renumbered(rows)


def rows_of(text: str) -> list[str]:
    return [one for one in text.splitlines(keepends=True) if not one.startswith("#")]


DAMAGES = {
    "flipped": (flip, "plain.framemd5 was changed since it was recorded; 1 of 6 frames differs; the first is frame 3"),
    "truncated": (lambda text: text[:-25], "truncated: line 15 does not end"),
    "crlf": (lambda text: text.replace("\n", "\r\n"), "its lines end in CR LF"),
    "extra": (lambda text: with_rows(text, [*rows_of(text), rows_of(text)[0]]), "7 frames of 6: 1 extra, at its end"),
    "missing": (lambda text: with_rows(text, rows_of(text)[:-1]), "5 frames of 6: 1 missing, at its end"),
    "gap": (lambda text: text.replace(rows_of(text)[2], ""), "a frame is missing: 2 should come, not 3"),
    "size": (lambda text: text.replace("64x48", "48x64"), "a foreign header: it is of 48x64 pixels"),
    "rate": (lambda text: text.replace("1/10", "1/25"), "a foreign header: its time base is 1/25"),
    "pixels": (lambda text: text.replace("12288", "9216"), "another pixel format: 9216 bytes"),
}  # fmt: skip


def compared(goldens: Goldens, recorded: Path) -> GoldenResult:
    """v/plain beside what was recorded of it, without a run."""
    task = next(plan.tasks(jobs.load(goldens.folder / "v.yaml")))
    assert task.id == "v/plain"
    return goldencompare.compare(task, Golden(recorded / "golden/v/plain", {}), Limits(), versions.collect(None))


@pytest.mark.parametrize("damage", DAMAGES)
def test_each_damage_is_reported_as_what_it_is(goldens: Goldens, recorded: Path, damage: str) -> None:
    change, words = DAMAGES[damage]
    assert compared(goldens, recorded).status == "equal"
    before = goldens.hashes.read_bytes().decode()
    goldens.hashes.write_bytes(change(before).encode())
    assert goldens.hashes.read_bytes() != before.encode()
    found = compared(goldens, recorded)
    assert found.status == "damaged"
    assert found.failed
    assert found.message.startswith("its golden is damaged: ")
    assert words in found.message


def doubled(goldens: Goldens, source: str, name: str) -> Path:
    """One more task, of the preset plain, with a golden of its own: that of `source`. Its hashes."""
    root = goldens.folder / "golden/v"
    shutil.copy(goldens.folder / "plain.yaml", goldens.folder / f"{name}.yaml")
    shutil.copytree(root / source, root / name)
    shutil.copy(root / f"{source}.framemd5", root / f"{name}.framemd5")
    note, plain = (json.loads((root / f"{one}.json").read_text()) for one in (source, "plain"))
    (root / f"{name}.json").write_text(json.dumps({**plain, "task": f"v/{name}", "files": note["files"]}))
    return root / f"{name}.framemd5"


def test_everything_that_is_wrong_is_told_at_once_and_by_name(goldens: Goldens) -> None:
    """One golden of each kind, in one run: the words, the events, and what is kept to be looked at."""
    damaged = ("flipped", "truncated", "crlf", "extra", "missing")
    for name in damaged:
        path = doubled(goldens, "plain", name)
        path.write_bytes(DAMAGES[name][0](path.read_bytes().decode()).encode())
    doubled(goldens, "bars", "wrong")  # another scene's frames, with a provenance that vouches for them
    doubled(goldens, "plain", "old")
    (goldens.folder / "old.yaml").rename(goldens.folder / "new.yaml")
    tasks = ", ".join(f"./{one}.yaml" for one in ("plain", "wrong", *damaged, "new"))
    goldens.edit("v.yaml", "./plain.yaml, ./bars.yaml", tasks)
    shutil.rmtree(goldens.folder / "golden/v/bars")
    for path in (goldens.folder / "golden/v").glob("bars.*"):
        path.unlink()

    done = goldens.verify("--json", "--run-dir", "run")
    assert done.returncode == 4, done.stderr
    assert "9 goldens: 1 equal, 1 mismatch, 1 missing, 1 unused, 5 damaged" in done.stderr
    for name in damaged:
        file = "" if name == "flipped" else f"{name}.framemd5: "
        words = DAMAGES[name][1].replace("plain.framemd5", "flipped.framemd5")
        assert f"error: v/{name}: its golden is damaged: {file}" in done.stderr
        line = next(one for one in done.stderr.splitlines() if one.startswith(f"error: v/{name}: "))
        assert words in line
    assert "hint: git converted them (core.autocrlf): set `golden/** -text` in .gitattributes" in done.stderr
    assert done.stderr.count("hint: check the golden's files out again") == 4
    assert "error: v/wrong: all frames differ; the first is frame 0 at 0.000 s, within x " in done.stderr
    renamed = "error: v/new: there is no golden of it, but v/old is of the very same recipe: was the task renamed?"
    assert renamed in done.stderr
    assert "error: v/old: no task has this golden any more" in done.stderr

    events = [json.loads(one) for one in done.stdout.splitlines()]
    found = {one["task"]: one for one in events if one["event"] == "golden"}
    assert {name.removeprefix("v/"): one["status"] for name, one in found.items()} == {
        "plain": "equal", "wrong": "mismatch", **dict.fromkeys(damaged, "damaged"), "new": "missing", "old": "unused",
    }  # fmt: skip
    assert all(one["message"] in done.stderr for one in found.values())
    wrong = found["v/wrong"]
    assert (wrong["first"], wrong["differing"]) == (0, 6)
    left, top, right, bottom = wrong["where"]
    assert 0 <= left < right <= 64
    assert 0 <= top < bottom <= 48
    kept = goldens.folder / "run/goldens/v"
    assert len(list((kept / "wrong").glob("*.png"))) == 3  # to be looked at
    assert not (kept / "plain").exists()
    assert (goldens.folder / "run/mismatches.html").exists()


def test_a_missing_golden(goldens: Goldens) -> None:
    shutil.rmtree(goldens.folder / "golden/v")
    done = goldens.verify()
    assert done.returncode == 4
    assert "error: v/plain: there is no golden of it\n" in done.stderr
    assert "2 goldens: 2 missing" in done.stderr


def test_a_stale_recipe_says_what_changed_and_whether_frames_did(goldens: Goldens) -> None:
    goldens.edit("plain.yaml", "0.4 +", "0.5 +")
    done = goldens.verify("--only", "v/plain")
    assert done.returncode == 4, done.stderr
    assert "v/plain: its golden is stale: the recipe changed (scenes.0.locals.gain 0.4" in done.stderr
    assert "all frames differ" in done.stderr
    assert "1 golden: 1 stale" in done.stderr


def test_frames_of_another_toolchain(goldens: Goldens, recorded: Path) -> None:
    path = goldens.folder / "golden/v/plain.json"
    note = json.loads(path.read_text())
    note["versions"]["taichi"] = "1.6.0"
    path.write_text(json.dumps(note))
    assert compared(goldens, recorded).status == "equal"  # equal frames are equal, whoever drew them
    goldens.hashes.write_text(flip(goldens.hashes.read_text()))
    note["files"]["framemd5"] = hashlib.sha256(goldens.hashes.read_bytes()).hexdigest()
    path.write_text(json.dumps(note))
    found = compared(goldens, recorded)
    assert found.status == "foreign"
    assert found.failed
    assert "its golden is of another toolchain: taichi 1.6.0, here " in found.message
    assert "frame 3 at 0.300 s, but its sketch is the same" in found.message


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("plain.json", b"{", "plain.json is damaged"),
        ("plain.json", b"{}", "plain.json is damaged: 'version' is a required property"),
        ("plain.json", None, "plain.json is missing"),
        ("plain/sketch.gz", gzip.compress(b"x", mtime=0), "plain/sketch.gz was changed since it was recorded"),
        ("plain/000000.png", None, "plain/000000.png is missing"),
    ],
)
def test_damaged_companions(goldens: Goldens, recorded: Path, name: str, data: bytes | None, words: str) -> None:
    path = goldens.folder / "golden/v" / name
    path.unlink()
    if data is not None:
        path.write_bytes(data)
    found = compared(goldens, recorded)
    assert found.status == "damaged"
    assert words in found.message


def on_vulkan(goldens: Goldens, recorded: Path, limits: Limits) -> GoldenResult:
    task = replace(next(plan.tasks(jobs.load(goldens.folder / "v.yaml"))), backend="vulkan")
    return goldencompare.compare(task, Golden(recorded / "golden/v/plain", {}), limits, versions.collect(None))


def test_another_backend_is_compared_with_tolerance(goldens: Goldens, recorded: Path, tmp_path: Path) -> None:
    assert on_vulkan(goldens, recorded, Limits()).status == "equal"
    # What a driver may draw: a step more of blue in the lower right quarter of frame 3, and of every picture.
    drawn = tmp_path / "drawn"
    shutil.copytree(recorded / "golden", drawn / "golden")
    base = drawn / "golden/v/plain"
    golden = Golden(base, {})
    blocks = golden.sketch.blocks.copy()
    blocks[3, 5:, 8:, 2] += 2
    (base / "sketch.gz").write_bytes(Sketch(64, 48, blocks).pack())
    base.with_name("plain.framemd5").write_text(flip(goldens.hashes.read_text()))
    found = on_vulkan(goldens, drawn, Limits())
    assert found.status == "close"
    assert not found.failed
    assert found.block == 2
    assert 45 < found.psnr < 60
    strict = on_vulkan(goldens, drawn, Limits(block=1))
    assert strict.status == "mismatch"
    assert list(strict.differing) == [3]
    assert strict.where == (32, 26, 64, 48)
    assert "1 of 6 frames are beyond the limits; the first is frame 3 at 0.300 s, within x 32 to 63" in strict.message
    Image.fromarray(np.full((48, 64, 3), 200, np.uint8)).save(base / "000005.png")
    assert list(on_vulkan(goldens, drawn, Limits()).differing) == [5]


def test_whole_frames_are_compared_with_the_cpus_where_these_are_the_goldens(
    goldens: Goldens, recorded: Path, tmp_path: Path
) -> None:
    task = replace(next(plan.tasks(jobs.load(goldens.folder / "v.yaml"))), backend="vulkan")
    frames = np.random.default_rng(1).integers(0, 240, (6, 48, 64, 4), np.uint8)
    bases = [tmp_path / name / "plain" for name in ("cpu", "vulkan")]
    for base in bases:
        shutil.copytree(recorded / "golden/v/plain", base)
        shutil.copy(recorded / "golden/v/plain.framemd5", base.with_suffix(".framemd5"))
        (base / "frames.rgba").write_bytes(frames.tobytes())
        frames[2, 7, 9] += np.array([0, 12, 0, 0], np.uint8)  # one channel of one pixel: no sketch would tell
    theirs = bases[1].with_suffix(".framemd5")
    theirs.write_text(flip(theirs.read_text()))
    cpu, vulkan = (Golden(base, {}) for base in bases)

    def compare(limits: Limits) -> GoldenResult:
        return goldencompare.compare(task, vulkan, limits, versions.collect(None), cpu)

    found = compare(Limits())
    assert (found.status, found.pixel, found.same, found.whole) == ("close", 12, 5, True)
    assert found.psnr == pytest.approx(10 * np.log10(255**2 * 48 * 64 * 3 / 144))
    event = found.to_dict()
    jsonschema.validate(event, schemas.load("event"))
    assert (event["psnr"], event["pixel"], event["equal"], event["frames"]) == (round(found.psnr, 3), 12, 5, 6)
    lines = list(goldenresult.table([found, replace(found, psnr=100.0, pixel=0, same=6)]))
    assert [line.split() for line in lines[1:3]] == [
        ["v/plain", f"{found.psnr:.1f}", "dB", "12", "5", "of", "6"],
        ["v/plain", "same", "0", "6", "of", "6"],
    ]
    assert "11 of 12 frames are equal bit by bit" in lines[3]
    assert list(compare(Limits(pixel=11)).differing) == [2]
    assert compare(Limits(psnr=80)).status == "mismatch"
    ours = bases[0].with_suffix(".framemd5")
    ours.write_text(flip(ours.read_text()))
    found = goldencompare.compare(task, vulkan, Limits(), versions.collect(None), Golden(bases[0], {}))
    assert found.status == "mismatch"
    assert found.message.startswith("drawn on the cpu, 1 of 6 frames differs; the first is frame 3")


def test_another_backend_beside_the_cpu(goldens: Goldens) -> None:
    """A software driver of Vulkan will do; frames are drawn twice, compared, and not kept."""
    if not probe_backend("vulkan")[0]:
        pytest.skip("no Vulkan (Debian: mesa-vulkan-drivers)")
    done = goldens.verify("--only", "v/plain", "--whole", "--set", "engine.backend=vulkan", "--json", "--run-dir", "r")
    assert done.returncode == 0, done.stderr
    assert "of whole frames; " in done.stderr
    events = [json.loads(one) for one in done.stdout.splitlines()]
    assert next(one for one in events if one["event"] == "run_started")["tasks"] == 2
    assert [one["task"] for one in events if one["event"] == "task_done"] == ["v/plain", "v/plain on the cpu"]
    found = next(one for one in events if one["event"] == "golden")
    assert found["psnr"] >= 45
    assert found["pixel"] <= 2
    assert 0 <= found["equal"] <= found["frames"] == 6
    assert not (goldens.folder / "r/goldens").exists()  # what is close is no failure


def test_encoded_goldens_hold_for_one_ffmpeg(goldens: Goldens) -> None:
    goldens.edit("v.yaml", "golden: {", "encode: {threads: 1, speed: ultrafast}\ngolden: {of: encoded, ")
    goldens.edit("v.yaml", "[./plain.yaml, ./bars.yaml]", "[./bars.yaml]")
    assert "its golden is stale: it is of frames, and the job compares encoded" in goldens.verify().stderr
    shutil.rmtree(goldens.folder / "golden")
    done = goldens.update()
    assert done.returncode == 0, done.stderr
    done = goldens.verify()
    assert done.returncode == 0, done.stderr
    assert "1 golden: 1 equal" in done.stderr
    path = goldens.folder / "golden/v/bars.framemd5"
    before = path.read_text()
    path.write_text(flip(before))
    assert goldens.verify().returncode == 4
    path.write_text(before)
    goldens.edit("golden/v/bars.json", '"ffmpeg": "', '"ffmpeg": "0.')
    done = goldens.verify()
    assert done.returncode == 0, done.stderr
    assert "v/bars: not compared: its golden is of ffmpeg 0." in done.stderr
    assert "1 golden: 1 foreign" in done.stderr


def test_plan_lists_what_verify_compares(goldens: Goldens) -> None:
    done = trackreel.run("plan", "-q", "v.yaml", cwd=goldens.folder)
    assert done.stdout.split() == ["v/plain", "v/bars"]


def test_verify_takes_no_other_jobs(goldens: Goldens) -> None:
    done = trackreel.run("verify", "u.yaml", cwd=goldens.folder)
    assert done.returncode == 2
    assert "verify takes jobs of kind 'verify' alone" in done.stderr


def test_two_goldens_of_one_name(goldens: Goldens) -> None:
    goldens.edit("v.yaml", 'name: "{scene.preset}"', 'name: "one"')
    done = goldens.verify()
    assert done.returncode == 2
    assert "v.yaml:6:" in done.stderr
    assert "add {scene.preset} to golden.name" in done.stderr
