"""`presets new`: what it writes is a preset, with or without another one to start from; nothing is written over."""

from pathlib import Path

import pytest

from engine.errors import InputError, OutputError
from runner import preset, presetstart


def test_the_start_is_a_preset_that_names_the_next_step(tmp_path: Path) -> None:
    path = presetstart.write("mine", folder=tmp_path)
    info = preset.describe(str(path))
    assert info.name == "mine"
    assert set(info.params) == {"light", "speed"}
    assert presetstart.still(path) in path.read_text()
    assert (tmp_path / "preset.schema.json").exists()


@pytest.mark.parametrize("origin", preset.names())
def test_a_copy_draws_what_its_origin_draws(tmp_path: Path, origin: str) -> None:
    path = presetstart.write("mine", origin, tmp_path)
    info, source = preset.describe(str(path)), preset.describe(origin)
    assert info.name == "mine"
    assert (info.scene.layers, info.scene.post, info.params) == (source.scene.layers, source.scene.post, source.params)


def test_a_file_of_one_s_own_can_be_copied_too(folder: Path) -> None:
    path = presetstart.write("mine", str(folder / "plain.yaml"), folder)
    assert preset.describe(str(path)).scene.palette == ("#05070f", "#37e0a0")


@pytest.mark.parametrize("name", ["", "Mine", "../mine", "mine.yaml", "9"])
def test_a_name_that_cannot_be_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="is no name for a preset"):
        presetstart.write(name, folder=tmp_path)
    assert not list(tmp_path.iterdir())


def test_what_is_there_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("mine")
    with pytest.raises(InputError, match="exists"):
        presetstart.write("mine", folder=tmp_path)
    assert (tmp_path / "mine.yaml").read_text() == "mine"
    with pytest.raises(InputError, match="unknown preset"):
        presetstart.write("other", "plasam", tmp_path)
    with pytest.raises(OutputError, match="cannot write"):
        presetstart.write("other", folder=tmp_path / "mine.yaml")
