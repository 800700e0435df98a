"""The list of mutations does not rot, and leaves nothing out; what the suite finds is the nightly's business."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from engine.effects.catalog import BLENDS, EFFECTS
from engine.errors import InputError, RenderError
from engine.post.catalog import PASSES
from engine.scene import SWITCH_MODES
from tests.ci.scripts import ROOT, load

mutate = load("mutate")
mutants = sys.modules["mutants"]
LIST = mutate.read()
FILES = {one.file for one in LIST}
ADD = "give it a line in ci/mutations.yaml"
ONE = mutants.Mutation("a/b", "a.py", "1", "2", "x*")
EXPLAINED = mutants.Mutation("a/c", "a.py", "1", "2", "x*", why="nobody can")


def subjects(area: str) -> set[str]:
    return {one.name.split("/")[1] for one in LIST if one.name.startswith(f"{area}/")}


@pytest.mark.parametrize("one", LIST, ids=lambda one: one.name)
def test_a_mutation_changes_what_is_there_once(one, tmp_path) -> None:
    (tmp_path / one.file).parent.mkdir(parents=True)
    shutil.copy(ROOT / one.file, tmp_path / one.file)
    one.apply(tmp_path)
    assert (tmp_path / one.file).read_bytes() != (ROOT / one.file).read_bytes()


def test_names_are_unique() -> None:
    assert len({one.name for one in LIST}) == len(LIST) >= 40


@pytest.mark.parametrize(
    ("area", "wanted"),
    [
        ("effects", set(EFFECTS)),
        ("post", set(PASSES)),
        ("blends", set(BLENDS)),
        ("switch", set(SWITCH_MODES) - {"manual"}),
        ("transitions", {"curve", "share", "rounding"}),
        ("expressions", {"evaluator", "functions", "memory", "portable"}),
        ("rng", {"hash", "track", "frame"}),
        ("ieee", {"sin", "cos", "exp2", "angle"}),
        ("packing", {"level", "calm", "dice"}),
        ("colour", {"decoding", "oklab", "nodes", "display"}),
        ("tables", {"peaks", "wave", "rows"}),
        ("planes", {"lines", "double", "samples"}),
    ],
)
def test_everything_that_draws_is_mutated(area, wanted) -> None:
    assert wanted - subjects(area) == set(), ADD


def test_every_module_of_effects_blends_and_analysis_is_mutated() -> None:
    drawn = {f"engine/effects/{name}.py" for name in EFFECTS} | {"engine/kernels/blend.py", "engine/director.py"}
    analysis = {path.relative_to(ROOT).as_posix() for path in (ROOT / "engine/analysis").glob("[!_]*.py")}
    assert (drawn | analysis) - FILES == set(), ADD


def test_the_seed_chooses_among_several_changes(tmp_path) -> None:
    source = tmp_path / "list.yaml"
    source.write_text('seed: 1\nmutations:\n  - {name: a/b, file: f, old: "1", new: [a, b, c, d], likely: x}\n')
    found = [mutate.read(source, seed)[0].new for seed in range(9)]
    assert found == [mutate.read(source, seed)[0].new for seed in range(9)]
    assert 1 < len(set(found)) <= 4
    assert mutate.read(source)[0].new == found[1]
    source.write_text("seed: 1\nmutations:\n  - {name: a/b, file: f, was: x}\n")
    with pytest.raises(InputError, match="a/b: unknown or missing"):
        mutate.read(source)


@pytest.mark.parametrize("text", ["0\n", "1\n1\n"])
def test_a_text_that_is_not_there_once_is_refused(tmp_path, text) -> None:
    (tmp_path / "a.py").write_text(text)
    with pytest.raises(InputError, match=r"a/b: '1' is . times in a.py"):
        ONE.apply(tmp_path)


def test_a_copy_that_would_load_other_code_is_refused(tmp_path) -> None:
    bench = mutants.Bench(tmp_path, tmp_path / "kernels")
    (tmp_path / "empty").mkdir()
    with pytest.raises(RenderError, match=r"runner.verify of the copy would be loaded from"):
        bench.verify(tmp_path / "empty", "*")
    assert (bench.clean / "engine/director.py").read_bytes() == (ROOT / "engine/director.py").read_bytes()


def test_a_result_holds_as_long_as_what_it_depends_on(tmp_path) -> None:
    bench = SimpleNamespace(key=lambda mutation, golden: f"{mutation.new} {golden} {bench.code}", code="1")
    result = mutants.Result("a/b", 2.5, "goldens/x", 3)
    mutants.Memory(tmp_path, used=True).keep(bench, ONE, result)
    assert mutants.Memory(tmp_path, used=True).recall(bench, ONE) == result
    assert mutants.Memory(tmp_path, used=False).recall(bench, ONE) is None
    bench.code = "2"
    assert mutants.Memory(tmp_path, used=True).recall(bench, ONE) is None
    mutants.Memory(tmp_path, used=True).keep(bench, ONE, mutants.Result("a/b", 1.0, error="it broke"))
    assert mutants.Memory(tmp_path, used=True).recall(bench, ONE) is None


@pytest.mark.parametrize(
    ("caught", "escaped", "explained", "broken", "status"),
    [(20, 0, 0, 0, 0), (19, 0, 1, 0, 0), (19, 1, 0, 0, 4), (18, 0, 2, 0, 4), (20, 0, 0, 1, 1)],
)
def test_the_verdict(caught, escaped, explained, broken, status) -> None:
    found = [(ONE, mutants.Result("a/b", 1.0, "goldens/x", 3))] * caught
    found += [(ONE, mutants.Result("a/b", 1.0))] * escaped + [(EXPLAINED, mutants.Result("a/c", 1.0))] * explained
    found += [(ONE, mutants.Result("a/b", 1.0, error="it broke"))] * broken
    assert mutate.verdict(found) == status
    shown = "\n".join(mutate.table(found))
    assert "| a/b | `1` -> `2` | x | 3 | 1.0 |" in shown
    assert f"**{len(found)} mutations: {caught} caught (" in shown
    assert ("NOT EXPLAINED" in shown) == bool(escaped)
    assert ("- a/c escapes: nobody can" in shown) == bool(explained)
    assert ("it broke" in shown) == bool(broken)


def test_parts_and_names(capsys) -> None:
    parts = [mutate.chosen(LIST, "*", f"{part}/3") for part in (1, 2, 3)]
    assert sorted(one.name for part in parts for one in part) == sorted(one.name for one in LIST)
    assert mutate.main(["--list", "--only", "effects/solid"]) == 0
    assert capsys.readouterr().out == "effects/solid\n"
    assert mutate.main(["--only", "nothing"]) == 2
    assert "error: no mutation is of --only nothing" in capsys.readouterr().err


def test_paths_of_the_list_lie_in_what_is_copied() -> None:
    assert {Path(name).parts[0] for name in FILES} <= set(mutants.COPIED)
