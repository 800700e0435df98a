"""jobs/goldens.yaml leaves nothing out, and golden/ is what it says."""

from __future__ import annotations

import json

import pytest

from engine.effects.catalog import BLENDS, EFFECTS
from engine.overlay.values import KINDS
from engine.post.catalog import PASSES
from engine.scene import QUALITIES, SWITCH_MODES, TRANSITIONS
from runner import goldenfiles, job, plan, preset
from runner.task import Task
from tests.trackreel import ROOT

JOBS = [ROOT / "jobs" / one for one in ("goldens.yaml", "goldens-encoded.yaml")]
MAX_BYTES = 6_000_000


@pytest.fixture(scope="module")
def tasks() -> list[Task]:
    return [task for path in JOBS for task in plan.tasks(job.load(path))]


def test_everything_that_draws_has_a_golden(tasks: list[Task]) -> None:
    scenes = [scene for task in tasks for scene in task.scenes]
    layers = [layer for scene in scenes for layer in scene.layers]
    assert {one.name for task in tasks for one in task.presets} >= set(preset.ORDER)
    assert {layer.effect for layer in layers} == set(EFFECTS)
    assert {layer.blend for layer in layers} == set(BLENDS)
    assert {name for scene in scenes for name in scene.post} == set(PASSES)
    assert {item.kind for task in tasks for item in task.overlay} == set(KINDS)
    assert {task.quality for task in tasks} == set(QUALITIES)
    assert {task.switch.mode for task in tasks} == set(SWITCH_MODES)
    assert {kind for task in tasks for kind in task.switch.change.kinds} == set(TRANSITIONS)


def test_every_parameter_moves_away_from_its_default_somewhere(tasks: list[Task]) -> None:
    said = {
        (layer.effect, name)
        for task in tasks
        for scene in task.scenes
        for layer in scene.layers
        for name, value in layer.params.items()
        if value != EFFECTS[layer.effect].params[name].default
    }
    assert {(effect, name) for effect, spec in EFFECTS.items() for name in spec.params} == said


def test_every_golden_belongs_to_a_task_and_is_small(tasks: list[Task]) -> None:
    golden = ROOT / "golden"
    assert set(goldenfiles.names(golden)) == {task.id for task in tasks}
    files = [one for one in golden.rglob("*") if one.is_file()]
    assert sum(one.stat().st_size for one in files) < MAX_BYTES
    assert not [one for one in files if one.name.startswith(".")]
    vouched = 0
    for task in tasks:
        note = json.loads((golden / f"{task.id}.json").read_text())
        assert note["frames"] == task.frame_count
        vouched += len(note["files"]) + 1
    assert vouched == len(files)
