from __future__ import annotations

import pytest

from runner import backends


def test_the_cpu_works() -> None:
    works, detail = backends.probe_backend("cpu")
    assert (works, detail.startswith("works (1.")) == (True, True)


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ("import time; time.sleep(60)", "did not answer within 0.5 s"),
        ("import os; os.kill(os.getpid(), 11)", "its driver crashed (signal 11)"),
        ("raise RuntimeError('Arch=[<Arch.cuda: 3>] is not supported')", "no driver or device for it here"),
        ("raise RuntimeError('no device')", "not usable: RuntimeError: no device"),
    ],
)
def test_a_backend_that_hangs_crashes_or_fails(monkeypatch: pytest.MonkeyPatch, body: str, detail: str) -> None:
    monkeypatch.setattr(backends, "_PROBE", body)
    seconds = 0.5 if "sleep" in body else 60
    assert backends.probe_backend("vulkan", seconds) == (False, detail)
