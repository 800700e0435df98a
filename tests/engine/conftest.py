"""Taichi, started once and late: it switches its process to flush-to-zero, which tests of the analysis must not see."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import device as devices
from engine.device import Device

# Before any test module imports Taichi: it greets on stdout and asks a server for its newest version.
os.environ["TI_SKIP_VERSION_CHECK"] = "ON"
os.environ["ENABLE_TAICHI_HEADER_PRINT"] = "0"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with tests that use the device run after all others: a process that has it never goes back."""
    late = {item.path for item in items if "device" in getattr(item, "fixturenames", ())}
    items.sort(key=lambda item: item.path in late)


@pytest.fixture(scope="session")
def kernel_cache(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """A kernel cache that the session's processes share and no other session has filled."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if hasattr(request.config, "workerinput") else base  # pytest-xdist: a folder for each worker
    folder = shared / "kernels"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def device(kernel_cache: Path) -> Iterator[Device]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRACKREEL_CACHE", str(kernel_cache))
        yield devices.start("cpu", 2)
