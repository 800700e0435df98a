"""Edited goldens are put back, not recorded over; and a stranger's repository runs nothing."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from engine.errors import InputError
from runner import goldenguard
from tests import trackreel
from tests.goldens import Goldens
from tests.trackreel import ROOT

NAME = "scope-pulse-16x16-30-balanced-manual"
pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="no git is installed")


def git(folder: Path, *words: str) -> None:
    plain = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false", "-c", "core.hooksPath=none"]
    subprocess.run(["git", "-C", folder, *plain, *words], check=True, capture_output=True)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A golden that is committed."""
    source = ROOT / "golden/goldens" / NAME
    made = tmp_path / "golden/v/one"
    shutil.copytree(source, made)
    for suffix in ("framemd5", "json"):
        shutil.copy(source.with_name(f"{NAME}.{suffix}"), made.with_name(f"one.{suffix}"))
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "one")
    return made


def edit(path: Path, old: str, new: str) -> None:
    data = path.read_bytes()
    assert old.encode() in data
    path.write_bytes(data.replace(old.encode(), new.encode()))


def refusal(base: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        goldenguard.check([base, base.with_name("another")])
    return caught.value


def test_what_was_recorded_is_not_refused(base: Path) -> None:
    goldenguard.check([base])
    edit(base.with_name("one.json"), '"reason": "', '"reason": "again: ')  # another update, not committed yet
    goldenguard.check([base])


def test_an_edited_golden_is_put_back(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hashes = base.with_name("one.framemd5")
    data = hashes.read_bytes()
    edit(hashes, "#tb 0: 1/30", "#tb 0: 1/25")
    monkeypatch.chdir(base.parent)
    refused = refusal(base)
    assert "one was edited, not recorded: one.framemd5 was changed since it was recorded" in refused.message
    assert refused.hint == (
        "`git checkout HEAD -- one.framemd5` puts it back; or remove its files, to record it from scratch"
    )
    git(base.parent, "checkout", "HEAD", "--", "one.framemd5")
    assert hashes.read_bytes() == data
    goldenguard.check([base])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("one.framemd5", "one.framemd5 is missing"),
        ("one.json", "one.json is missing"),
        ("one/sketch.gz", "one/sketch.gz is missing"),
    ],
)
def test_half_a_golden_is_put_back(base: Path, name: str, words: str) -> None:
    (base.parent / name).unlink()
    refused = refusal(base)
    assert words in refused.message
    assert name in refused.hint


def test_an_update_is_refused_before_anything_is_drawn(base: Path, tmp_path: Path) -> None:
    Goldens(tmp_path)
    base.rename(base.with_name("plain"))
    for suffix in ("framemd5", "json"):
        base.with_name(f"one.{suffix}").rename(base.with_name(f"plain.{suffix}"))
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "plain")
    hashes = base.with_name("plain.framemd5")
    edit(hashes, "#tb 0: 1/30", "#tb 0: 1/25")
    data = hashes.read_bytes()
    done = trackreel.call("run", "u.yaml", cwd=tmp_path, env={"CI": ""})
    assert done.returncode == 2, done.stderr
    assert "error: golden/v/plain was edited, not recorded: plain.framemd5 was changed since it was" in done.stderr
    assert "hint: `git checkout HEAD -- golden/v/plain.framemd5` puts it back" in done.stderr
    assert hashes.read_bytes() == data
    assert not (tmp_path / "out").exists()


def test_line_ends_have_their_own_hint(base: Path) -> None:
    edit(base.with_name("one.framemd5"), "\n", "\r\n")
    assert "its lines end in CR LF" in refusal(base).message
    assert ".gitattributes" in refusal(base).hint


def test_a_conflict_is_put_back(base: Path) -> None:
    edit(base.with_name("one.json"), '"version": 1', '<<<<<<< HEAD\n"version": 1\n=======\n"version": 1\n>>>>>>> x')
    assert "one.json is damaged" in refusal(base).message


def test_what_git_does_not_know_better_is_recorded_over(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edit(base.with_name("one.framemd5"), "#tb 0: 1/30", "#tb 0: 1/25")
    with monkeypatch.context() as patch:
        patch.setenv("PATH", "")
        goldenguard.check([base])  # no git
    git(base.parent, "commit", "-q", "-a", "-m", "damaged")
    goldenguard.check([base])
    shutil.rmtree(base.parents[2] / ".git")
    goldenguard.check([base])  # no repository
    shutil.rmtree(base.parent)
    goldenguard.check([base])  # nothing at all


def test_a_strangers_repository_runs_nothing(base: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch '{ran}'\ncat\n")
    program.chmod(0o755)
    for key in (
        "core.fsmonitor",
        "filter.x.clean",
        "filter.x.smudge",
        "filter.x.process",
        "core.pager",
        "diff.external",
    ):
        git(tmp_path, "config", key, str(program))
    (tmp_path / ".gitattributes").write_text("* filter=x\n")
    edit(base.with_name("one.framemd5"), "#tb 0: 1/30", "#tb 0: 1/25")
    assert refusal(base)
    assert not ran.exists()
    subprocess.run(["git", "-C", tmp_path, "status"], check=False, capture_output=True)
    assert ran.exists()  # it would have
