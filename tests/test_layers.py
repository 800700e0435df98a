"""The layers in pyproject.toml name every module: import-linter says nothing about one that it was not told of."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_every_module_has_its_layer() -> None:
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    (layers,) = (one["layers"] for one in tools["importlinter"]["contracts"] if one["type"] == "layers")
    placed = [name for layer in layers for name in re.findall(r"[\w.]+", layer)]
    assert len(placed) == len(set(placed))
    found = {
        f"{package}.{one.stem}"
        for package in ("engine", "runner")
        for one in (ROOT / package).iterdir()
        if (one.suffix == ".py" and one.stem != "__init__") or (one / "__init__.py").exists()
    }
    assert found - set(placed) == set()
