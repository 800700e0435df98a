"""Preset files: what is filled in, what is refused and where, and the built-in ones."""

import os
from pathlib import Path

import pytest

from engine.effects.catalog import EFFECTS
from engine.errors import InputError
from engine.palettes import PALETTES
from engine.post.catalog import PASSES
from engine.scene import Scene
from runner import preset
from runner.diagnostics import JobError
from tests.runner.conftest import PLAIN


def edit(folder: Path, old: str, new: str) -> Path:
    assert old in PLAIN
    path = folder / "edited.yaml"
    path.write_text(PLAIN.replace(old, new))
    return path


def problems(path: Path) -> list[str]:
    with pytest.raises(JobError) as caught:
        preset.describe(str(path))
    return [str(one).removeprefix(f"{path}:") for one in caught.value.diagnostics]


def test_everything_is_filled_in(folder: Path) -> None:
    scene = preset.load("./plain.yaml", {}, folder)
    solid = {name: one.default for name, one in EFFECTS["solid"].params.items()}
    assert dict(scene.layers[0].params) == {**solid, "gain": "more"}
    assert list(scene.layers[0].params) == list(EFFECTS["solid"].params)
    assert (scene.layers[0].blend, scene.layers[0].opacity) == ("normal", 1.0)
    assert scene.palette == ("#05070f", "#37e0a0")
    assert dict(scene.locals) == {"glow": "0.4 + 0.6*bass", "more": "glow / 2"}
    assert dict(scene.limits) == {"glow": (0.0, 2.0), "more": (0.0, 1.0)}


def test_passes_run_in_the_engines_order_and_only_tonemap_and_dither_come_unasked(folder: Path) -> None:
    scene = preset.load(str(folder / "plain.yaml"), {})
    assert list(scene.post) == ["tonemap", "vignette", "dither"]
    assert scene.post["vignette"] == {"strength": 0.5, "radius": PASSES["vignette"].params["radius"].default}
    assert scene.post["dither"] == {"strength": 1.0}


def test_the_word_of_an_option_is_kept_unless_it_is_the_first(folder: Path) -> None:
    words = [
        preset.describe(str(edit(folder, "vignette:", "tonemap: {curve: " + one + "}, vignette:")))
        for one in ("agx", "filmic")
    ]
    assert [one.scene.post["tonemap"].get("curve") for one in words] == ["agx", None]
    assert list(words[0].scene.post) == ["tonemap", "vignette", "dither"]


def test_a_jobs_params_replace_defaults(folder: Path) -> None:
    scene = preset.load(str(folder / "plain.yaml"), {"glow": 1, "more": "glow * beat"})
    assert dict(scene.locals) == {"glow": 1.0, "more": "glow * beat"}
    assert isinstance(scene.locals["glow"], float)
    assert Scene.from_dict(scene.to_dict()) == scene


def test_a_changed_file_is_read_again(folder: Path) -> None:
    path = edit(folder, "max: 2,", "max: 2,")
    assert preset.describe(str(path)).params["glow"].maximum == 2.0
    edit(folder, "max: 2,", "max: 3.5,")
    assert preset.describe(str(path)).params["glow"].maximum == 3.5


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("effect: solid", "effect: sold", "10:14: unknown effect \"sold\" (did you mean 'solid'?)"),
        ("{gain: more}", "{gian: more}", "10:30: unknown parameter \"gian\" (did you mean 'gain'?)"),
        ("{gain: more}", "{gain: 99}", "10:36: 'gain' is 99, outside 0 to 8"),
        ("{gain: more}", "{gain: 1 + mroe}", "10:40: 'gain': unknown name `mroe` (did you mean 'more'?)"),
        ("{gain: more}", '{gain: "bass.real"}', "10:37: "),
        ("effect: solid,", "effect: solid, blend: ad,", "10:28: unknown blend \"ad\" (did you mean 'add'?)"),
        ("effect: solid,", "effect: solid, opacity: 2,", "10:30: 'opacity' is 2, outside 0 to 1"),
        ("vignette:", "tonemap: {curve: agz}, vignette:", "11:25: unknown curve \"agz\" (did you mean 'agx'?)"),
        ("vignette:", "tonemap: {curve: 2}, vignette:", '11:25: unknown curve "2" (one of: filmic, reinhard'),
        ("vignette:", "tonemap: {curv: agx}, vignette:", "11:18: unknown parameter \"curv\" (did you mean 'curve'?)"),
        ("vignette", "vignet", "11:8: unknown post pass \"vignet\" (did you mean 'vignette'?)"),
        ('"glow / 2"', '"gloww / 2"', "8:20: 'default': unknown name `gloww` (did you mean 'glow'?)"),
        ('"glow / 2"', '"more / 2"', "8:20: 'default': unknown name `more`"),
        ('"glow / 2"', "7", "8:19: 'default' is 7, outside 0 to 1"),
        ("more: {", "bass: {", "8:3: 'bass' is a feature or function of the music already (rename it)"),
        ("min: 0, max: 2", "min: 3, max: 2", "7:42: 'glow': min is greater than max"),
        (
            "#37e0a0",
            "#37e0a",
            '5:22: palette item 2 must be an sRGB colour such as "#37e0a0" (in quotes), not "#37e0a"',
        ),
        ("palette:", "pallete:", "1:1: missing key 'palette'"),
        ("tags:", "tagz:", "4:1: unknown key 'tagz' (did you mean 'tags'?)"),
    ],
)
def test_what_is_wrong_is_said_at_its_place(folder: Path, old: str, new: str, expected: str) -> None:
    found = problems(edit(folder, old, new))
    assert any(one.startswith(expected) for one in found), found


LAYERS = "layers:\n  - {effect: solid, params: {gain: more}}\n"


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        (
            "{name: a, effect: solid, mask: a}",
            "10:36: layer 'a' masks itself (a mask must not depend",
        ),
        (
            "{name: a, effect: solid, mask: b}\n  - {name: b, effect: ring, mask: {layer: a, invert: true}}",
            "10:36: cyclic masks: 'a' -> 'b' -> 'a' (a mask must not depend on what it masks)",
        ),
        (
            "{effect: solid, mask: b}\n  - {name: b, effect: solid, mask: c}\n  - {name: c, effect: ring, mask: b}",
            "11:36: cyclic masks: 'b' -> 'c' -> 'b'",
        ),
        (
            "{name: sky, effect: solid}\n  - {effect: ring, mask: sku}",
            '11:26: unknown layer "sku" (did you mean',
        ),
        ("{effect: ring, mask: {layer: sky}}", '10:34: unknown layer "sky" (layers with names: none has a name yet'),
        ("{effect: ring, mask: {invert: true}}", "10:26: a mask names one of 'layer' and 'effect'"),
        ("{effect: ring, mask: {effect: ring, layer: a}}", "10:26: a mask names one of 'layer' and 'effect'"),
        ("{effect: ring, mask: {effect: ridg}}", "10:35: unknown effect \"ridg\" (did you mean 'ridge'?)"),
        ("{effect: ring, mask: {effect: ridge, params: {level: 9}}}", "10:58: 'level' is 9, outside -2 to 4"),
        ("{effect: ring, mask: {layer: a, params: {level: 1}}}", "10:37: a layer has its parameters already"),
        ("{name: a, effect: ring}\n  - {name: a, effect: ring}", '11:12: two layers have the name "a"'),
        ("{name: A B, effect: ring}", "10:12: name must be a short name"),
        ("{effect: ring, mask: 7}", "10:26: mask must be text or a mapping of keys, not 7"),
        ("{effect: ring, blend: overly}", "10:27: unknown blend \"overly\" (did you mean 'overlay'?)"),
    ],
)
def test_what_is_wrong_with_masks_is_said_at_its_place(folder: Path, layers: str, expected: str) -> None:
    found = problems(edit(folder, LAYERS, f"layers:\n  - {layers}\n"))
    assert any(one.startswith(expected) for one in found), found


def test_a_mask_names_a_layer_or_brings_an_effect_of_its_own(folder: Path) -> None:
    layers = (
        "  - {effect: solid, mask: {effect: ring, params: {gain: more}}}\n"
        "  - {effect: bars, blend: alpha, mask: hills}\n"
        "  - {name: hills, effect: ridge, mask: {effect: solid, invert: true}}\n"
    )
    scene = preset.load(str(edit(folder, LAYERS, f"layers:\n{layers}")), {})
    assert [one.effect for one in scene.layers] == ["solid", "bars", "ridge", "ring", "solid"]
    assert [(one.mask, one.inverted, one.hidden) for one in scene.layers] == [
        (3, False, False), (2, False, False), (4, True, False), (None, False, True), (None, False, True),
    ]  # fmt: skip
    assert scene.layers[3].params["gain"] == "more"
    assert Scene.from_dict(scene.to_dict()) == scene


@pytest.mark.parametrize(
    ("palette", "expected"),
    [
        ("embr", "5:10: unknown palette \"embr\" (did you mean 'ember'?)"),
        ("cover", '5:10: unknown palette "cover" (the cover art is the track\'s: say it in the job, as scene.palette)'),
        ("7", "5:10: palette must be text or a list, not 7"),
        ('["#000000"]', "5:10: palette must have at least 2 items, not 1"),
    ],
)
def test_a_palette_that_cannot_be_is_refused(folder: Path, palette: str, expected: str) -> None:
    found = problems(edit(folder, '["#05070F", "#37e0a0"]', palette))
    assert any(one.startswith(expected) for one in found), found


def test_a_palette_may_be_named(folder: Path) -> None:
    scene = preset.load(str(edit(folder, '["#05070F", "#37e0a0"]', "gold")), {})
    assert scene.palette == PALETTES["gold"].colours


def test_all_problems_come_at_once(folder: Path) -> None:
    assert len(problems(folder / "broken.yaml")) == 2


@pytest.mark.parametrize(
    ("params", "message", "hint"),
    [
        ({"glwo": 1}, "unknown parameter 'glwo' of preset 'plain'", "did you mean 'glow'?"),
        ({"glow": 3}, "'glow' is 3, outside 0 to 2", ""),
        ({"glow": "more"}, "'glow': unknown name `more`", ""),
        ({"glow": "1 +"}, "'glow': ", ""),
    ],
)
def test_params_that_cannot_be(folder: Path, params: dict[str, float | str], message: str, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        preset.load(str(folder / "plain.yaml"), params)
    assert caught.value.message.startswith(message)
    assert hint in caught.value.hint


def test_the_column_of_an_expression_is_known(folder: Path) -> None:
    (found,) = preset.check_params([preset.describe(str(folder / "plain.yaml"))], {"glow": "1 + bas"})
    assert (found.name, found.column) == ("glow", 5)


def test_unknown_names_and_indices() -> None:
    with pytest.raises(InputError, match="unknown preset"):
        preset.resolve("no such preset")
    with pytest.raises(InputError, match="there is no preset 999"):
        preset.resolve("999")
    with pytest.raises(JobError, match="no such file"):
        preset.describe("./none.yaml")


def test_a_pipe_is_no_preset_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")  # opening it would wait for a writer that never comes
    with pytest.raises(InputError, match=r"pipe\.yaml is not a regular file"):
        preset.check_name("./pipe.yaml", tmp_path)


@pytest.mark.parametrize("name", preset.names())
def test_every_built_in_preset_is_sound(name: str) -> None:
    info = preset.describe(name)
    assert info.name == name
    assert preset.resolve(str(preset.names().index(name))) == name
    assert all(one.description for one in info.params.values())
    assert Scene.from_dict(info.scene.to_dict()) == info.scene
