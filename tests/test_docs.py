"""What the documentation says is true: commands run as written, examples are valid, tables are complete."""

from __future__ import annotations

import itertools
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image

from engine.effects.catalog import BLENDS
from engine.expressions import FEATURES, FUNCTIONS, signature
from engine.overlay.values import KINDS
from runner import preset
from runner.diagnostics import JobError
from runner.template import PLACEHOLDERS

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "CONTRIBUTING.md", *(f"docs/{one.name}" for one in sorted((ROOT / "docs").glob("*.md"))))


def blocks(page: str, language: str) -> list[str]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)


def run(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "runner", *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a reader has it: the repository's jobs, the demo shortened to a second, and some music."""
    folder = tmp_path_factory.mktemp("desk")
    shutil.copytree(ROOT / "jobs", folder / "jobs")
    shutil.copytree(ROOT / "golden", folder / "golden")
    demo = folder / "jobs" / "demo.yaml"
    text = demo.read_text(encoding="utf-8")
    assert "\n  duration: 10\n" in text
    demo.write_text(text.replace("  duration: 10", "  duration: 1"), encoding="utf-8")
    t = np.arange(4 * 44100) / 44100
    tone = 0.4 * np.sin(2 * np.pi * 220 * t) * np.exp(-4 * (t % 0.5))
    (folder / "music").mkdir()
    for path in (folder / "song.flac", folder / "music" / "one.flac"):
        soundfile.write(path, np.tile(tone, 12 if path.parent.name == "music" else 1), 44100)
    return folder


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_run_as_written(page: str, desk: Path) -> None:
    commands = [line[2:] for block in blocks(page, "console") for line in block.splitlines() if line.startswith("$ ")]
    for line in commands:
        program, *arguments = shlex.split(line)
        assert program == "trackreel"
        done = run(arguments, desk)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        if "--out" in arguments:
            assert (desk / arguments[arguments.index("--out") + 1]).stat().st_size > 0
    if page == "README.md":
        assert (desk / "out/demo/demo.mp4").stat().st_size > 0


def test_a_golden_is_recorded_anew_as_the_page_says(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "")
    name = "effect-solid-pulse-160x90-30-balanced-manual"
    changed = desk / "jobs/assets/goldens/effect-solid.yaml"
    before = changed.read_text(encoding="utf-8")
    changed.write_text(before.replace("bottom: 0.1", "bottom: 0.15"), encoding="utf-8")
    check = ["verify", "jobs/goldens.yaml", "--only", f"goldens/{name}"]
    assert run(check, desk).returncode == 4
    (block,) = blocks("docs/goldens.md", "sh")
    program, *arguments = shlex.split(block.replace("*aurora*", f"goldens/{name}"))
    assert program == "trackreel"
    done = run(arguments, desk)
    assert done.returncode == 0, done.stderr
    assert run(check, desk).returncode == 0
    note = json.loads((desk / f"golden/goldens/{name}.json").read_text(encoding="utf-8"))
    assert note["reason"] in block


def test_the_readme_s_job_is_valid(desk: Path) -> None:
    jobs = [block for block in blocks("README.md", "yaml") if "version: 1" in block]
    assert len(jobs) == 1
    (desk / "example.yaml").write_text(jobs[0], encoding="utf-8")
    done = run(["validate", "example.yaml"], desk)
    assert done.returncode == 0, done.stderr


def test_the_examples_of_jobs_make_the_tasks_that_they_say(desk: Path) -> None:
    mix, batch, album, beside = (one for one in blocks("docs/jobs.md", "yaml") if "version: 1" in one)
    (desk / "mix.yaml").write_text(mix, encoding="utf-8")
    (desk / "batch.yaml").write_text(batch, encoding="utf-8")
    (desk / "album.yaml").write_text(album, encoding="utf-8")
    name = "song.trackreel.yaml"
    assert beside.startswith(f"# {name}\n")
    done = run(["plan", "-q", "batch.yaml"], desk)
    assert done.stdout.splitlines() == [
        "batch/aurora-one-1280", "batch/aurora-one-720", "batch/tunnel-one-1280", "batch/warp-one-1280",
        "batch/warp-one-720", "batch/scope-one-640",
    ], done.stderr  # fmt: skip
    done = run(["plan", "album.yaml"], desk)
    assert "album/1 Ada - Northern Lights: new" in done.stdout, done.stderr
    assert run(["plan", "-q", "mix.yaml"], desk).stdout.startswith("mix/aurora+tunnel+radial-song")
    (desk / name).write_text(beside, encoding="utf-8")
    frames = [line for line in run(["plan", "album.yaml"], desk).stdout.splitlines() if line.startswith("  frames")]
    (desk / name).unlink()
    assert [line.split()[3] for line in frames] == ["600", "120"]


def test_the_examples_of_overlays_are_laid_over_the_picture(desk: Path, tmp_path: Path) -> None:
    shutil.copy(desk / "song.flac", tmp_path)
    (tmp_path / "song.lrc").write_text(blocks("docs/overlays.md", "text")[0], encoding="utf-8")
    for name in ("art.png", "label.png"):
        Image.new("RGB", (9, 9)).save(tmp_path / name)
    examples = [one for one in blocks("docs/overlays.md", "yaml") if "version: 1" in one]
    kinds = set[str]()
    for example in examples:
        (tmp_path / "job.yaml").write_text(example, encoding="utf-8")
        done = run(["plan", "job.yaml", "--json"], tmp_path)
        assert done.returncode == 0, done.stderr
        kinds |= {one["kind"] for one in json.loads(done.stdout)["overlay"]}
    assert len(examples) == 3
    assert kinds == set(KINDS)


def test_every_key_of_an_overlay_is_described_with_its_default() -> None:
    text = (ROOT / "docs/overlays.md").read_text(encoding="utf-8")
    definitions = json.loads((ROOT / "schemas/job.schema.json").read_text(encoding="utf-8"))["$defs"]
    for name, entry in definitions.items():
        if name.startswith("overlay_"):
            kind, keys = name.removeprefix("overlay_"), entry["properties"]
            (row,) = (line for line in text.splitlines() if line.startswith(f"| `{kind}: "))
            assert f"`{keys['position']['default']}`, {keys['size']['default']} |" in row
            assert [key for key in keys if f"`{key}" not in text] == []
            own = [key for key in ("lines", "context", "radius") if key in keys]
            own += ["shadow"] if "letters" not in row else []
            assert [key for key in own if f"`{key}` ({keys[key]['default']})" not in row] == []


def test_the_example_presets_are_valid_and_have_their_pictures(tmp_path: Path) -> None:
    page = (ROOT / "docs/presets.md").read_text(encoding="utf-8")
    found = []
    for example in (block for block in blocks("docs/presets.md", "yaml") if "layers:" in block):
        (tmp_path / "example.yaml").write_text(example, encoding="utf-8")
        found.append(preset.describe(str(tmp_path / "example.yaml")).name)
    assert found == ["tide-1", "tide-2", "tide-3", "tide", "dusk", "masked"]
    drawn = re.findall(r"\(images/preset-([\w-]+)\.jpg\)", page)
    assert sorted(drawn) == sorted({*found, "start"} - {"dusk"})


def test_the_lesson_s_mistakes_are_told_as_it_says(tmp_path: Path) -> None:
    example = next(block for block in blocks("docs/presets.md", "yaml") if "name: tide\n" in block)
    (tmp_path / "tide.yaml").write_text(example.replace("aurora", "auror").replace("smooth(bass", "smooth(bas"))
    (told,) = (block for block in blocks("docs/presets.md", "text") if "tide.yaml:" in block)
    with pytest.raises(JobError) as caught:
        preset.describe(str(tmp_path / "tide.yaml"))
    said = [str(one).removeprefix(f"{tmp_path}/") for one in caught.value.diagnostics]
    assert sorted(told.splitlines()) == sorted(said)


def test_the_examples_of_jobs_with_covers_and_palettes_are_valid(desk: Path) -> None:
    Image.new("RGB", (9, 9)).save(desk / "art.png")
    examples = [one for one in blocks("docs/presets.md", "yaml") if "audio:" in one]
    assert any("palette: ember" in one for one in examples)
    for example in examples:
        (desk / "example.yaml").write_text(example, encoding="utf-8")
        done = run(["plan", "-q", "example.yaml"], desk)
        assert done.returncode == 0, done.stderr


def test_every_blend_is_described_and_masks_are_drawn_as_the_page_says(tmp_path: Path) -> None:
    text = (ROOT / "docs/presets.md").read_text(encoding="utf-8")
    assert [one for one in BLENDS if f"\n| `{one}` | " not in text] == []
    for example in (one for one in blocks("docs/presets.md", "yaml") if "mask:" in one):
        (tmp_path / "masked.yaml").write_text(example, encoding="utf-8")
        assert any(one.mask is not None for one in preset.describe(str(tmp_path / "masked.yaml")).scene.layers)


def test_every_feature_and_function_is_listed_as_it_is() -> None:
    text = (ROOT / "docs/presets.md").read_text(encoding="utf-8").partition("\n## Expressions\n")[2]
    rows = set(re.findall(r"^\| `([^`]+)` \| (.+) \|$", text, flags=re.MULTILINE))
    expected = {(name, description) for name, description in FEATURES.items()}
    expected |= {(signature(name), function.description) for name, function in FUNCTIONS.items()}
    assert rows == expected


def leaves(schema: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """The dotted keys of a job, from its schema."""
    definitions = json.loads((ROOT / "schemas/job.schema.json").read_text(encoding="utf-8"))["$defs"]
    for name, entry in schema["properties"].items():
        target = definitions[entry["$ref"].rsplit("/", 1)[1]] if "$ref" in entry else entry
        if "properties" in target and name != "matrix":
            yield from leaves(target, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def test_every_key_and_placeholder_of_a_job_is_described() -> None:
    text = (ROOT / "docs/jobs.md").read_text(encoding="utf-8")
    keys = list(leaves(json.loads((ROOT / "schemas/job.schema.json").read_text(encoding="utf-8"))))
    assert "scene.switch.mode" in keys
    short = {"scene.switch.hold_max": "`hold_max`"}
    missing = [one for one in keys if short.get(one, f"`{one}`") not in text]
    missing += [one for one in PLACEHOLDERS if f"`{{{one}}}`" not in text]
    assert missing == []


def test_every_command_is_in_the_readme() -> None:
    from runner.commands import root

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in root.commands if f"| `trackreel {name}" not in text] == []


@pytest.mark.parametrize("page", PAGES)
def test_links_within_the_repository_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    links = [one for one in re.findall(r"\]\(([^)#]+)[^)]*\)", text) if not one.startswith("http")]
    assert [one for one in links if not ((ROOT / page).parent / one).exists()] == []


@pytest.mark.parametrize("page", ["README.md", "docs/troubleshooting.md"])
def test_every_message_in_the_tables_is_one_that_the_program_says(page: str) -> None:
    sources = [*(ROOT / "engine").rglob("*.py"), *(ROOT / "runner").rglob("*.py"), ROOT / "ci" / "preflight.py"]
    said = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    table = (ROOT / page).read_text(encoding="utf-8").split("## Commands", maxsplit=1)[0 if "docs" in page else 1]
    cells = [line.split(" | ")[0] for line in table.split("Troubleshooting")[-1].splitlines() if line.startswith("| `")]
    messages = [double or single for cell in cells for double, single in re.findall(r"``(.+?)``|`([^`]+)`", cell)]
    assert len(messages) > 8
    invented = []
    for message in messages:
        # Names and numbers stand for others: at least half of the pairs of words between them are said as they are.
        parts = [re.findall(r"[A-Za-z][\w.]+", part) for part in re.split(r"\.\.\.|[0-9`]+", message)]
        pairs = [f"{one} {two}" for words in parts for one, two in itertools.pairwise(words)] or list(
            itertools.chain(*parts)
        )
        if sum(pair in said for pair in pairs) * 2 < len(pairs):
            invented.append(message)
    assert invented == []


def test_every_event_is_described() -> None:
    text = (ROOT / "docs/runs.md").read_text(encoding="utf-8")
    events = json.loads((ROOT / "schemas/event.schema.json").read_text(encoding="utf-8"))["properties"]["event"]["enum"]
    assert [one for one in events if f"| `{one}` |" not in text] == []
