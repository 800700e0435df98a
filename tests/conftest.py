"""What holds for every test."""

import pytest
from hypothesis import settings

# No test measures time: a busy machine must not fail one. The examples are the same in every run: a change is judged by
# what it changed, not by luck. `pytest --hypothesis-profile=explore` looks for new ones, as the nightly run does.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=1000)
settings.load_profile("steady")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What one process of `make test` gets: a file's tests, for its fixtures; of those of presets, a preset's."""
    for item in items:
        preset = getattr(item, "callspec", None) and item.callspec.params.get("name")
        group = f"{preset}" if item.path.name == "test_presets.py" and preset else item.path.as_posix()
        item.add_marker(pytest.mark.xdist_group(group))
