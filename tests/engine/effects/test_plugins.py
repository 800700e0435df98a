"""Effects of other packages: the page's example is found, checked and drawn; broken ones are told."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from engine import stack
from engine.device import Device
from engine.effects import plugins, registry
from engine.effects.catalog import BUILT_IN, EFFECTS
from engine.effects.plugins import PluginError
from engine.scene import Layer, Scene
from engine.stack import compile_stack
from runner import doctor, preset
from runner.diagnostics import JobError
from tests.engine.shows import music, renderer
from tests.trackreel import ROOT

Install = Callable[..., None]
PAGE = (ROOT / "docs/own-effects.md").read_text(encoding="utf-8")
SPEC, DRAWING = re.findall(r"^```python\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE)
PRESET = """\
version: 1
name: mine
description: A dawn.
palette: dusk
layers:
  - {effect: dawn, params: {gain: "0.5 + bass"}}
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Puts a package with one effect on the path, as pip does; other modules than the page's where they are given."""
    site = tmp_path / "site"
    monkeypatch.syspath_prepend(str(site))

    def put(name: str = "dawn", package: str = "my_effects", target: str = "", spec: str = SPEC) -> None:
        info = site / f"{package}-1.2.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.2\n")
        (info / "entry_points.txt").write_text(f"[trackreel.effects]\n{name} = {target or f'{package}:DAWN'}\n")
        (site / f"{package}.py").write_text(spec)
        (site / "my_effects_drawing.py").write_text(DRAWING)
        forget()

    forget()
    yield put
    forget()


def forget() -> None:
    plugins.found.cache_clear()
    plugins.load.cache_clear()
    stack._compile.cache_clear()
    for name in ("my_effects", "my_effects_drawing", "broken_drawing", "others", "thieves"):
        sys.modules.pop(name, None)


def written(tmp_path: Path) -> str:
    path = tmp_path / "mine.yaml"
    path.write_text(PRESET)
    return str(path)


def fault(tmp_path: Path) -> str:
    with pytest.raises(JobError) as caught:
        preset.describe(written(tmp_path))
    (one,) = caught.value.diagnostics
    return str(one).removeprefix(f"{tmp_path / 'mine.yaml'}:")


def test_a_preset_may_name_it_and_its_version_is_part_of_the_recipe(install: Install, tmp_path: Path) -> None:
    assert fault(tmp_path).startswith('6:14: unknown effect "dawn"')
    install()
    scene = preset.describe(written(tmp_path)).scene
    assert dict(scene.layers[0].params) == {"height": 0.0, "gain": "0.5 + bass"}
    assert scene.to_dict()["layers"][0]["origin"] == "my_effects 1.2"
    assert Scene.from_dict(scene.to_dict()) == scene
    assert list(EFFECTS) == [*BUILT_IN, "dawn"]
    assert EFFECTS.origin("solid") == ""
    (row,) = doctor._effects()
    assert (row.name, row.state, row.detail) == ("effect dawn", doctor.OK, "my_effects 1.2")
    other = replace(scene, layers=(replace(scene.layers[0], origin="my_effects 1.3"),))
    with pytest.raises(PluginError, match=r"planned with my_effects 1\.3, and here is my_effects 1\.2"):
        compile_stack(other, "balanced", by_rows=True)


def test_it_is_drawn(install: Install, device: Device) -> None:
    install()
    layer = Layer("dawn", {"height": 0.5, "gain": 1.0}, origin="my_effects 1.2")
    frame = renderer(device, Scene("s", ("#000000", "#ffffff"), (layer,), {}), music(1.0), 32, 18).frame(0)
    bright = frame[..., :3].sum(axis=(1, 2)).tolist()
    assert 3 <= bright.index(max(bright)) <= 5  # a quarter from the top
    assert bright[-1] < 0.05 * max(bright)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"spec": "import nothing_of_this_name\n"}, "ModuleNotFoundError: No module named"),
        ({"spec": "DAWN = 7\n"}, "the entry point leads to int, not to an engine.effects.plugins.Effect"),
        ({"spec": SPEC.replace("0.0, -1.0, 1.0", "2.0, -1.0, 1.0")}, "the parameter 'height' is no ParamSpec"),
        ({"target": "my_effects:GONE"}, "AttributeError"),
    ],
)
def test_a_broken_one_is_told_where_a_preset_names_it(
    install: Install, tmp_path: Path, how: dict[str, str], words: str
) -> None:
    install(**how)
    found = fault(tmp_path)
    assert found.startswith("6:14: the effect 'dawn' of my_effects 1.2 cannot be used: ")
    assert words in found
    (row,) = doctor._effects()
    assert (row.state, words in row.detail) == (doctor.WARN, True)


@pytest.mark.parametrize(
    ("drawing", "words"),
    [
        ("import nothing_of_this_name\n", "ModuleNotFoundError"),
        ("def build(slots):\n    return slots.params('size')\n", "KeyError: 'size'"),
        ("def build(slots):\n    return None\n", "build gives no Program"),
    ],
)
def test_drawing_that_fails_is_told_as_the_package_s(install: Install, drawing: str, words: str) -> None:
    install(spec=SPEC.replace("my_effects_drawing", "broken_drawing"))
    Path(plugins.found()["dawn"][0].entry.dist.locate_file("broken_drawing.py")).write_text(drawing)  # type: ignore[union-attr]
    layer = Layer("dawn", {"height": 0.5, "gain": 1.0})
    with pytest.raises(PluginError, match=rf"'dawn' of my_effects 1\.2 cannot be used: .*{words}") as caught:
        compile_stack(Scene("s", ("#000000", "#ffffff"), (layer,), {}), "balanced", by_rows=True)
    assert caught.value.exit_status == 3


def test_two_packages_with_one_name_are_refused_and_none_replaces_ours(install: Install, tmp_path: Path) -> None:
    install()
    install(package="others")
    assert fault(tmp_path).startswith("6:14: several packages bring an effect 'dawn': my_effects 1.2, others 1.2")
    install("solid", "thieves")
    assert EFFECTS["solid"] is BUILT_IN["solid"]
    assert registry.builder("solid").__module__ == "engine.effects.solid"
    told = {row.name: row.detail for row in doctor._effects()}
    assert "thieves 1.2 brings what is built in: ours is used" in told["effect solid"]
    assert "several packages" in told["effect dawn"]
