import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.errors import InputError
from runner import goldenfiles, job, update
from tests import trackreel
from tests.goldens import Goldens

OLD = {
    "framemd5": b"old",
    "json": b'{"files": {"framemd5": "", "a.png": "", "b.png": ""}}',
    "a.png": b"a",
    "b.png": b"b",
}
NEW = {
    "framemd5": b"new",
    "json": b'{"files": {"framemd5": "", "b.png": "", "c.png": ""}}',
    "b.png": b"B",
    "c.png": b"C",
}
NAMES = sorted({*OLD, *NEW})


@pytest.fixture
def goldens(tmp_path: Path) -> Goldens:
    return Goldens(tmp_path)


def content(base: Path) -> dict[str, bytes]:
    return {name: data for name in NAMES if (data := goldenfiles.read(base, name)) is not None}


class Killed(BaseException):
    """What ends a process at a chosen moment."""


def kill_at(monkeypatch: pytest.MonkeyPatch, moment: int) -> None:
    """End at the `moment`th call that changes the disk."""
    calls = 0

    def counted(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **keywords: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == moment:
                raise Killed
            return original(*arguments, **keywords)

        return call

    for name in ("open", "mkdir", "rename", "replace", "unlink", "rmdir"):
        monkeypatch.setattr(Path, name, counted(getattr(Path, name)))


@pytest.mark.parametrize("moment", range(1, 21))
def test_a_golden_is_old_or_new_whenever_an_update_dies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    base = tmp_path / "v" / "one"
    goldenfiles.write(base, OLD)
    assert content(base) == OLD
    with monkeypatch.context() as patch:
        kill_at(patch, moment)
        try:
            goldenfiles.write(base, NEW)
            died = False
        except Killed:
            died = True
    known = json.loads(content(base)["json"])["files"]
    found = {name: data for name, data in content(base).items() if name == "json" or name in known}
    assert found in (OLD, NEW)
    assert died or found == NEW
    assert list(goldenfiles.names(tmp_path)) == ["v/one"]
    was = found
    goldenfiles.settle(base)  # the next update
    assert content(base) == was
    assert sorted(one.name for one in base.parent.iterdir()) == ["one", "one.framemd5", "one.json"]
    assert sorted(one.name for one in base.iterdir()) == sorted({*was} - {"framemd5", "json"})


def test_moments_cover_an_update(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = tmp_path / "v" / "one"
    goldenfiles.write(base, OLD)
    with monkeypatch.context() as patch:
        kill_at(patch, 21)
        goldenfiles.write(base, NEW)  # is over before
    assert content(base) == NEW


def test_records_updates_what_changed_and_nothing_the_second_time(goldens: Goldens) -> None:
    done = goldens.update()
    assert done.returncode == 0, done.stderr
    assert "v/plain: new, 6 frames" in done.stderr
    assert "2 new, 0 changed, 0 unchanged" in done.stderr
    note = json.loads((goldens.folder / "golden/v/plain.json").read_text())
    assert note["reason"] == "the first"
    assert note["versions"]["taichi"]
    assert note["recipe"]["canvas"] == {"width": 64, "height": 48, "fps": "10"}
    before = goldens.state()
    goldens.edit("u.yaml", "the first", "another")
    done = goldens.update()
    assert done.returncode == 0, done.stderr
    assert "0 new, 0 changed, 2 unchanged" in done.stderr
    assert goldens.state() == before
    goldens.edit("plain.yaml", "0.4 +", "0.5 +")
    done = goldens.update()
    assert "1 unchanged; the reason kept with them: another" in done.stderr
    assert "v/plain: changed: the recipe changed (scenes.0.locals.gain" in done.stderr
    assert "0 new, 1 changed, 1 unchanged" in done.stderr
    after = goldens.state()
    assert {name for name in after if after[name] != before[name]} >= {"v/plain.framemd5", "v/plain.json"}
    assert all(after[name] == before[name] for name in after if name.startswith("v/bars"))
    assert json.loads((goldens.folder / "golden/v/plain.json").read_text())["reason"] == "another"
    assert goldens.verify().returncode == 0


def test_only_a_few(goldens: Goldens) -> None:
    done = goldens.update("--only", "v/bars")
    assert done.returncode == 0, done.stderr
    assert sorted(one.name for one in (goldens.folder / "golden/v").iterdir()) == ["bars", "bars.framemd5", "bars.json"]


@pytest.mark.parametrize("value", ["true", "yes", " TRUE", "0", "false", ""])
def test_only_a_ci_that_is_true_counts(goldens: Goldens, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", value)
    loaded = job.load(goldens.folder / "u.yaml")
    if value in {"0", "false", ""}:
        update.refuse(loaded, {})
    else:
        with pytest.raises(InputError, match="CI"):
            update.refuse(loaded, {})


def test_is_refused_in_ci(goldens: Goldens) -> None:
    done = goldens.update(env={"CI": "1"})
    assert done.returncode == 2
    assert "goldens are not updated where CI is set" in done.stderr
    assert not (goldens.folder / "golden").exists()
    assert not (goldens.folder / "out").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--shard", "1/2"], "not updated in parts"),
        (["--set", "reason= "], "the reason is empty"),
        (["--set", "reason=Say why..."], "'Say why...' is no reason, but the place of one"),
        (["--only", "nothing"], "no task matches --only 'nothing'"),
    ],
)
def test_is_refused(goldens: Goldens, words: list[str], message: str) -> None:
    done = trackreel.call("run", "u.yaml", *words, cwd=goldens.folder, env={"CI": ""})
    assert done.returncode == 2, done.stderr
    assert message in done.stderr
    assert not (goldens.folder / "golden").exists()


def test_is_not_run_beside_other_jobs(goldens: Goldens) -> None:
    done = trackreel.call("run", "u.yaml", "v.yaml", cwd=goldens.folder, env={"CI": ""})
    assert done.returncode == 2
    assert "goldens are updated by a run of their own" in done.stderr
    assert not (goldens.folder / "golden").exists()


def test_another_backend_is_refused(goldens: Goldens) -> None:
    goldens.edit("v.yaml", "video:", "engine: {backend: vulkan}\nvideo:")
    done = trackreel.call("run", "u.yaml", cwd=goldens.folder, env={"CI": ""})
    assert done.returncode == 2
    assert "on the cpu backend alone" in done.stderr


def test_changes_nothing_when_a_task_fails(goldens: Goldens) -> None:
    assert goldens.update().returncode == 0
    before = goldens.state()
    goldens.edit("plain.yaml", "0.4 +", "0.5 +")
    goldens.edit("bars.yaml", '"0.4 + 0.6*loudness"', '"1 / (t - 0.2)"')
    done = goldens.update()
    assert done.returncode == 2, done.stderr
    assert "no golden was changed: not every task could be recorded (v/bars)" in done.stderr
    assert goldens.state() == before


def test_unused_goldens_are_named_and_removed_on_request(goldens: Goldens) -> None:
    assert goldens.update().returncode == 0
    goldens.edit("v.yaml", "[./plain.yaml, ./bars.yaml]", "[./bars.yaml]")
    before = goldens.state()
    done = goldens.update()
    assert "v/plain: no task has it any more; `prune: true` removes it" in done.stderr
    assert goldens.state() == before
    done = goldens.update("--set", "prune=true")
    assert done.returncode == 0, done.stderr
    assert "v/plain: removed, no task has it any more" in done.stderr
    assert sorted(one.name for one in (goldens.folder / "golden/v").iterdir()) == ["bars", "bars.framemd5", "bars.json"]


def test_a_journal_that_cannot_be_finished_is_refused_before_anything_is_drawn(goldens: Goldens) -> None:
    commit = goldens.folder / "golden/v/.plain.commit"
    commit.mkdir(parents=True)
    (commit / "json").write_text("{")
    done = trackreel.call("run", "u.yaml", cwd=goldens.folder, env={"CI": ""})
    assert done.returncode == 1, done.stderr
    assert f"the unfinished update {commit} cannot be finished: its json cannot be read" in done.stderr
    assert not (goldens.folder / "out").exists()
    assert [one.name for one in (goldens.folder / "golden/v").iterdir()] == [".plain.commit"]


@pytest.mark.parametrize("file", [2, 7, 9])
def test_a_killed_process_leaves_old_or_new(tmp_path: Path, file: int) -> None:
    """SIGKILL at a certain fsync or rename of an update; the files are those of one of the two."""
    base = tmp_path / "v" / "one"
    goldenfiles.write(base, OLD)
    script = (
        "import os, signal, sys\nfrom pathlib import Path\n"
        "from runner import goldenfiles\nfrom tests.runner.test_update_goldens import NEW\n"
        "calls = 0\n"
        "def kill(original):\n"
        "    def call(*arguments):\n"
        "        global calls\n        calls += 1\n"
        f"        if calls == {file}:\n            os.kill(os.getpid(), signal.SIGKILL)\n"
        "        return original(*arguments)\n"
        "    return call\n"
        "os.fsync, os.rename, os.replace = map(kill, (os.fsync, os.rename, os.replace))\n"
        "goldenfiles.write(Path(sys.argv[1]), NEW)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(base)], cwd=trackreel.ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    found = content(base)
    known = json.loads(found["json"])["files"]
    assert {name: data for name, data in found.items() if name == "json" or name in known} in (OLD, NEW)
    goldenfiles.write(base, NEW)
    assert content(base) == NEW
    assert not [one for one in base.parent.iterdir() if one.name.startswith(".")]


def test_a_link_does_not_lead_out(goldens: Goldens) -> None:
    (goldens.folder / "golden").mkdir()
    (goldens.folder / "elsewhere").mkdir()
    (goldens.folder / "golden/v").symlink_to("../elsewhere")
    done = goldens.update()
    assert done.returncode == 1, done.stderr
    assert "leaves" in done.stderr
    assert "through a link" in done.stderr
    assert not list((goldens.folder / "elsewhere").iterdir())
