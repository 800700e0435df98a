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
    """Tests that use the device run after all others of the session."""
    items.sort(key=lambda item: "device" in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def kernel_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A kernel cache that the session's processes share and no other session has filled."""
    return tmp_path_factory.mktemp("kernels")


@pytest.fixture(scope="session")
def device(kernel_cache: Path) -> Iterator[Device]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRACKREEL_CACHE", str(kernel_cache))
        yield devices.start("cpu", 2)
