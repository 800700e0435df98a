"""The pages that are made from the presets and the catalogs are as these say now."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from runner import preset

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def made() -> ModuleType:
    found = importlib.util.spec_from_file_location("gallery", ROOT / "ci/gallery.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["gallery", "effects"])
def test_a_made_page_is_up_to_date(page: str, made: ModuleType) -> None:
    stored = (ROOT / f"docs/{page}.md").read_text(encoding="utf-8")
    assert stored == getattr(made, page)(), "run: .venv/bin/python ci/gallery.py"


@pytest.mark.parametrize("name", preset.names())
def test_every_preset_has_a_small_picture(name: str) -> None:
    assert 10_000 < (ROOT / f"docs/images/{name}.jpg").stat().st_size < 200_000
