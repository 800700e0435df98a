"""SIGKILL to a whole update, in the middle of drawing and of writing: every golden is the old one or the new one."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import time
from pathlib import Path

from runner import goldenfiles
from tests import trackreel
from tests.goldens import Goldens

SEED = os.environ.get("TRACKREEL_CHAOS_SEED", "")
"""Set, it chooses other moments, and more of them: `TRACKREEL_CHAOS_SEED=7 pytest tests/test_killed_update.py`."""

ONE_GOLDEN = 18
"""As many changes of the disk as a golden takes: folders, a rename, and a move of each file."""

KILL = """\
import os, signal

left = int(os.environ.get("KILL_AT", 0))

def mortal(original):
    def call(path, *arguments, **keywords):
        global left
        if "/golden/v" in str(path):
            left -= 1
            if left == 0:
                os.killpg(os.getpgrp(), signal.SIGKILL)
        return original(path, *arguments, **keywords)
    return call

for name in ("mkdir", "rename", "replace", "rmdir"):
    setattr(os, name, mortal(getattr(os, name)))
"""


class Killed(Goldens):
    """Goldens whose updates are killed."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        (folder / "kill").mkdir()
        (folder / "kill/sitecustomize.py").write_text(KILL)

    def kill_at(self, moment: int) -> bool:
        """An update that dies, with its whole group, at the `moment`th change of the disk below golden/v, if ever."""
        env = {"CI": "", "KILL_AT": str(moment), "PYTHONPATH": f"{self.folder / 'kill'}:{trackreel.ROOT}"}
        process = trackreel.start("run", "u.yaml", "-q", cwd=self.folder, env=env)
        _, said = process.communicate(timeout=120)
        assert process.returncode in {-signal.SIGKILL, 0}, said
        return process.returncode != 0

    def kill_while_it_draws(self) -> None:
        process = trackreel.start("run", "u.yaml", "-q", cwd=self.folder, env={"CI": ""})
        while not list(self.folder.glob("out/.runs/*/goldens/v")):
            assert process.poll() is None, process.communicate()[1]
            time.sleep(0.005)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=120)

    def files(self, name: str) -> dict[str, bytes]:
        """A golden, by its provenance; every file is what this vouches for."""
        base = self.folder / "golden/v" / name
        note = goldenfiles.read(base, "json")
        assert note is not None
        found = {"json": note}
        for one, digest in json.loads(note)["files"].items():
            data = goldenfiles.read(base, one)
            assert data is not None, one
            assert hashlib.sha256(data).hexdigest() == digest, one
            found[one] = data
        assert {"framemd5", "sketch.gz", "timeline.jsonl.gz", "000000.png", "000003.png", "000005.png"} < set(found)
        return found

    def left(self) -> list[str]:
        """What an update leaves to nobody's use: journals, locks, recordings."""
        found = [*(self.folder / "golden").rglob(".*"), *self.folder.glob("out/.runs/*/goldens")]
        return [str(one.relative_to(self.folder)) for one in found]


def test_old_or_new_whenever_an_update_is_killed(tmp_path: Path) -> None:
    goldens = Killed(tmp_path)
    goldens.kill_while_it_draws()
    assert goldens.state().keys() <= {".trackreel.lock"}
    assert goldens.update("-q").returncode == 0
    assert goldens.left() == []
    old = {name: goldens.files(name) for name in ("plain", "bars")}
    for preset in old:
        goldens.edit(f"{preset}.yaml", "0.4 +", "0.5 +")
    goldens.edit("u.yaml", "the first", "the second")
    chance = random.Random(SEED or "1")
    moments = [chance.randint(6, ONE_GOLDEN - 2)]  # between the files of the first golden
    moments += [chance.randint(1, 2 * ONE_GOLDEN) for _ in range(5 if SEED else 0)]
    unfinished = 0
    for moment in moments:
        assert goldens.kill_at(moment) or SEED
        for name, before in old.items():
            now = goldens.files(name)
            assert now == before or json.loads(now["json"])["reason"] == "the second"
            assert (now["framemd5"] == before["framemd5"]) == (now == before)
        unfinished += any(goldens.folder.glob("golden/v/.*.commit"))
    assert unfinished
    done = goldens.update()
    assert done.returncode == 0, done.stderr
    assert "v/plain: finished an update that was interrupted" in done.stderr or SEED
    assert goldens.left() == []
    for name, before in old.items():
        note = json.loads(goldens.files(name)["json"])
        assert note["reason"] == "the second"
        assert goldens.files(name)["framemd5"] != before["framemd5"]
    state = goldens.state()
    done = goldens.update()
    assert "0 new, 0 changed, 2 unchanged" in done.stderr
    assert goldens.state() == state
    assert goldens.left() == []
